#include "joins.hpp"
#include "parity.hpp"

using namespace dyadic;

namespace {

template <class Policy> struct under : scheme {
  using rescale = Policy;
};
/// A product of 16-bit codes, and a concatenation of two widths.
using wide = sequential<
    input<4, 4, 2>, conv2d<3, joins::three, activations<symmetric<16>>>,
    concat<identity, branch<max_pool<3, pooling{.stride = 1, .padding = padding::same}>, batch_norm>,
           activations<symmetric<16>>>,
    multiply<identity, batch_norm, activations<affine<8>>>,
    named<"head", concat<branch<global_average_pool>, branch<flatten, dense<2>>, activations<affine<8>>>>>;

}  // namespace

TEST_CASE_TEMPLATE("products and concatenations follow every rescale policy", Policy, tflite_reference,
                   xnnpack_fp32, multiplier<31, rounding::half_even>, multiplier<16>) {
  parity::check<joins::inception, under<Policy>>(31, 200);
  parity::check<joins::attention, under<Policy>>(32, 200);
}

TEST_CASE("branches of different widths meet, and 16-bit codes are multiplied") {
  parity::check<wide, scheme>(33);
}

TEST_CASE("a block of a mobile network is deployed as it was trained") {
  parity::check<joins::mobile, scheme>(34);
}

TEST_CASE("branches that are kept float meet in float") {
  using kept = sequential<input<4, 4, 2>, conv2d<3, joins::one>,
                          add<conv2d<3, joins::one, kept_float>, conv2d<3, joins::three, kept_float>>, relu,
                          concat<conv2d<2, joins::one, kept_float>, conv2d<3, joins::one, kept_float>>,
                          multiply<conv2d<5, joins::one, kept_float>, conv2d<1, joins::three, kept_float>>,
                          flatten, dense<3>>;
  parity::check<kept, scheme>(35, 104);
}
