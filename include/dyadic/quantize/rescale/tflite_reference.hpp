#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/core/exact.hpp>
#include <dyadic/fixed/rounding.hpp>
#include <dyadic/quantize/rescale/int32_bias.hpp>
#include <dyadic/quantize/rescale/line.hpp>

namespace dyadic {

/// Channels as TFLite's kernels take them, with a bias of `Bias`.
template <class Bias> struct tflite_channels {
  /// One channel. The multiplier is negative only after a `requantize` with a negative gain.
  struct channel {
    Bias bias;
    std::int32_t multiplier;
    std::int8_t exponent;
    constexpr bool operator==(channel const&) const noexcept = default;
  };

  /// Channels where they lie.
  struct view {
    Bias const* bias;
    std::int32_t const* multiplier;
    std::int8_t const* exponent;

    constexpr channel get(std::size_t index) const noexcept {
      return {bias[index], multiplier[index], exponent[index]};
    }
    constexpr view from(std::size_t first) const noexcept {
      return {bias + first, multiplier + first, exponent + first};
    }
  };

  /// The channels of one layer.
  template <std::size_t Count> struct all {
    Bias bias[Count];
    std::int32_t multiplier[Count];
    std::int8_t exponent[Count];

    constexpr void set(std::size_t index, channel const& value) noexcept {
      bias[index] = value.bias;
      multiplier[index] = value.multiplier;
      exponent[index] = value.exponent;
    }
    constexpr channel get(std::size_t index) const noexcept { return view().get(index); }
    constexpr tflite_channels::view view() const noexcept { return {bias, multiplier, exponent}; }
  };
};

/// The arithmetic of TFLite Micro's reference kernels (tensorflow/lite/kernels/internal/common.cc and
/// quantization_util.cc, double rounding): int32 bias, a 31-bit multiplier, and two roundings everywhere.
/// Accumulators fit in int32. A gain's magnitude goes into the float32 weight scale, so a network is what its
/// .tflite file would be.
struct tflite_reference {
  static constexpr auto name = fixed_string("tflite_reference");
  static constexpr bool positive_gain = true;
  static constexpr bool average_keeps_scale = true;
  static constexpr double smallest_gain = int32_bias::smallest_gain;

  /// A real multiplier m * 2^(exponent - 31): |m| is in [2^30, 2^31), or m = 0. The exponent is in -31..30.
  struct factor {
    std::int32_t multiplier;
    std::int8_t exponent;
    constexpr bool operator==(factor const&) const noexcept = default;
  };

  using channel = tflite_channels<std::int32_t>::channel;
  using view = tflite_channels<std::int32_t>::view;
  template <std::size_t Count> using channels = tflite_channels<std::int32_t>::all<Count>;

  /// The sum of two codes: both are shifted left and brought to twice the larger scale, added, brought to the
  /// output's.
  struct addition {
    std::int32_t zero_a;
    std::int32_t zero_b;
    factor a;
    factor b;
    factor sum;
    std::uint8_t left_shift;
    constexpr bool operator==(addition const&) const noexcept = default;
  };

  using averaging = integer_mean;

  /// QuantizeMultiplier: m = round half away(value * 2^(31 - exponent)). Below 2^-32 it is 0; beyond 2^30 it
  /// saturates.
  static constexpr factor encode(double value) noexcept {
    exact::binary const parts = exact::decompose(value);
    if (parts.mantissa == 0) return {0, 0};
    int exponent = parts.exponent + 53;
    std::int64_t m = rounding::half_away::shift_right(parts.mantissa, 22);
    constexpr std::int64_t one = std::int64_t{1} << 31;
    if (m == one || m == -one) {
      m /= 2;
      ++exponent;
    }
    if (exponent < -31) return {0, 0};
    if (exponent > 30) return {parts.mantissa < 0 ? -INT32_MAX : INT32_MAX, 30};
    return {static_cast<std::int32_t>(m), static_cast<std::int8_t>(exponent)};
  }

