#include "joins.hpp"
#include "parity.hpp"
#include "schemes.hpp"

using namespace dyadic;
using schemes::by_shifts, schemes::four_bits, schemes::int8;

namespace {

struct three_valued : scheme {
  using weights = ternary<>;
  using activations = affine<4>;
};

}  // namespace

TEST_CASE_TEMPLATE("codes of sums of branches are the deployed ones", Scheme, int8, four_bits, by_shifts,
                   three_valued) {
  parity::check<joins::sums, Scheme>(21);
}

TEST_CASE_TEMPLATE("codes of concatenated branches are the deployed ones", Scheme, int8, four_bits, by_shifts,
                   three_valued) {
  parity::check<joins::inception, Scheme>(22);
}

TEST_CASE_TEMPLATE("codes of multiplied branches are the deployed ones", Scheme, int8, four_bits, by_shifts,
                   three_valued) {
  parity::check<joins::squeeze_and_excitation, Scheme>(23);
}
