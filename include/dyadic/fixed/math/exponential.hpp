#pragma once

#include <cstdint>

#include <dyadic/fixed/math/scaled.hpp>

namespace dyadic::math {

namespace detail {

/// e^x = 2^(x log2 e): the integer part is the exponent, the fraction goes through Taylor's series. Relative
/// error below 2^-60; from |x| = 1024 a power of two beyond every format.
constexpr scaled exponential(scaled x) noexcept {
  constexpr auto c = reciprocal_factorials<22, 0, 1>();
  constexpr std::uint64_t log2_e[] = {0x7154'7652'B82F'E177, 0x7D0F'FDA0'D23A'7D11};  // behind the point
  constexpr std::uint64_t ln_2 = 0xB172'17F7'D1CF'79AB;  // not above: the series stays below 2
  if (x.is_zero() || x.order() < -64) return one;
  if (x.order() >= 10) return {highest_bit, x.negative ? -4096 : 4096, false};
  int const places = -x.exponent;  // 54 or more
  std::uint64_t const whole = places < 64 ? x.significand >> places : 0;
  std::uint64_t const fraction =
      places < 64 ? x.significand << (64 - places) : x.significand >> (places - 64);
  std::uint64_t power = whole + multiply_high(whole, log2_e[0]);
  std::uint64_t part = add_carry(whole * log2_e[0], multiply_high(whole, log2_e[1]), power);
  part = add_carry(part, fraction, power);
  part = add_carry(part, multiply_high(fraction, log2_e[0]), power);
  int exponent = static_cast<int>(power);
  if (x.negative) {
    exponent = part == 0 ? -exponent : -exponent - 1;
    part = 0 - part;
  }
  return {series(c, multiply_high(part, ln_2)), exponent - 63, false};
}

}  // namespace detail

/// e^x, less than 1 unit in the last place from it: rounded by the destination's rounding from a value of
/// relative error below 2^-60. `x` is a fixed, integer, float or double (an infinity overflows, NaN is 0);
/// without a destination the result has its format.
template <class Destination = void, detail::argument Value> constexpr auto exp(Value x) noexcept {
  using format = detail::destination<Destination, Value>;
  detail::check_destination<format>();
  return detail::narrowed<format>(detail::exponential(detail::scaled_of(x)));
}

}  // namespace dyadic::math