  /// MultiplyByQuantizedMultiplier: the product's high half, rounded half up, then the right shift, rounded
  /// half away. A positive exponent shifts x left first, saturating at +-(2^31 - 1).
  static constexpr std::int32_t multiply(std::int32_t x, std::int32_t multiplier, int exponent) noexcept {
    std::int64_t const shifted = std::int64_t{x} << (exponent > 0 ? exponent : 0);
    std::int64_t const kept = shifted > INT32_MAX ? INT32_MAX : shifted < -INT32_MAX ? -INT32_MAX : shifted;
    std::int64_t const high = rounding::half_up::shift_right(kept * multiplier, 31);
    return static_cast<std::int32_t>(rounding::half_away::shift_right(high, exponent < 0 ? -exponent : 0));
  }

  /// The parameters of a channel: the multiplier is input_scale * weight_scale / output_scale, the product
  /// exact and the division rounded once, in double.
  static constexpr channel linear(rescale_line const& line) noexcept {
    float const weight_scale = int32_bias::weight_scale(line.weight_scale, line.gain);
    double const product = exact::multiply(double{line.input_scale}, double{weight_scale});
    factor const scale = encode(exact::divide(product, double{line.output_scale}));
    return {int32_bias::bias(line, weight_scale), scale.multiplier, scale.exponent};
  }

  /// From one grid to another; a lone batch norm rounds its offset to the grid of gain * code. A negative
  /// gain gives a negative multiplier. The accumulator is the code,
  /// or another integer of at most `bound`.
  static constexpr channel requantize(float input_scale, int zero_in, float output_scale, double gain = 1,
                                      double offset = 0, std::int64_t bound = 32768) noexcept {
    double const signed_offset = gain < 0 ? -offset : offset;
    channel result = linear({.input_scale = input_scale,
                             .weight_scale = 1,
                             .output_scale = output_scale,
                             .gain = gain,
                             .offset = signed_offset,
                             .zero_shift = zero_in,
                             .accumulator_bound = bound});
    if (gain < 0) result.multiplier = -result.multiplier;
    return result;
  }

  /// The code before the clamp.
  static constexpr std::int64_t apply(channel const& to, std::int64_t accumulator, int zero_out) noexcept {
    std::int32_t const sum = int32_bias::add(accumulator, to.bias);
    return std::int64_t{multiply(sum, to.multiplier, to.exponent)} + zero_out;
  }

  /// The sum of two tensors; codes of `code_bits` bits (the left shift is 20 up to 8 bits, else 15).
  static constexpr addition add(rescale_operand a, rescale_operand b, float output_scale,
                                int code_bits = 8) noexcept {
    double const twice = exact::multiply(2, double{a.scale > b.scale ? a.scale : b.scale});
    int const left_shift = code_bits > 8 ? 15 : 20;
    double const shifted_output = exact::scale_by_power_of_two(double{output_scale}, left_shift);
    return {.zero_a = a.zero,
            .zero_b = b.zero,
            .a = encode(exact::divide(double{a.scale}, twice)),
            .b = encode(exact::divide(double{b.scale}, twice)),
            .sum = encode(exact::divide(twice, shifted_output)),
            .left_shift = static_cast<std::uint8_t>(left_shift)};
  }

  /// The code before the clamp. Zero points of 16-bit codes are 0.
  static constexpr std::int64_t apply(addition const& to, int code_a, int code_b, int zero_out) noexcept {
    std::int32_t const a = scaled(code_a - to.zero_a, to.left_shift, to.a);
    std::int32_t const b = scaled(code_b - to.zero_b, to.left_shift, to.b);
    std::int32_t const sum = int32_bias::add(a, b);
    return std::int64_t{multiply(sum, to.sum.multiplier, to.sum.exponent)} + zero_out;
  }

  /// The average of `count` codes keeps scale and zero point: give the input's as the output's.
  static constexpr averaging average(float, int, std::int64_t count, float) noexcept {
    return {static_cast<std::int32_t>(count)};
  }

  /// The mean of the codes, the zero point being in it.
  static constexpr std::int64_t apply(averaging const& to, std::int64_t sum_of_codes, int) noexcept {
    return to.of(sum_of_codes);
  }

 private:
  static constexpr std::int32_t scaled(int difference, int left_shift, factor const& by) noexcept {
    std::int32_t const shifted = int32_bias::add(std::int64_t{difference} << left_shift, 0);
    return multiply(shifted, by.multiplier, by.exponent);
  }
};

}  // namespace dyadic
