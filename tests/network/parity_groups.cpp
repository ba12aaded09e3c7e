#include <string>
#include <string_view>

#include <dyadic/deploy/model_file.hpp>

#include "../deploy/engines.hpp"
#include "many_inputs.hpp"

using namespace dyadic;

namespace {

/// Gathered kernel rows, kernel rows and taps of a multiple of four channels, groups of filters, and groups
/// that begin within a row and end short.
using network =
    sequential<input<6, 5, 3>, conv2d<8, window{.size = 3, .padding = padding::same}>, batch_norm, relu,
               conv2d<16, window{.size = 2}>, batch_norm, relu,
               conv2d<8, window{.size = 3, .padding = padding::same, .dilation = 2, .groups = 2}>, relu, flatten,
               named<"head", dense<5>>>;

template <class Weights, class Policy = scheme::rescale, class Activations = affine<8>> struct of : scheme {
  using weights = Weights;
  using rescale = Policy;
  using activations = Activations;
};
using int4_groups = of<symmetric<4, per_group<32>>>;

}  // namespace

TEST_CASE_TEMPLATE("codes are the deployed ones with weights in groups, on a thousand inputs", Scheme,
                   int4_groups) {
  parity::check_many<network, Scheme>(61);
}

TEST_CASE_TEMPLATE("codes are the deployed ones with groups under every policy and range", Scheme,
                   of<symmetric<4, per_group<12>, range::lsq>, multiplier<31, rounding::half_even>>,
                   of<symmetric<3, per_group<20, 4>, range::mean_squared_error>, tflite_reference>,
                   of<ternary<per_group<16>, range::mean_magnitude<>>, xnnpack_fp32>,
                   of<symmetric<4, per_group<8, 3>>, power_of_two<>, symmetric<16>>) {
  parity::check<network, Scheme>(62);
}
