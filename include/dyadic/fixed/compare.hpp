#pragma once

#include <bit>
#include <compare>
#include <cstdint>

#include <dyadic/fixed/fixed.hpp>

namespace dyadic {

/// By value, with an integer of any width.
template <fixed_number A, detail::whole_number B>
constexpr std::strong_ordering operator<=>(A a, B b) noexcept {
  return a <=> detail::as_fixed<B>::from_raw(b);
}
template <fixed_number A, detail::whole_number B> constexpr bool operator==(A a, B b) noexcept {
  return (a <=> b) == 0;
}

/// By value, with a real, exactly: neither is converted. A NaN is unordered.
template <fixed_number A, detail::real_number B>
constexpr std::partial_ordering operator<=>(A a, B b) noexcept {
  auto const real = static_cast<double>(b);
  if (std::bit_cast<std::uint64_t>(real) << 1 > std::uint64_t{0x7FF} << 53)
    return std::partial_ordering::unordered;
  auto const [significand, exponent] = rounding::decompose(real);
  int const shift = exponent + A::fraction;  // of the significand, to a's unit
  auto const raw = a.raw();
  bool const negative = significand < 0;
  if (significand == 0) return detail::compare_integers(raw, significand);
  if (shift <= 0) {  // whole units first, then what is left of b
    int const drop = shift < -63 ? 63 : -shift;
    auto const order = detail::compare_integers(raw, significand >> drop);
    bool const left = (significand >> drop) << drop != significand;
    return order == 0 && left ? std::strong_ordering::less : order;
  }
  if ((raw < 0) != negative) return negative ? std::strong_ordering::greater : std::strong_ordering::less;
  auto const magnitude = static_cast<std::uint64_t>(negative ? -significand : significand);
  if (static_cast<int>(std::bit_width(magnitude)) + shift > 64)
    return negative ? std::strong_ordering::greater : std::strong_ordering::less;
  auto const own = negative ? 0 - static_cast<std::uint64_t>(raw) : static_cast<std::uint64_t>(raw);
  return negative ? magnitude << shift <=> own : own <=> magnitude << shift;
}
template <fixed_number A, detail::real_number B> constexpr bool operator==(A a, B b) noexcept {
  return (a <=> b) == 0;
}

}  // namespace dyadic
