#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include <dyadic/core/exact.hpp>
#include <dyadic/fixed/rounding.hpp>
#include <dyadic/quantize/rescale/int32_bias.hpp>
#include <dyadic/quantize/rescale/line.hpp>

namespace dyadic {

/// The arithmetic of XNNPACK's fp32 requantization (src/xnnpack/requantization.h), which is LiteRT's on
/// processors: int32 bias, float32(accumulator) * float32 scale, half to even. `apply` emulates it in
/// integers. XNNPACK clamps the float product to [lo - zero, hi - zero] before it rounds; as rounding is
/// monotone and keeps integers, clamping the rounded code to [lo, hi] gives the same. A gain's magnitude goes
/// into the float32 weight scale.
struct xnnpack_fp32 {
  static constexpr auto name = fixed_string("xnnpack_fp32");
  static constexpr bool positive_gain = true;
  static constexpr bool average_keeps_scale = true;
  static constexpr bool adds_by_shift = true;  ///< `addition` is a plain shift
  static constexpr double smallest_gain = int32_bias::smallest_gain;

  /// One channel: the scale is the bit pattern of a float32, negative only after a `requantize` with a
  /// negative gain.
  struct channel {
    std::int32_t bias;
    std::uint32_t scale_bits;
    constexpr bool operator==(channel const&) const noexcept = default;
  };

  /// Channels where they lie.
  struct view {
    std::int32_t const* bias;
    std::uint32_t const* scale_bits;

    constexpr channel get(std::size_t index) const noexcept { return {bias[index], scale_bits[index]}; }
    constexpr view from(std::size_t first) const noexcept { return {bias + first, scale_bits + first}; }
  };

  /// The channels of one layer.
  template <std::size_t Count> struct channels {
    std::int32_t bias[Count];
    std::uint32_t scale_bits[Count];

    constexpr void set(std::size_t index, channel const& value) noexcept {
      bias[index] = value.bias;
      scale_bits[index] = value.scale_bits;
    }
    constexpr channel get(std::size_t index) const noexcept { return view().get(index); }
    constexpr xnnpack_fp32::view view() const noexcept { return {bias, scale_bits}; }
  };

  /// The sum of two codes: (offset + a * ma + b * mb) >> shift. The larger multiplier has 21 bits; zero
  /// points and the half that rounds up are in the offset.
  struct addition {
    std::int64_t offset;
    std::int32_t multiplier_a;
    std::int32_t multiplier_b;
    std::uint8_t shift;
    constexpr bool operator==(addition const&) const noexcept = default;
  };

  using averaging = integer_mean;

  /// The parameters of a channel: float32(float32(input_scale * weight_scale) / output_scale), in that order;
  /// the weight scale is the one with the gain in it, itself a float32. XNNPACK takes scales from 2^-32 to
  /// below 256; the same formula goes on beyond.
  static constexpr channel linear(rescale_line const& line) noexcept {
    float const weight_scale = int32_bias::weight_scale(line.weight_scale, line.gain);
    float const product =
        exact::round_to_float(exact::multiply(double{line.input_scale}, double{weight_scale}));
    float const scale = divide(product, line.output_scale);
    return {int32_bias::bias(line, weight_scale), std::bit_cast<std::uint32_t>(scale)};
  }

  /// From one grid to another by the same formula (XNNPACK's convert operator has a cheaper one of its own);
  /// a lone batch norm rounds its offset to the grid of gain * code. The accumulator is the code,
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
    if (gain < 0) result.scale_bits |= sign_bit;
    return result;
  }

  /// The code before the clamp.
  static constexpr std::int64_t apply(channel const& to, std::int64_t accumulator, int zero_out) noexcept {
    return multiply(int32_bias::add(accumulator, to.bias), to.scale_bits) + zero_out;
  }

