#include "parity.hpp"
#include "sequences.hpp"

using namespace dyadic;

namespace {

template <class Weights, class Activations = affine<8>, class Policy = scheme::rescale> struct of : scheme {
  using weights = Weights;
  using activations = Activations;
  using rescale = Policy;
};
/// Every number in the type.
struct fixed_numbers : of<fixed_point<8, 7>, fixed_point<8, 4>, power_of_two<>> {
  using outputs = fixed_point<16, 8>;
};

}  // namespace

TEST_CASE_TEMPLATE("codes in time and of spaced windows are the deployed ones on other grids", Scheme,
                   fixed_numbers, of<symmetric<8>, symmetric<16>>,
                   of<ternary<>, symmetric<16>, power_of_two<>>, of<binary<>>,
                   of<symmetric<8>, affine<8>, tflite_reference>, of<symmetric<4>, affine<8>, xnnpack_fp32>) {
  parity::check<networks::keyword, Scheme>(51);
  parity::check<networks::apart, Scheme>(52);
}
