#include <dyadic/quantize/presets.hpp>

#include "parity.hpp"

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
  parity::check<convolutions, Scheme>(51);
  parity::check<dense_layers, Scheme>(52);
}

TEST_CASE_TEMPLATE("codes are the deployed ones with weights of 9 to 16 bits", Scheme,
                   of<symmetric<16, per_tensor>, affine<8>>, of<symmetric<9>, affine<8>>,
                   of<power_of_two_scale<16>, power_of_two_scale<16>, power_of_two<>>) {
  parity::check<convolutions, Scheme>(53);
}

TEST_CASE_TEMPLATE("codes of deep layers of 16-bit activations and 8-bit weights are the deployed ones",
                   Scheme, presets::tflite_int16x8, of<symmetric<8>, symmetric<16>>,
                   of<fixed_point<8, 6>, fixed_point<16, 10>, power_of_two<>>) {
  parity::check<deep, Scheme>(54);
}

namespace {

__extension__ using wide = __int128;

/// All inputs and all weights at an end of their grids, an offset far outside the codes: the engine's codes
/// are those of the formula in 128 bits.
template <class Scheme, int Depth> void check_extremes() {
  using engine = integer_engine<sequential<input<Depth>, dense<2>>, Scheme>;
  using bound = typename engine::body::template at<0>;
  using policy = typename bound::policy;
  using given = typename bound::input_format;
  using weight = typename bound::weight_format;
  static_assert(bound::accumulator_bound > INT32_MAX);
  auto const edge = std::make_unique<engine>();
  auto const room = std::make_unique<typename engine::template scratch<1>>();
  auto& stage = get<0>(edge->stages);
  stage.output = {0, -32767, 32767, 0};
  constexpr auto layout = kernel::convolution_weights(bound::shape);
  for (int const x : {given::low, given::high})
    for (int const w : {weight::low, weight::high})
      for (double const offset : {-1e30, 0.25, 1e30}) {
        std::vector<typename bound::weights::code> const codes(2 * Depth,
                                                               static_cast<typename bound::weights::code>(w));
        kernel::pack<bound::weights::storage_bits>(codes.data(), layout, stage.weights);
        kernel::sum_weights(codes.data(), layout, stage.weight_sums);
        std::int64_t const sum = std::int64_t{Depth} * x * w;
        auto const channel =
            policy::linear({.input_scale = 0x1p-15F,
                            .weight_scale = 0x1p-15F,
                            .output_scale = static_cast<float>(bound::accumulator_bound) * 0x1.01p-45F,
                            .offset = offset,
                            .accumulator_bound = bound::accumulator_bound});
        for (std::size_t c = 0; c < 2; ++c) stage.rescale.set(c, channel);
        wide exact;
        if constexpr (requires { channel.shift; })
          exact = (wide{sum} * channel.multiplier + channel.offset) >> channel.shift;
        else
          exact = ((wide{sum} + channel.bias) * channel.multiplier + (wide{1} << (14 - channel.exponent))) >>
                  (15 - channel.exponent);
        auto const expected = static_cast<std::int16_t>(exact > 32767    ? 32767
                                                        : exact < -32767 ? -32767
                                                                         : exact);
        INFO("inputs ", x, ", weights ", w, ", offset ", offset);
        if (offset == 0.25) CHECK((expected > 32000 || expected < -32000));
        std::vector<typename engine::code> const inputs(Depth, static_cast<typename engine::code>(x));
        std::vector<typename engine::output_code> outputs(2);
        edge->infer(inputs, outputs, *room);
        CHECK((outputs[0] == expected && outputs[1] == expected));
        edge->infer(inputs, outputs, *room, kernel::reference{});
        CHECK((outputs[0] == expected && outputs[1] == expected));
      }
}

}  // namespace

TEST_CASE("layers as deep as their proof allows do not overflow at the ends of their grids") {
  check_extremes<fixed, 4096>();
  check_extremes<of<fixed_point<16, 15>, fixed_point<16, 15>>, 65536>();
  check_extremes<presets::tflite_int16x8, 4096>();
}