  /// The sum of two tensors; the ratios of the scales are float32.
  static constexpr addition add(rescale_operand a, rescale_operand b, float output_scale, int = 8) noexcept {
    double const ratio_a = divide(a.scale, output_scale), ratio_b = divide(b.scale, output_scale);
    int const exponent = exact::decompose(ratio_a > ratio_b ? ratio_a : ratio_b).exponent + 52;
    int const wanted = 20 - exponent;
    int const shift = wanted < 0 ? 0 : wanted > 62 ? 62 : wanted;
    std::int64_t const ma = multiplier(ratio_a, shift), mb = multiplier(ratio_b, shift);
    std::int64_t const half = rounding::half_up::increment(std::int64_t{0}, shift);
    return {.offset = half - ma * a.zero - mb * b.zero,
            .multiplier_a = static_cast<std::int32_t>(ma),
            .multiplier_b = static_cast<std::int32_t>(mb),
            .shift = static_cast<std::uint8_t>(shift)};
  }

  /// The code before the clamp; codes of at most 16 bits.
  static constexpr std::int64_t apply(addition const& to, int code_a, int code_b, int zero_out) noexcept {
    std::int64_t const sum = std::int64_t{code_a} * to.multiplier_a + std::int64_t{code_b} * to.multiplier_b;
    return ((sum + to.offset) >> to.shift) + zero_out;
  }

  /// The average of `count` codes keeps scale and zero point: give the input's as the output's.
  static constexpr averaging average(float, int, std::int64_t count, float) noexcept {
    return {static_cast<std::int32_t>(count)};
  }

  /// The mean of the codes, the zero point being in it.
  static constexpr std::int64_t apply(averaging const& to, std::int64_t sum_of_codes, int) noexcept {
    return to.of(sum_of_codes);
  }

  /// The integer that float32(float32(x) * scale) rounds to, half to even, saturated at +-2^31. All three
  /// roundings are half to even.
  static constexpr std::int64_t multiply(std::int32_t x, std::uint32_t scale_bits) noexcept {
    std::uint32_t const field = (scale_bits >> 23) & 0xFF;
    std::uint32_t const fraction = scale_bits & 0x7F'FFFF;
    std::int64_t const mantissa = field == 0 ? fraction : fraction | 0x80'0000u;
    if (x == 0 || mantissa == 0) return 0;
    std::int64_t const factor = (scale_bits & sign_bit) != 0 ? -mantissa : mantissa;
    float_bits const converted = to_24_bits(x);
    float_bits const product = to_24_bits(converted.mantissa * factor);
    int const exponent =
        converted.exponent + product.exponent + static_cast<int>(field == 0 ? 1 : field) - 150;
    constexpr std::int64_t largest = std::int64_t{1} << 31;
    if (exponent > 8) return product.mantissa < 0 ? -largest : largest;
    if (exponent <= 0) return rounding::half_even::shift_right(product.mantissa, -exponent);
    std::int64_t const integer = product.mantissa * (std::int64_t{1} << exponent);
    return integer > largest ? largest : integer < -largest ? -largest : integer;
  }

 private:
  static constexpr std::uint32_t sign_bit = 0x8000'0000u;

  /// mantissa * 2^exponent.
  struct float_bits {
    std::int64_t mantissa;
    int exponent;
  };

  /// An integer rounded to the 24 bits of a float's mantissa. (A subnormal product would keep fewer; it
  /// rounds to 0 either way.)
  static constexpr float_bits to_24_bits(std::int64_t value) noexcept {
    auto const magnitude = static_cast<std::uint64_t>(value < 0 ? -value : value);
    int const width = static_cast<int>(std::bit_width(magnitude));
    int const dropped = width > 24 ? width - 24 : 0;
    return {rounding::half_even::shift_right(value, dropped), dropped};
  }

  /// float32(a / b): through double, whose second rounding cannot change a float32 quotient.
  static constexpr float divide(float a, float b) noexcept {
    return exact::round_to_float(exact::divide(double{a}, double{b}));
  }

  /// ratio * 2^shift half to even; an int32.
  static constexpr std::int64_t multiplier(double ratio, int shift) noexcept {
    std::int64_t const m = rounding::half_even::from_real(exact::scale_by_power_of_two(ratio, shift));
    return m > INT32_MAX ? INT32_MAX : m;
  }
};

}  // namespace dyadic
