#pragma once

#include <type_traits>

#include <dyadic/quantize/scheme.hpp>

/// Schemes with the names and defaults that other toolkits have. Each says what it reproduces and what it
/// does not. A user's scheme derives from one to change a member.
namespace dyadic::presets {

/// TensorFlow Lite's post-training int8: weights symmetric and narrow, per channel by their largest
/// magnitude; activations affine, per tensor, by the bounds of all that calibration showed; int8 outputs;
/// TFLite Micro's arithmetic. Not reproduced: its dense layers have one weight scale (say `of_kind<"dense",
/// weights<symmetric<8, per_tensor>>>`); the converter takes a zero point from whichever end of the range
/// rounds better; scales fixed by an operation (sigmoid, softmax) follow this library's layers.
struct tflite_int8 : scheme {
  using weights = symmetric<8, per_channel, range::max_abs>;
  using activations = affine<8, per_tensor, range::all_values>;
  using outputs = activations;
  using rescale = tflite_reference;
};

/// TensorFlow Lite's 16x8: int8 weights, int16 activations without a zero point, scale = magnitude / 32767;
/// int64 accumulators and bias, multipliers of 15 bits. Not reproduced: as `tflite_int8`.
struct tflite_int16x8 : scheme {
  using weights = symmetric<8, per_channel, range::max_abs>;
  using activations = full_symmetric<16, per_tensor, range::all_values>;
  using outputs = activations;
  using rescale = tflite_reference_16x8;
};

/// TensorFlow's Model Optimization Toolkit, quantization-aware training of 8 bits, as its Default8Bit
/// scheme: weights by the last value, narrow, per channel; activations by a moving average of 0.999; input by
/// all values; gradients masked on the value before rounding. Not reproduced: dense weights have one scale
/// there (see `tflite_int8`); its average starts at [-6, 6] and forgets that slowly, ours at the first batch;
/// its forward pass is float, and its weights are not yet multiplied by the batch norm when rounded.
struct tfmot_base : scheme {
  using weights = symmetric<8, per_channel, range::last_value, ste::clipped_before_rounding>;
  using activations = affine<8, per_tensor, range::moving_average<range::momentum{.value = 0.999}>,
                             ste::clipped_before_rounding>;
  using outputs = activations;
  using rescale = tflite_reference;
};
using tfmot_8bit =
    with<tfmot_base,
         at<"input", activations<affine<8, per_tensor, range::all_values, ste::clipped_before_rounding>>>>;

/// PyTorch's default for training on x86 (`get_default_qat_qconfig("fbgemm")`): weights int8 in [-128, 127],
/// symmetric per channel, scale = magnitude / 127.5; activations of 7 bits (`reduce_range`, which keeps
/// vpmaddubsw from saturating) by a moving average of 0.99. Not reproduced: requantization in float32 (here
/// one exact rounding: they differ in a few codes of a million), the average of the first hundred batches
/// (here their plain mean), the mask at an exact tie beyond the grid's end, and a uint8 zero point (ours is
/// int8: 128, here 64, less).
struct pytorch_fbgemm : scheme {
  using weights = quantizer<grid::symmetric<8, grid::span::wide>, per_channel, range::last_value>;
  using activations = affine<7>;
  using outputs = activations;
  using rescale = multiplier<31, rounding::half_even>;
};

/// PyTorch's default for training on ARM (`get_default_qat_qconfig("qnnpack")`): as `pytorch_fbgemm`, but
/// activations of 8 bits and one scale for a layer's weights. Not reproduced: as there.
struct pytorch_qnnpack : scheme {
  using weights = quantizer<grid::symmetric<8, grid::span::wide>, per_tensor, range::last_value>;
  using activations = affine<8>;
  using outputs = activations;
  using rescale = multiplier<31, rounding::half_even>;
};

/// ONNX's QuantizeLinear and DequantizeLinear around float operations: round half to even, saturate. The
/// defaults are ONNX Runtime's static quantization: int8 weights, one scale, activations by minimum and
/// maximum. Not reproduced: the float32 operation between them (here integers and one exact rounding).
struct onnx_qdq : scheme {
  using weights = symmetric<8, per_tensor, range::max_abs>;
  using activations = affine<8, per_tensor, range::all_values>;
  using outputs = activations;
  using rescale = multiplier<31, rounding::half_even>;
};

/// QKeras' quantized_bits(Bits, Integer, keep_negative=1, alpha=1) for weights and activations: fixed point
/// with Integer bits before the point, the sign not counted, half to even, saturated; gradients pass
/// unmasked. Not reproduced: sums in float (here exact, with one rounding, of which a batch norm's factor
/// is the nearest power of two), quantized_relu's unsigned grid, and qnoise.
template <int Bits, int Integer = 0, int ActivationBits = Bits, int ActivationInteger = Integer>
struct qkeras : scheme {
  using weights = fixed_point<Bits, Bits - 1 - Integer, ste::identity>;
  using activations = fixed_point<ActivationBits, ActivationBits - 1 - ActivationInteger, ste::identity>;
  using outputs = activations;
  using rescale = power_of_two<rounding::half_even>;
};

/// hls4ml's ap_fixed<Bits, Integer> everywhere, Integer counting the sign: results cut (AP_TRN) by shifts,
/// and what does not fit wraps (AP_WRAP) or is put in place by another `Overflow` (AP_SAT:
/// overflow::saturate); up to 16 bits. Not reproduced: weights cut and wrapped (here rounded and saturated),
/// and an accumulator of the same type (here exact).
template <int Bits, int Integer, int WeightBits = Bits, int WeightInteger = Integer,
          class Overflow = overflow::wrap>
struct hls4ml : scheme {
  using weights = fixed_point<WeightBits, WeightBits - WeightInteger>;
  using activations = fixed_point<Bits, Bits - Integer>;
  using outputs = activations;
  using rescale = in_registers<register_bits{.code = Bits}, power_of_two<rounding::floor>, Overflow>;
};

template <class Layer> struct is_depthwise : std::false_type {};
template <class Layer>
  requires(requires { Layer::depthwise; } && Layer::depthwise)
struct is_depthwise<Layer> : std::true_type {};

/// Weights of `Bits` bits in groups of `Group` inputs, activations float32: post-training quantization that
/// looks at no data, as torchao's int4 weight-only, llama.cpp's Q4_0 or ONNX's MatMulNBits lay it out. An
/// engine is `in<mixed<weight_only<4, 32>>>`: Bits + 8 / Group bits a weight, a depthwise layer's one scale
/// a channel. Reproduced: the form. Not reproduced: their scale a group in float16 (here the channel's
/// float32 times a byte), zero points, and scales searched for or compensated (GPTQ, AWQ, HQQ);
/// range::max_abs, or say another range.
template <int Bits = 4, int Group = 32, class Range = range::max_abs> struct weight_only_base : scheme {
  using weights = symmetric<Bits, per_group<Group>, Range>;
  using weights_alone = std::true_type;
};
template <int Bits = 4, int Group = 32, class Range = range::max_abs>
using weight_only = with<weight_only_base<Bits, Group, Range>,
                         where<is_depthwise, weights<symmetric<Bits, per_channel, Range>>>>;

/// TensorFlow Lite's dynamic range quantization, PyTorch's quantize_dynamic: int8 weights per channel,
/// activations float32, rounded to int8 at each call by the image's own range. An engine is
/// `in<mixed<dynamic_range>>`. Not reproduced: zero points of the inputs (TensorFlow Lite's newer kernels and
/// PyTorch have them; here symmetric, a sign's bit lost behind a relu), and TensorFlow Lite's float weights
/// in layers of fewer than 1024.
struct dynamic_range : scheme {
  using weights = symmetric<8, per_channel, range::max_abs>;
  using ranges_at_run_time = std::true_type;
};

}  // namespace dyadic::presets
