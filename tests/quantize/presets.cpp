#include <dyadic/quantize/presets.hpp>

#include "../network/parity.hpp"

using namespace dyadic;

namespace {

using network = sequential<input<6, 5, 3>, conv2d<7, window{.size = 3, .padding = padding::same}>, batch_norm,
                           relu, conv2d<6, window{.size = 2}>, relu, flatten, named<"head", dense<5>>>;
using qkeras_8 = presets::qkeras<8, 0, 8, 3>;
using hls4ml_16 = presets::hls4ml<16, 6>;

}  // namespace

TEST_CASE_TEMPLATE("a network under a preset deploys what it trained", Scheme, presets::tflite_int8,
                   presets::tflite_int16x8, presets::tfmot_8bit, presets::pytorch_fbgemm,
                   presets::pytorch_qnnpack, presets::onnx_qdq, qkeras_8, hls4ml_16) {
  for (std::uint64_t seed = 51; seed < 55; ++seed) parity::check<network, Scheme>(seed);
}

TEST_CASE("presets have the defaults of their namesakes") {
  using fbgemm = presets::pytorch_fbgemm;
  static_assert(fbgemm::weights::grid::low == -128 && fbgemm::weights::grid::high == 127);
  static_assert(fbgemm::weights::grid::fit({-51, 20}).scale == 0.4F);  // 51 / 127.5
  static_assert(fbgemm::activations::grid::high - fbgemm::activations::grid::low == 127);
  static_assert(std::is_same_v<presets::pytorch_qnnpack::weights::granularity, per_tensor>);
  static_assert(presets::tflite_int8::weights::grid::low == -127);
  static_assert(presets::tflite_int16x8::activations::grid::low == -32768);
  static_assert(presets::tflite_int16x8::activations::grid::fit({-1, 32767}).scale == 1);
  // quantized_bits(8, 0, 1): steps of 2^-7 from -1 to 127/128.
  static_assert(qkeras_8::weights::grid::scale == 0x1p-7F && qkeras_8::weights::grid::low == -128);
  static_assert(qkeras_8::activations::grid::scale == 0x1p-4F);
  // ap_fixed<16, 6>: ten bits behind the point.
  static_assert(hls4ml_16::activations::grid::scale == 0x1p-10F);
  static_assert(hls4ml_16::weights::grid::bits == 16 && hls4ml_16::weights::grid::scale == 0x1p-10F);
  using input_rule = policies<presets::tfmot_8bit, fixed_string("input"), list<>>::activations;
  static_assert(std::is_same_v<input_rule::range, range::all_values>);
}
