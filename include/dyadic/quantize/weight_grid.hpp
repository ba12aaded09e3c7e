#pragma once

#include <cstddef>

#include <dyadic/core/name.hpp>
#include <dyadic/quantize/grid.hpp>

/// Grids of weights with fewer codes than integers between their ends. The codes are integers, so the kernels
/// of every other grid multiply them; a code is stored in `bits` bits, of which the layout makes 2, 4 or 8.
namespace dyadic::grid {

/// Codes -1 and 1, the sign of the weight; 0 counts as positive (Courbariaux et al. 2016). Stored in 2 bits,
/// or in 1 where the activations are binary too.
struct binary : mirrored<1> {
  static constexpr auto name = fixed_string("binary");
  static constexpr int bits = 2;

  static constexpr int code_of(float quotient) noexcept { return quotient < 0 ? -1 : 1; }
};

/// The nearest of ascending magnitudes with the quotient's sign; the smaller one in the middle between two.
template <std::size_t Count>
constexpr int nearest_level(int const (&magnitudes)[Count], float quotient) noexcept {
  float const magnitude = quotient < 0 ? -quotient : quotient;
  int nearest = magnitudes[0];
  for (std::size_t i = 1; i < Count; ++i)
    if (2 * magnitude > static_cast<float>(magnitudes[i - 1] + magnitudes[i])) nearest = magnitudes[i];
  return quotient < 0 ? -nearest : nearest;
}

/// Codes 0 and +-2^k, k = 0 .. 2^(Bits-1) - 2: Bits bits of information. 3 bits have the codes up to 4,
/// stored in 4 bits; 4 bits those up to 64, stored in 8. Rounded to the nearest code, not to the nearest
/// exponent (as QKeras' quantized_po2 does, which has no zero).
template <int Bits> struct powers_of_two : mirrored<(Bits == 3 ? 4 : 64)> {
  static constexpr bool in_bounds = Bits == 3 || Bits == 4;  // 2 bits are `ternary`
  static constexpr auto name = "powers_of_two<" + decimal<Bits>() + ">";
  static constexpr int bits = Bits == 3 ? 4 : 8;

  static constexpr int code_of(float quotient) noexcept {
    static_assert(in_bounds, "powers_of_two<Bits>: 3 or 4 bits");
    if constexpr (Bits == 3) {
      constexpr int magnitudes[]{0, 1, 2, 4};
      return nearest_level(magnitudes, quotient);
    } else {
      constexpr int magnitudes[]{0, 1, 2, 4, 8, 16, 32, 64};
      return nearest_level(magnitudes, quotient);
    }
  }
};

/// Additive powers of two (Li, Dong, Wang 2020): a sign and a sum of powers of two, each of a set of its own.
/// 4 bits: {0, 8, 4, 1} + {0, 2}, up to 10; 5 bits: {0, 32, 8, 2} + {0, 16, 4, 1}, up to 48. Stored in 8
/// bits.
template <int Bits> struct additive_powers_of_two : mirrored<(Bits == 4 ? 10 : 48)> {
  static constexpr bool in_bounds = Bits == 4 || Bits == 5;
  static constexpr auto name = "additive_powers_of_two<" + decimal<Bits>() + ">";
  static constexpr int bits = Bits == 4 ? 5 : 7;

  static constexpr int code_of(float quotient) noexcept {
    static_assert(in_bounds, "additive_powers_of_two<Bits>: 4 or 5 bits");
    if constexpr (Bits == 4) {
      constexpr int magnitudes[]{0, 1, 2, 3, 4, 6, 8, 10};
      return nearest_level(magnitudes, quotient);
    } else {
      constexpr int magnitudes[]{0, 1, 2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 32, 33, 36, 48};
      return nearest_level(magnitudes, quotient);
    }
  }
};

}  // namespace dyadic::grid
