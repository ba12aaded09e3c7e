#pragma once

#include <bit>
#include <cstdint>

namespace dyadic::kernel {

/// The largest integer whose square is at most `value`.
constexpr std::uint32_t floor_root(std::uint64_t value) noexcept {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1)
    if ((root | bit) * (root | bit) <= value) root |= bit;
  return static_cast<std::uint32_t>(root);
}

/// mantissa / 2^shift.
struct scaled_integer {
  std::int64_t mantissa;
  int shift;
};

/// 1 / sqrt(value) for a value of 1 or more: the largest mantissa that is not above it, in 2^30 .. 2^31, so
/// that the relative error is below 2^-30. The shift is in 31 .. 62.
constexpr scaled_integer reciprocal_root(std::uint64_t value) noexcept {
  int const pairs = std::countl_zero(value) / 2;
  std::uint64_t const w = value << (2 * pairs);  // in [2^62, 2^64)
  // floor(2^124 / w): its root is the largest m for which m^2 w <= 2^124.
  std::uint64_t rest = std::uint64_t{1} << 62, quotient = 0;
  for (int bit = 0; bit <= 62; ++bit) {
    bool const carry = bit > 0 && rest >> 63 != 0;
    if (bit > 0) rest <<= 1;
    quotient <<= 1;
    if (carry || rest >= w) {
      rest -= w;
      quotient |= 1;
    }
  }
  return {floor_root(quotient), 62 - pairs};
}

}  // namespace dyadic::kernel
