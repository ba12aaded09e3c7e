#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <typeindex>  // declares std::hash, and little else

#include <dyadic/fixed/fixed.hpp>

/// Equal numbers have equal hashes, whatever their formats.
template <int Bits, int Fraction, class Rounding, class Overflow, bool Signed>
struct std::hash<dyadic::fixed<Bits, Fraction, Rounding, Overflow, Signed>> {
  constexpr std::size_t operator()(
      dyadic::fixed<Bits, Fraction, Rounding, Overflow, Signed> value) const noexcept {
    bool const negative = value.raw() < 0;
    auto magnitude = static_cast<std::uint64_t>(value.raw());
    if (negative) magnitude = 0 - magnitude;
    if (magnitude == 0) return 0;
    int const zeros = std::countr_zero(magnitude);
    auto mixed = (magnitude >> zeros) * 0x9E37'79B9'7F4A'7C15U;
    mixed += static_cast<std::uint64_t>(2 * (zeros - Fraction) + (negative ? 1 : 0)) * 0xC2B2'AE3D'27D4'EB4FU;
    mixed = (mixed ^ mixed >> 32) * 0xD6E8'FEB8'6659'FD93U;
    return static_cast<std::size_t>(mixed ^ mixed >> 29);
  }
};
