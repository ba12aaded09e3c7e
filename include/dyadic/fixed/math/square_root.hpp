#pragma once

#include <cstdint>

#include <dyadic/fixed/math/scaled.hpp>

namespace dyadic::math {

namespace detail {

/// The root's 63 highest bits, the last set if anything is left.
constexpr scaled square_root(scaled x) noexcept {
  if (x.is_zero()) return {};
  int const up = (x.exponent & 1) == 0 ? 58 : 59;  // to 122 or 123 bits and an even exponent
  std::uint64_t high = x.significand >> (64 - up);
  std::uint64_t low = x.significand << up;
  std::uint64_t root = 0;
  std::uint64_t rest = 0;
  for (int pair = 0; pair < 62; ++pair) {
    rest = rest << 2 | (high >> 58 & 3);
    high = high << 2 | low >> 62;
    low <<= 2;
    std::uint64_t const trial = root << 2 | 1;
    bool const next = rest >= trial;
    if (next) rest -= trial;
    root = root << 1 | static_cast<std::uint64_t>(next);
  }
  return normalized(root << 1 | static_cast<std::uint64_t>(rest != 0), (x.exponent - up) / 2 - 1);
}

}  // namespace detail

/// The square root, rounded once by the destination's rounding: correctly rounded. Of a negative number it is
/// 0 (an error if the destination is `checked`).
template <class Destination = void, detail::argument Value> constexpr auto sqrt(Value x) noexcept {
  using format = detail::destination<Destination, Value>;
  detail::check_destination<format>();
  auto const argument = detail::scaled_of(x);
  if (argument.negative) {
    detail::outside_domain<format>();
    return format{};
  }
  return detail::narrowed<format>(detail::square_root(argument));
}

}  // namespace dyadic::math
