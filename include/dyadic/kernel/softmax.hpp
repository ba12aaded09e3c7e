#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include <dyadic/core/functions.hpp>
#include <dyadic/fixed/rounding.hpp>
#include <dyadic/kernel/arch.hpp>

/// Softmax and its logarithm on codes. Exponentials of differences of codes come from a table, their sum is
/// an integer, and one rounded division (or shift) makes each output code: integers alone, so that training
/// and deployment agree.
namespace dyadic::kernel {

/// e^(-scale * d), d = 0 .. 2^Bits - 1, as integers of `fraction` bits behind the point. Of more than 8 bits
/// each is the rounded product of two entries, one for the high byte of d and one for the low. Larger
/// differences, which codes of the grid do not have, count as the largest.
template <int Bits, std::size_t Channels> struct exponentials {
  static_assert(Bits <= 16 && Channels <= 65536);
  static constexpr bool wide = Bits > 8;
  static constexpr std::size_t fine_count = std::size_t{1} << (wide ? 8 : Bits);
  static constexpr std::size_t coarse_count = std::size_t{1} << (wide ? Bits - 8 : 0);
  /// So many that a sum of `Channels` exponentials is below 2^31: 14 to 26.
  static constexpr int fraction = [] {
    int const free = 30 - static_cast<int>(std::bit_width(Channels - 1));
    return free < 26 ? free : 26;
  }();

  std::uint32_t fine[fine_count];
  std::uint32_t coarse[coarse_count];

  constexpr void fit(float scale) noexcept {
    for (std::size_t i = 0; i < fine_count; ++i) fine[i] = entry(scale, i);
    for (std::size_t i = 0; i < coarse_count; ++i) coarse[i] = entry(scale, 256 * i);
  }

  constexpr std::uint32_t operator()(int difference) const noexcept {
    constexpr int largest = (1 << Bits) - 1;
    auto const d = static_cast<std::size_t>(difference < largest ? difference : largest);
    if constexpr (!wide) return fine[d];
    std::uint64_t const product = std::uint64_t{coarse[d >> 8]} * fine[d & 255];
    return static_cast<std::uint32_t>((product + (std::uint64_t{1} << (fraction - 1))) >> fraction);
  }

 private:
  static constexpr std::uint32_t entry(float scale, std::size_t difference) noexcept {
    double const exponent = exact::multiply(-double{scale}, static_cast<double>(difference));
    return static_cast<std::uint32_t>(
        rounding::half_even::from_real(exact::scale_by_power_of_two(exact::exp(exponent), fraction)));
  }
};

/// Of one row of codes: the largest, and the sum of the exponentials of the differences from it.
struct row_sum {
  int largest;
  std::uint32_t sum;  ///< at least 1
};
template <class Exponentials, class In>
constexpr row_sum sum_of(std::size_t channels, Exponentials const& exponential, In const* x) noexcept {
  row_sum row{x[0], 0};
  for (std::size_t c = 1; c < channels; ++c) row.largest = x[c] > row.largest ? x[c] : row.largest;
  for (std::size_t c = 0; c < channels; ++c) row.sum += exponential(row.largest - x[c]);
  row.sum = row.sum == 0 ? 1 : row.sum;
  return row;
}

/// Steps of the output's grid in one, multiplier / 2^shift.
struct share_steps {
  std::int32_t multiplier;
  std::uint8_t shift;

