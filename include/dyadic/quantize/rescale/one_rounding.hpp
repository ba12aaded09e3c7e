#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include <dyadic/core/exact.hpp>
#include <dyadic/fixed/rounding.hpp>
#include <dyadic/quantize/accumulator.hpp>
#include <dyadic/quantize/rescale/line.hpp>

namespace dyadic {

/// The formula code = ((x * m + B) >> n) + zero, rounded once: what `multiplier` and `power_of_two` compute.
/// x is an accumulator, a sum of codes or a code; B carries bias, batch-norm offset, zero-point compensation
/// and, for a mode whose increment is a constant, that constant (then the shift is a plain arithmetic one).
template <class Rounding> struct one_rounding {
  /// A deterministic rounding mode: rounding::stochastic is not one.
  static constexpr bool in_bounds = rounding::rounding_mode<Rounding>;
  static constexpr bool positive_gain = false;
  static constexpr bool average_keeps_scale = false;
  static constexpr bool adds_by_shift = Rounding::constant;  ///< `addition` is a plain shift
  static constexpr double smallest_gain = 0;                 ///< any gain, 0 and negative ones included
  /// Accumulators of 64 bits: m has the fewer bits, the wider they are; 15 at that limit.
  static constexpr std::int64_t accumulator_limit = largest_accumulator;

  /// One channel: B, m and n. |m| < 2^31, |B| < 2^62, n is in 0..62.
  struct channel {
    std::int64_t offset;
    std::int32_t multiplier;
    std::uint8_t shift;
    constexpr bool operator==(channel const&) const noexcept = default;
  };

  /// Channels where they lie.
  struct view {
    std::int64_t const* offset;
    std::int32_t const* multiplier;
    std::uint8_t const* shift;

    constexpr channel get(std::size_t index) const noexcept {
      return {offset[index], multiplier[index], shift[index]};
    }
    constexpr view from(std::size_t first) const noexcept {
      return {offset + first, multiplier + first, shift + first};
    }
  };

  /// The channels of one layer.
  template <std::size_t Count> struct channels {
    std::int64_t offset[Count];
    std::int32_t multiplier[Count];
    std::uint8_t shift[Count];

    constexpr void set(std::size_t index, channel const& value) noexcept {
      offset[index] = value.offset;
      multiplier[index] = value.multiplier;
      shift[index] = value.shift;
    }
    constexpr channel get(std::size_t index) const noexcept { return view().get(index); }
    constexpr typename one_rounding::view view() const noexcept { return {offset, multiplier, shift}; }
  };

  /// The sum of two codes: (a * ma + b * mb + B) >> n.
  struct addition {
    std::int64_t offset;
    std::int32_t multiplier_a;
    std::int32_t multiplier_b;
    std::uint8_t shift;
    constexpr bool operator==(addition const&) const noexcept = default;
  };

  /// The sum of several codes: (x[0] * m[0] + x[1] * m[1] + ... + B) >> n.
  template <std::size_t Count> struct summing {
    std::int64_t offset;
    std::int32_t multipliers[Count];
    std::uint8_t shift;
    constexpr bool operator==(summing const&) const noexcept = default;
  };

  /// The average of `count` codes, from their sum.
  struct averaging {
    channel sum;
    constexpr bool operator==(averaging const&) const noexcept = default;
  };

  /// The code before the clamp; |accumulator| is at most the bound that the channel was made for.
  static constexpr std::int64_t apply(channel const& to, std::int64_t accumulator, int zero_out) noexcept {
    return rounded(accumulator * to.multiplier + to.offset, to.shift) + zero_out;
  }

  /// The code before the clamp; codes of at most 16 bits.
  static constexpr std::int64_t apply(addition const& to, int code_a, int code_b, int zero_out) noexcept {
    std::int64_t const sum = std::int64_t{code_a} * to.multiplier_a + std::int64_t{code_b} * to.multiplier_b;
    return rounded(sum + to.offset, to.shift) + zero_out;
  }

  /// The code before the clamp; codes of at most 16 bits.
  template <std::size_t Count>
  static constexpr std::int64_t apply(summing<Count> const& to, std::int32_t const (&codes)[Count],
                                      int zero_out) noexcept {
    std::int64_t sum = to.offset;
    for (std::size_t i = 0; i < Count; ++i) sum += std::int64_t{codes[i]} * to.multipliers[i];
    return rounded(sum, to.shift) + zero_out;
  }

  /// The code before the clamp; the sum of exactly the count of codes that the average was made for.
  static constexpr std::int64_t apply(averaging const& to, std::int64_t sum_of_codes, int zero_out) noexcept {
    return apply(to.sum, sum_of_codes, zero_out);
  }

 protected:
  /// Codes in an addition, average or requantize have at most 16 bits.
  static constexpr std::int64_t code_bound = 32768;

  static constexpr std::int64_t rounded(std::int64_t x, int n) noexcept {
    if constexpr (Rounding::constant)
      return x >> n;
    else
      return Rounding::shift_right(x, n);
  }

  /// Magnitude bits m may have so that |x * m| < 2^62: at most `bits`.
  static constexpr int multiplier_bits(int bits, std::int64_t bound, std::int64_t zero_shift) noexcept {
    std::uint64_t const a = magnitude(bound), b = magnitude(zero_shift);
    int const free = 62 - static_cast<int>(std::bit_width(a > b ? a : b));
    return free < 0 ? 0 : free < bits ? free : bits;
  }

  /// gain * (input_scale * weight_scale) / output_scale: the product of two floats is exact, the two further
  /// steps are rounded. A gain below 2^-512 counts as 0 and one above 2^512 as that.
  static constexpr double factor_of(rescale_line const& line) noexcept {
    double const gain = limited(line.gain, 0x1p512);
    if (gain < 0x1p-512 && gain > -0x1p-512) return 0;
    double const product = exact::multiply(double{line.input_scale}, double{line.weight_scale});
    return exact::divide(exact::multiply(gain, product), double{line.output_scale});
  }

  /// offset / output_scale, beyond +-2^64 (where any code saturates) not distinguished.
  static constexpr double code_offset_of(rescale_line const& line) noexcept {
    double const largest = exact::scale_by_power_of_two(double{line.output_scale}, 64);
    return exact::divide(limited(line.offset, largest), double{line.output_scale});
  }

  /// The channel whose code is (x - zero_shift) * factor + code_offset: n is the largest in 0..62 for which
  /// |m| < 2^bits and |B| < 2^62. If not even n = 0 is enough, m or B saturates: the codes do, too. m and the
  /// offset's part of B are rounded half to even.
  static constexpr channel fit(double factor, double code_offset, std::int64_t zero_shift,
                               int bits) noexcept {
    for (int n = largest_shift(factor, bits, code_offset);; --n) {
      std::int64_t const m = scaled(factor, n);
      if (magnitude(m) >> bits != 0 && n > 0) continue;
      std::int64_t const kept = saturated(m, std::uint64_t{1} << bits);
      std::int64_t const offset = offset_at(n, code_offset, zero_shift * kept);
      if (magnitude(offset) >= limit && n > 0) continue;
      // Unshifted, the zero point (at most 16 bits) is added to it as it is.
      std::uint64_t const beyond = n == 0 ? limit - 65536 : limit;
      return {saturated(offset, beyond), static_cast<std::int32_t>(kept), static_cast<std::uint8_t>(n)};
    }
  }

  /// As `fit`, for a sum of codes: one n for all multipliers.
  template <std::size_t Count>
  static constexpr summing<Count> fit_sum(double const (&factors)[Count],
                                          rescale_operand const (&operands)[Count], int bits) noexcept {
    static_assert(Count <= 16, "a sum of at most 16 tensors");
    double largest = 0;
    for (double const factor : factors)
      largest = exact_magnitude(factor) > largest ? exact_magnitude(factor) : largest;
    for (int n = largest_shift(largest, bits, 0);; --n) {
      summing<Count> sum{constant(n), {}, static_cast<std::uint8_t>(n)};
      bool fits = true;
      for (std::size_t i = 0; i < Count; ++i) {
        std::int64_t const m = scaled(factors[i], n);
        fits = fits && magnitude(m) >> bits == 0;
        std::int64_t const kept = saturated(m, std::uint64_t{1} << bits);
        sum.multipliers[i] = static_cast<std::int32_t>(kept);
        sum.offset -= operands[i].zero * kept;
      }
      if (n == 0 || (fits && magnitude(sum.offset) < limit)) return sum;
    }
  }
  static constexpr addition pair(summing<2> const& sum) noexcept {
    return {sum.offset, sum.multipliers[0], sum.multipliers[1], sum.shift};
  }

  static constexpr double limited(double value, double largest) noexcept {
    return value > largest ? largest : value < -largest ? -largest : value;
  }

 private:
  static constexpr std::uint64_t limit = std::uint64_t{1} << 62;

  static constexpr std::uint64_t magnitude(std::int64_t value) noexcept {
    auto const bits = static_cast<std::uint64_t>(value);
    return value < 0 ? std::uint64_t{0} - bits : bits;
  }
  static constexpr double exact_magnitude(double value) noexcept { return value < 0 ? -value : value; }

  static constexpr std::int64_t saturated(std::int64_t value, std::uint64_t beyond) noexcept {
    auto const largest = static_cast<std::int64_t>(beyond - 1);
    return value > largest ? largest : value < -largest ? -largest : value;
  }

  /// value * 2^n half to even; +-2^62 stands for everything beyond.
  static constexpr std::int64_t scaled(double value, int n) noexcept {
    return rounding::half_even::from_real(exact::scale_by_power_of_two(value, n));
  }

  /// B: the offset's part, minus the zero point's (below 2^62 in magnitude), plus the constant. +-2^62 stands
  /// for everything that leaves 64 bits on the way.
  static constexpr std::int64_t offset_at(int n, double code_offset, std::int64_t zero_part) noexcept {
    constexpr auto beyond = static_cast<std::int64_t>(limit);
    exact::binary const parts = exact::decompose(code_offset);
    int const left = parts.exponent + n;
    if (left > 10 && parts.mantissa != 0) return parts.mantissa < 0 ? -beyond : beyond;
    std::int64_t const real_part = left > 0 ? parts.mantissa * (std::int64_t{1} << left)
                                            : rounding::half_even::shift_right(parts.mantissa, -left);
    std::int64_t offset = 0;
    if (real_part < 0) {
      bool const leaves = __builtin_sub_overflow(real_part + constant(n), zero_part, &offset);
      return leaves ? -beyond : offset;
    }
    bool const leaves = __builtin_sub_overflow(real_part, zero_part, &offset) ||
                        __builtin_add_overflow(offset, constant(n), &offset);
    return leaves ? beyond : offset;
  }

  static constexpr std::int64_t constant(int n) noexcept {
    if constexpr (Rounding::constant)
      return Rounding::increment(std::int64_t{0}, n);
    else
      return 0;
  }

  /// A shift that no larger one can satisfy: where the search starts.
  static constexpr int largest_shift(double factor, int bits, double code_offset) noexcept {
    int n = 62;
    auto const lower = [&n](double value, int allowed) {
      if (exact::binary const parts = exact::decompose(value); parts.mantissa != 0) {
        int const first = allowed - (parts.exponent + 53);  // 2^52 <= |mantissa| < 2^53
        if (first < n) n = first;
      }
    };
    lower(factor, bits);
    lower(code_offset, 63);
    return n < 0 ? 0 : n;
  }
};

}  // namespace dyadic
