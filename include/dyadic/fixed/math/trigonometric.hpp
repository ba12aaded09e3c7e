#pragma once

#include <bit>
#include <cstdint>

#include <dyadic/fixed/math/scaled.hpp>

namespace dyadic::math {

namespace detail {

/// An angle as quarter * pi/2 + rest, |rest| <= pi/4.
struct angle {
  unsigned quarter;
  scaled rest;
};

/// Reduction of |x| by Payne and Hanek: only those bits of 2/pi are multiplied that are below a whole turn. x
/// is below 2^1024.
constexpr angle reduced(scaled x) noexcept {
  constexpr std::uint64_t two_over_pi[] = {0,
                                           0,
                                           0xA2F9836E4E441529,
                                           0xFC2757D1F534DDC0,
                                           0xDB6295993C439041,
                                           0xFE5163ABDEBBC561,
                                           0xB7246E3A424DD2E0,
                                           0x06492EEA09D1921C,
                                           0xFE1DEB1CB129A73E,
                                           0xE88235F52EBB4484,
                                           0xE99C7026B45F7E41,
                                           0x3991D639835339F4,
                                           0x9C845F8BBDF9283B,
                                           0x1FF897FFDE05980F,
                                           0xEF2F118B5A0A6D1F,
                                           0x6D367ECF27CB09B7,
                                           0x4F463F669E5FEA2D,
                                           0x7527BAC7EBE5F17B,
                                           0x3D0739F78A5292EA,
                                           0x6BFB5FB11F8D5D08};  // from 2^127 on
  constexpr scaled half_pi{0xC90F'DAA2'2168'C235, -63, false};
  x.negative = false;
  if (x.is_zero() || x.order() < -1) return {0, x};
  auto const first = static_cast<unsigned>(x.exponent + 126);  // the bit that makes 2 with x
  auto const word = [&](unsigned i) {
    std::uint64_t const high = two_over_pi[first / 64 + i] << first % 64;
    return first % 64 == 0 ? high : high | two_over_pi[first / 64 + i + 1] >> (64 - first % 64);
  };
  // the product in units of 2^-190, modulo 4
  std::uint64_t middle = multiply_high(x.significand, word(2));
  std::uint64_t high = multiply_high(x.significand, word(1)) + x.significand * word(0);
  middle = add_carry(middle, x.significand * word(1), high);
  std::uint64_t const low = x.significand * word(2);
  auto quarter = static_cast<unsigned>(high >> 62);
  high = high << 2 | middle >> 62;
  middle = middle << 2 | low >> 62;
  bool const above = high >> 63 != 0;
  if (above) {  // the rest is negative
    ++quarter;
    high = ~high + static_cast<std::uint64_t>(middle == 0);
    middle = 0 - middle;
  }
  if (high == 0) return {quarter % 4, multiply(normalized(middle, -128, above), half_pi)};
  int const missing = std::countl_zero(high);
  if (missing > 0) high = high << missing | middle >> (64 - missing);
  return {quarter % 4, multiply({high, -64 - missing, above}, half_pi)};
}

constexpr scaled sine_of_rest(scaled x) noexcept {
  constexpr auto c = reciprocal_factorials<11, 1, 2>();
  if (x.is_zero()) return {};
  return multiply(x, normalized(alternating_series(c, fraction_of(multiply(x, x))), -63));
}

constexpr scaled cosine_of_rest(scaled x) noexcept {
  constexpr auto c = reciprocal_factorials<12, 0, 2>();
  if (x.is_zero()) return one;
  return normalized(alternating_series(c, fraction_of(multiply(x, x))), -63);
}

/// sin(|x| + quarters * pi/2).
constexpr scaled sine(scaled x, unsigned quarters) noexcept {
  auto const [quarter, rest] = reduced(x);
  unsigned const turned = (quarter + quarters) % 4;
  scaled const value = turned % 2 == 0 ? sine_of_rest(rest) : cosine_of_rest(rest);
  return turned < 2 || value.is_zero() ? value : negated(value);
}

template <class Format> constexpr Format sine(scaled x, unsigned quarters) noexcept {
  if (!x.is_zero() && x.order() >= 1024) {
    outside_domain<Format>();
    return Format{};
  }
  scaled const value = sine(x, quarters);
  return narrowed<Format>(quarters == 0 && x.negative && !value.is_zero() ? negated(value) : value);
}

}  // namespace detail

/// The sine of x radians, however many, less than 1 unit in the last place from it: rounded by the
/// destination's rounding from a value of relative error below 2^-59. Of an infinity it is 0 (an error if the
/// destination is `checked`).
template <class Destination = void, detail::argument Value> constexpr auto sin(Value x) noexcept {
  using format = detail::destination<Destination, Value>;
  detail::check_destination<format>();
  return detail::sine<format>(detail::scaled_of(x), 0);
}

/// The cosine of x radians, as `sin`.
template <class Destination = void, detail::argument Value> constexpr auto cos(Value x) noexcept {
  using format = detail::destination<Destination, Value>;
  detail::check_destination<format>();
  return detail::sine<format>(detail::scaled_of(x), 1);
}

}  // namespace dyadic::math
