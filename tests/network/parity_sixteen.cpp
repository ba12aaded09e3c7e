#include <dyadic/quantize/presets.hpp>

#include "many_inputs.hpp"

using namespace dyadic;

namespace {

using convolutions =
    sequential<input<6, 5, 3>, conv2d<7, window{.size = 3, .padding = padding::same}>, batch_norm, relu,
               conv2d<6, window{.size = 2}>, relu, flatten, named<"head", dense<5>>>;
using dense_layers = sequential<input<31>, dense<24>, batch_norm, relu, dense<17>, relu, dense<5>>;

template <class Weights, class Activations, class Policy = scheme::rescale> struct of : scheme {
  using weights = Weights;
  using activations = Activations;
  using rescale = Policy;
};
struct fixed : of<fixed_point<16, 14>, fixed_point<16, 11>, power_of_two<>> {
  using outputs = fixed_point<16, 11>;
};

/// Deep enough that 32 bits are not proven wide enough: 600 * 128 * 32768 is more than 2^31.
using deep = sequential<input<10, 10, 6>, conv2d<70, window{.size = 2}>, batch_norm, relu,
                        conv2d<3, window{.size = 3}>, relu, flatten, dense<5>>;
static_assert(
    std::is_same_v<network_binding<presets::tflite_int16x8, deep::input, deep::stages>::body::at<1>::sum,
                   std::int64_t>);

}  // namespace

TEST_CASE_TEMPLATE("codes are the deployed ones with 16x16 and 16x8 bits, on a thousand inputs", Scheme,
                   fixed, of<symmetric<16>, symmetric<16>>, presets::tflite_int16x8) {
  parity::check_many<convolutions, Scheme>(51);
  parity::check_many<dense_layers, Scheme>(52);
}

TEST_CASE_TEMPLATE("codes are the deployed ones with weights of 9 to 16 bits", Scheme,
                   of<symmetric<16, per_tensor>, affine<8>>, of<symmetric<9>, affine<8>>,
                   of<power_of_two_scale<16>, power_of_two_scale<16>, power_of_two<>>) {
  parity::check<convolutions, Scheme>(53);
}

TEST_CASE_TEMPLATE("codes of deep layers of 16-bit activations and 8-bit weights are the deployed ones",
                   Scheme, presets::tflite_int16x8, of<symmetric<8>, symmetric<16>>,
                   of<fixed_point<8, 6>, fixed_point<16, 10>, power_of_two<>>) {
  parity::check_many<deep, Scheme>(54, 400);
}
