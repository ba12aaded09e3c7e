#include "joins.hpp"
#include "many_inputs.hpp"

using namespace dyadic;

namespace {

struct int8 : scheme {};
struct four_bits : scheme {
  using weights = symmetric<4, per_channel, range::lsq>;
  using activations = affine<4, per_tensor, range::lsq>;
};
struct by_shifts : scheme {
  using rescale = power_of_two<>;
};
struct three_valued : scheme {
  using weights = ternary<>;
  using activations = affine<4>;
};

}  // namespace

TEST_CASE_TEMPLATE("codes of sums of branches are the deployed ones", Scheme, int8, four_bits, by_shifts,
                   three_valued) {
  parity::check_many<joins::sums, Scheme>(21);
}

TEST_CASE_TEMPLATE("codes of concatenated branches are the deployed ones", Scheme, int8, four_bits, by_shifts,
                   three_valued) {
  parity::check_many<joins::inception, Scheme>(22);
}

TEST_CASE_TEMPLATE("codes of multiplied branches are the deployed ones", Scheme, int8, four_bits, by_shifts,
                   three_valued) {
  parity::check_many<joins::squeeze_and_excitation, Scheme>(23);
}
