#pragma once

#include <dyadic/quantize/rescale/one_rounding.hpp>

namespace dyadic {

/// `multiplier` with m = +-2^k or 0: each channel's whole factor, batch norm included, becomes the power of
/// two nearest in the logarithm (2^r for a magnitude from 2^(r - 1/2) to 2^(r + 1/2); a tie is impossible,
/// the square root of two being irrational). The offset and the zero point are not rounded so: they meet the
/// rounded factor.
template <class Rounding = rounding::half_up> struct power_of_two : one_rounding<Rounding> {
  using formula = one_rounding<Rounding>;
  using typename formula::addition;
  using typename formula::averaging;
  using typename formula::channel;
  template <std::size_t Count> using summing = typename formula::template summing<Count>;

  static constexpr auto name = fixed_string("power_of_two<") + Rounding::name + ">";

  /// The power of two nearest to `value` in the logarithm, with its sign; 0 for 0.
  static constexpr double nearest(double value) noexcept {
    exact::binary const parts = exact::decompose(value);
    if (parts.mantissa == 0) return 0;
    bool const negative = parts.mantissa < 0;
    std::int64_t const magnitude = negative ? -parts.mantissa : parts.mantissa;
    constexpr std::int64_t root_of_two = 0x16'A09E'667F'3BCC;  // floor(2^52 * sqrt(2))
    int const exponent = parts.exponent + 52 + (magnitude > root_of_two ? 1 : 0);
    return exact::scale_by_power_of_two(negative ? -1.0 : 1.0, exponent);
  }

  /// The parameters of a channel.
  static constexpr channel linear(rescale_line const& line) noexcept {
    static_assert(formula::in_bounds, "power_of_two<Rounding>: a deterministic rounding mode");
    return fit(formula::factor_of(line), formula::code_offset_of(line), line.zero_shift,
               line.accumulator_bound);
  }

  /// From one grid to another, through a lone batch norm if gain and offset say so. The accumulator is the
  /// code, or another integer of at most `bound`.
  static constexpr channel requantize(float input_scale, int zero_in, float output_scale, double gain = 1,
                                      double offset = 0, std::int64_t bound = formula::code_bound) noexcept {
    return linear({.input_scale = input_scale,
                   .weight_scale = 1,
                   .output_scale = output_scale,
                   .gain = gain,
                   .offset = offset,
                   .zero_shift = zero_in,
                   .accumulator_bound = bound});
  }

  /// The sum of two tensors, each shifted to the output's grid; codes of at most 16 bits.
  static constexpr addition add(rescale_operand a, rescale_operand b, float output_scale, int = 8) noexcept {
    return formula::pair(sum<2>({a, b}, output_scale));
  }

  /// The sum of several tensors, each shifted to the output's grid; codes of at most 16 bits.
  template <std::size_t Count>
  static constexpr summing<Count> sum(rescale_operand const (&operands)[Count], float output_scale) noexcept {
    double ratios[Count]{};
    for (std::size_t i = 0; i < Count; ++i)
      ratios[i] =
          formula::limited(nearest(exact::divide(double{operands[i].scale}, double{output_scale})), 0x1p30);
    return formula::fit_sum(ratios, operands, 31);
  }

  /// The average of `count` codes of at most 16 bits; the power of two stands for input_scale / (output_scale
  /// * count).
  static constexpr averaging average(float input_scale, int zero_in, std::int64_t count,
                                     float output_scale) noexcept {
    double const divisor = exact::multiply(double{output_scale}, static_cast<double>(count));
    return {
        fit(exact::divide(double{input_scale}, divisor), 0, count * zero_in, count * formula::code_bound)};
  }

 private:
  static constexpr channel fit(double factor, double code_offset, std::int64_t zero_shift,
                               std::int64_t bound) noexcept {
    int const bits = formula::multiplier_bits(31, bound, zero_shift);
    double const largest = bits == 0 ? 0 : exact::scale_by_power_of_two(1, bits - 1);
    return formula::fit(formula::limited(nearest(factor), largest), code_offset, zero_shift, bits);
  }
};

}  // namespace dyadic
