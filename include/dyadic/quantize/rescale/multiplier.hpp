#pragma once

#include <dyadic/quantize/rescale/one_rounding.hpp>

namespace dyadic {

/// The default requantization: ((accumulator * m + B) >> n) + zero with one rounding, per output channel. |m|
/// stays below 2^Bits (and lower where the accumulator is wider than 31 bits), n is as large as that allows.
/// Bias and batch norm are never rounded to the accumulator's grid. One formula for linear operations,
/// additions (of branch codes, one rounding), averages (of the codes' sum) and requantization.
template <int Bits = 31, class Rounding = rounding::half_up> struct multiplier : one_rounding<Rounding> {
  using formula = one_rounding<Rounding>;
  static constexpr bool in_bounds = formula::in_bounds && 1 <= Bits && Bits <= 31;
  using typename formula::addition;
  using typename formula::averaging;
  using typename formula::channel;
  template <std::size_t Count> using summing = typename formula::template summing<Count>;

  static constexpr auto name = fixed_string("multiplier<") + decimal<Bits>() + "," + Rounding::name + ">";

  /// The parameters of a channel.
  static constexpr channel linear(rescale_line const& line) noexcept {
    static_assert(in_bounds, "multiplier<Bits, Rounding>: 1 to 31 bits, and a deterministic rounding mode");
    int const bits = formula::multiplier_bits(Bits, line.accumulator_bound, line.zero_shift);
    return formula::fit(formula::factor_of(line), formula::code_offset_of(line), line.zero_shift, bits);
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

  /// The sum of two tensors of different grids; codes of at most 16 bits.
  static constexpr addition add(rescale_operand a, rescale_operand b, float output_scale, int = 8) noexcept {
    return formula::pair(sum<2>({a, b}, output_scale));
  }

  /// The sum of several tensors of different grids, rounded once; codes of at most 16 bits.
  template <std::size_t Count>
  static constexpr summing<Count> sum(rescale_operand const (&operands)[Count], float output_scale) noexcept {
    double ratios[Count]{};
    for (std::size_t i = 0; i < Count; ++i)
      ratios[i] = exact::divide(double{operands[i].scale}, double{output_scale});
    return formula::fit_sum(ratios, operands, Bits);
  }

  /// The average of `count` codes of at most 16 bits: one division of input_scale by output_scale * count.
  static constexpr averaging average(float input_scale, int zero_in, std::int64_t count,
                                     float output_scale) noexcept {
    double const divisor = exact::multiply(double{output_scale}, static_cast<double>(count));
    int const bits = formula::multiplier_bits(Bits, count * formula::code_bound, count * zero_in);
    return {formula::fit(exact::divide(double{input_scale}, divisor), 0, count * zero_in, bits)};
  }
};

}  // namespace dyadic
