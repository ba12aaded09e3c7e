#pragma once

#include <bit>
#include <cstdint>

#include <dyadic/fixed/decimal.hpp>
#include <dyadic/fixed/fixed.hpp>

namespace dyadic {

namespace detail {

/// A literal as raw * 2^-fraction with the smallest raw.
struct exact_literal {
  std::uint64_t raw = 0;
  int fraction = 0;
  bool is_number = true;
  bool is_exact = true;
};

constexpr exact_literal read_literal(char const* text, int size) noexcept {
  auto const parsed = parse_decimal(text, size, true);
  if (parsed.fault != decimal_fault::none) return {0, 0, false, true};
  if (parsed.number.is_zero()) return {};
  decimal_number scaled = parsed.number;
  int fraction = 0;
  while (scaled.point < scaled.count && fraction < 256) {
    scaled.double_times(1);
    ++fraction;
  }
  if (scaled.point < scaled.count) return {0, 0, true, false};
  auto binary = to_binary(scaled, 0);
  while (!binary.fits && binary.left == 0 && fraction > -600) {
    scaled.halve_times(1);
    --fraction;
    binary = to_binary(scaled, 0);
  }
  if (!binary.fits || binary.left != 0) return {0, 0, true, false};
  int const zeros = fraction > 0 ? 0 : std::countr_zero(binary.units);
  return {binary.units >> zeros, fraction - zeros, true, true};
}

}  // namespace detail

inline namespace literals {

/// A decimal literal as the smallest unsigned fixed that holds it exactly: 2.75_fixed is an
/// unsigned_fixed<4, 2>, 96_fixed an unsigned_fixed<2, -5>. One that is no binary fraction of at most 64 bits
/// (0.1_fixed) does not compile. It converts to any format that holds it.
template <char... Characters> consteval auto operator""_fixed() noexcept {
  constexpr char text[] = {Characters...};
  constexpr auto literal = detail::read_literal(text, sizeof...(Characters));
  static_assert(literal.is_number, "a fixed literal is decimal: 2.75_fixed, 1e3_fixed");
  static_assert(literal.is_exact,
                "this literal is no binary fraction of at most 64 bits: write format{0.1}, which rounds");
  constexpr int bits = literal.raw == 0 ? 1 : static_cast<int>(std::bit_width(literal.raw));
  using format = unsigned_fixed<bits, literal.fraction>;
  return format::from_raw(static_cast<typename format::storage>(literal.raw));
}

}  // namespace literals

}  // namespace dyadic
