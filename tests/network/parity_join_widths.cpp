#include "../layer/rearranged.hpp"
#include "joins.hpp"
#include "many_inputs.hpp"

using namespace dyadic;

namespace {

/// Every scale is in its type.
struct in_types : scheme {
  using weights = fixed_point<8, 6>;
  using activations = fixed_point<8, 4>;
  using outputs = fixed_point<16, 8>;
  using rescale = power_of_two<>;
};
struct wide : scheme {
  using activations = symmetric<16>;
};

}  // namespace

TEST_CASE_TEMPLATE("branches meet and numbers move on fixed-point grids and in 16 bits", Scheme, in_types,
                   wide) {
  parity::check_many<joins::sums, Scheme>(71);
  parity::check_many<joins::inception, Scheme>(71);
  parity::check_many<joins::squeeze_and_excitation, Scheme>(71);
  parity::check_many<rearranged::padded, Scheme>(71);
  parity::check_many<rearranged::grown, Scheme>(71);
}
