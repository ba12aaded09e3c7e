#include "parity.hpp"

using namespace dyadic;

namespace {

using network = sequential<input<6, 5, 3>, conv2d<7, window{.size = 3, .padding = padding::same}>, batch_norm,
                           relu, conv2d<6, window{.size = 2}>, relu, flatten, named<"head", dense<5>>>;

template <class Weights, class Activations = affine<8>, class Policy = scheme::rescale> struct of : scheme {
  using weights = Weights;
  using activations = Activations;
  using rescale = Policy;
};
template <class Activations> using learned = of<symmetric<4>, Activations>;

/// Every number in the type, every factor a power of two.
struct fixed : of<fixed_point<8, 7>, fixed_point<8, 4>, power_of_two<>> {
  using outputs = fixed_point<16, 8>;
};
struct fixed_16 : of<fixed_point<6, 5>, fixed_point<16, 10>, power_of_two<>> {
  using outputs = fixed_point<16, 8>;
};
/// 256 binary inputs of 16 outputs, and 16 of 16.
template <class Activations>
constexpr std::size_t bytes_of_binary_weights =
    sizeof(sequential<input<256>, dense<16>, dense<16>>::in<integer<of<binary<>, Activations>>>);
static_assert(bytes_of_binary_weights<affine<2>> - bytes_of_binary_weights<affine<1>> == 256 * 16 / 8,
              "binary weights of binary activations take one bit instead of two");

using narrow_weights = quantizer<grid::fixed_point<8, 7, grid::span::narrow>>;

}  // namespace

TEST_CASE_TEMPLATE("codes are the deployed ones on grids of few weights", Scheme, of<binary<>>,
                   of<binary<per_tensor, usual, ste::approx_sign>, affine<4>>,
                   of<binary<>, affine<8>, tflite_reference>, of<binary<>, affine<1>>,
                   of<binary<>, affine<1, per_tensor, range::lsq>, xnnpack_fp32>, of<powers_of_two<3>>,
                   of<powers_of_two<4>, affine<4>, power_of_two<>>, of<additive_powers_of_two<4>>,
                   of<additive_powers_of_two<5>, affine<8>, xnnpack_fp32>,
                   of<ternary<per_channel, range::mean_magnitude<range::times{.value = 1.4}>>>) {
  parity::check<network, Scheme>(41);
}

TEST_CASE_TEMPLATE("codes are the deployed ones with the scale in the type", Scheme, fixed, fixed_16,
                   of<narrow_weights, fixed_point<8, 5>, tflite_reference>) {
  parity::check<network, Scheme>(42);
}

TEST_CASE_TEMPLATE("codes are the deployed ones with 16-bit activations", Scheme,
                   of<symmetric<8>, symmetric<16>>, of<symmetric<4>, symmetric<16>, power_of_two<>>,
                   of<symmetric<8>, full_symmetric<16>, tflite_reference>, of<symmetric<8>, symmetric<12>>,
                   of<ternary<>, symmetric<16>>) {
  parity::check<network, Scheme>(43);
}

TEST_CASE_TEMPLATE(
    "codes are the deployed ones under learned ranges", Scheme,
    learned<affine<4, per_tensor, range::lsq_plus>>, learned<affine<4, per_tensor, range::pact>>,
    of<symmetric<4, per_channel, range::tqt>, affine<4, per_tensor, range::tqt>, power_of_two<>>,
    of<symmetric<8, per_tensor, range::tqt>, symmetric<8, per_tensor, range::tqt>>) {
  parity::check<network, Scheme>(44);
}

TEST_CASE_TEMPLATE("codes are the deployed ones under every observed range", Scheme,
                   learned<affine<8, per_tensor, range::last_value>>,
                   learned<affine<8, per_tensor, range::sigma<>>>,
                   learned<affine<8, per_tensor, range::entropy>>,
                   of<symmetric<8, per_channel, range::sigma<>, ste::soft<>>,
                      affine<8, per_tensor, range::all_values, ste::clipped_before_rounding>>) {
  parity::check<network, Scheme>(45);
}