  static constexpr share_steps fit(float, float output_scale) noexcept {
    double const steps = exact::divide(1, double{output_scale});
    for (int shift = 32;; --shift) {
      std::int64_t const m = rounding::half_even::from_real(exact::scale_by_power_of_two(steps, shift));
      if (m > INT32_MAX && shift > 0) continue;
      return {static_cast<std::int32_t>(m > INT32_MAX ? INT32_MAX : m), static_cast<std::uint8_t>(shift)};
    }
  }
};

/// exponential * steps / sum, rounded half up: the unclamped code without the zero point.
constexpr std::int64_t share_of(std::uint32_t exponential, std::uint32_t sum,
                                share_steps const& steps) noexcept {
  std::uint64_t const divisor = std::uint64_t{sum} << steps.shift;
  std::uint64_t const dividend = std::uint64_t{exponential} * static_cast<std::uint32_t>(steps.multiplier);
  return static_cast<std::int64_t>((dividend + divisor / 2) / divisor);
}

/// log2(sum) with `log2_fraction` bits behind the point, too small by less than 2^-25.
inline constexpr int log2_fraction = 26;
constexpr std::int32_t log2_of(std::uint32_t sum) noexcept {
  int const whole = static_cast<int>(std::bit_width(sum)) - 1;
  std::uint64_t mantissa = std::uint64_t{sum} << (31 - whole);  // in [2^31, 2^32): 1 to 2
  std::int32_t result = whole;
  for (int bit = 0; bit < log2_fraction; ++bit) {
    mantissa = mantissa * mantissa >> 31;
    bool const two = mantissa >> 32 != 0;
    mantissa >>= two ? 1 : 0;
    result = 2 * result + (two ? 1 : 0);
  }
  return result;
}

/// Steps of the output's grid in one step of the input's and in one of `log2_of`, both over 2^shift.
struct log_share_steps {
  std::int64_t multiplier;
  std::int32_t log_multiplier;
  std::uint8_t shift;

  static constexpr std::int64_t largest = (std::int64_t{1} << 45) - 1;

  static constexpr log_share_steps fit(float input_scale, float output_scale) noexcept {
    double const step = exact::divide(double{input_scale}, double{output_scale});
    double const unit = exact::divide(exact::scale_by_power_of_two(0x1.62e42fefa39efp-1, -log2_fraction),
                                      double{output_scale});
    for (int shift = 60;; --shift) {
      std::int64_t const m = rounding::half_even::from_real(exact::scale_by_power_of_two(step, shift));
      std::int64_t const l = rounding::half_even::from_real(exact::scale_by_power_of_two(unit, shift));
      if ((m > largest || l > INT32_MAX) && shift > 0) continue;
      return {m > largest ? largest : m, static_cast<std::int32_t>(l > INT32_MAX ? INT32_MAX : l),
              static_cast<std::uint8_t>(shift)};
    }
  }
};

/// -(difference + log of the sum) in steps of the output, rounded half up once.
constexpr std::int64_t log_share_of(int difference, std::int32_t log2_of_sum,
                                    log_share_steps const& steps) noexcept {
  std::int64_t const value = difference * steps.multiplier + std::int64_t{log2_of_sum} * steps.log_multiplier;
  std::int64_t const half = steps.shift == 0 ? 0 : std::int64_t{1} << (steps.shift - 1);
  return (half - value) >> steps.shift;
}

/// Softmax over the channels of each row; `output` has zero, low and high.
template <compiled Arch, class Exponentials, class Output, class In, class Out>
constexpr void softmax(Arch, std::size_t rows, std::size_t channels, Exponentials const& exponential,
                       share_steps const& steps, Output const& output, In const* x, Out* y) noexcept {
  for (std::size_t row = 0; row < rows; ++row, x += channels, y += channels) {
    row_sum const seen = sum_of(channels, exponential, x);
    for (std::size_t c = 0; c < channels; ++c) {
      std::int64_t const code = share_of(exponential(seen.largest - x[c]), seen.sum, steps) + output.zero;
      y[c] = static_cast<Out>(code < output.low ? output.low : code > output.high ? output.high : code);
    }
  }
}

/// As above, the natural logarithm of softmax.
template <compiled Arch, class Exponentials, class Output, class In, class Out>
constexpr void softmax(Arch, std::size_t rows, std::size_t channels, Exponentials const& exponential,
                       log_share_steps const& steps, Output const& output, In const* x, Out* y) noexcept {
  for (std::size_t row = 0; row < rows; ++row, x += channels, y += channels) {
    row_sum const seen = sum_of(channels, exponential, x);
    std::int32_t const log = log2_of(seen.sum) - (Exponentials::fraction << log2_fraction);
    for (std::size_t c = 0; c < channels; ++c) {
      std::int64_t const code = log_share_of(seen.largest - x[c], log, steps) + output.zero;
      y[c] = static_cast<Out>(code < output.low ? output.low : code > output.high ? output.high : code);
    }
  }
}

}  // namespace dyadic::kernel
