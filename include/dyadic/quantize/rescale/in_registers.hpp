#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/fixed/overflow.hpp>
#include <dyadic/quantize/rescale/multiplier.hpp>

namespace dyadic {

/// Widths of a machine's registers in bits, the sign counted. 0: as wide as it takes.
struct register_bits {
  int accumulator = 0;
  int code = 0;
};

/// `Policy` on a machine whose registers are narrow. Sums of products are kept modulo 2^Bits.accumulator,
/// which is the same whether each addition wraps or the last one, and whatever their order; B (bias, batch
/// norm) is added behind. What the policy then gives is put in Bits.code bits by `Overflow` before an
/// activation clamps it. In a sum of branches and in an average the code alone is narrow. The gradient passes
/// as if nothing had wrapped, except where a range or gradient rule looks at the reals.
template <register_bits Bits, rescale_policy Policy = multiplier<>,
          overflow::overflow_mode Overflow = overflow::wrap>
struct in_registers : Policy {
  static constexpr bool in_bounds =
      (Bits.accumulator == 0 || (2 <= Bits.accumulator && Bits.accumulator <= 32)) &&
      (Bits.code == 0 || (2 <= Bits.code && Bits.code <= 16)) && [] {
        if constexpr (requires { Policy::in_bounds; })
          return Policy::in_bounds;
        else
          return true;
      }();

  using formula = void;  // what kernels know of the policy's own is not all that happens here
  using typename Policy::addition;
  using typename Policy::averaging;
  using typename Policy::channel;

  static constexpr auto name = fixed_string("in_registers<") + decimal<Bits.accumulator>() + "," +
                               decimal<Bits.code>() + "," + Policy::name + "," + Overflow::name + ">";

  /// The code before the clamp.
  static constexpr std::int64_t apply(channel const& to, std::int64_t accumulator, int zero_out) noexcept {
    return code(Policy::apply(to, wrapped(accumulator), zero_out));
  }
  static constexpr std::int64_t apply(addition const& to, int code_a, int code_b, int zero_out) noexcept {
    return code(Policy::apply(to, code_a, code_b, zero_out));
  }
  template <class Summing, std::size_t Count>
  static constexpr std::int64_t apply(Summing const& to, std::int32_t const (&codes)[Count],
                                      int zero_out) noexcept {
    return code(Policy::apply(to, codes, zero_out));
  }
  static constexpr std::int64_t apply(averaging const& to, std::int64_t sum_of_codes, int zero_out) noexcept {
    return code(Policy::apply(to, sum_of_codes, zero_out));
  }

 private:
  static constexpr std::int64_t wrapped(std::int64_t accumulator) noexcept {
    static_assert(in_bounds, "in_registers: an accumulator of 2 to 32 bits and codes of 2 to 16, or 0");
    if constexpr (Bits.accumulator == 0)
      return accumulator;
    else
      return overflow::wrap::apply<Bits.accumulator, true>(accumulator);
  }
  static constexpr std::int64_t code(std::int64_t value) noexcept {
    if constexpr (Bits.code == 0)
      return value;
    else
      return Overflow::template apply<Bits.code, true>(value);
  }
};

}  // namespace dyadic
