#pragma once

#include <cstdint>

#include <dyadic/fixed/math/exponential.hpp>
#include <dyadic/fixed/math/scaled.hpp>

namespace dyadic::math {

namespace detail {

/// sinh x / cosh x by their series near 0, else (1 - e^-2x) / (1 + e^-2x). Relative error below 2^-59.
constexpr scaled hyperbolic_tangent(scaled x) noexcept {
  constexpr auto odd = reciprocal_factorials<9, 1, 2>();
  constexpr auto even = reciprocal_factorials<9, 0, 2>();
  constexpr std::uint64_t most = ~std::uint64_t{0};
  if (x.is_zero()) return {};
  if (x.order() < -2) {
    std::uint64_t const square = fraction_of(multiply(x, x));
    return multiply(x, divide(normalized(series(odd, square), -63), normalized(series(even, square), -63)));
  }
  if (x.order() >= 5) return {most, -64, x.negative};
  std::uint64_t const power = fraction_of(exponential({x.significand, x.exponent + 1, true}));
  if (power == 0) return {most, -64, x.negative};
  return divide(normalized(0 - power, -64, x.negative), normalized(highest_bit + (power >> 1), -63));
}

/// 1 / (1 + e^-x) or e^x / (1 + e^x), with the exponent that is negative. Relative error below 2^-59.
constexpr scaled logistic(scaled x) noexcept {
  if (x.is_zero()) return {highest_bit, -64, false};
  scaled const power = exponential({x.significand, x.exponent, true});
  if (power.order() >= 0) return {highest_bit, -64, false};
  scaled const sum = normalized(highest_bit + (fraction_of(power) >> 1), -63);
  return divide(x.negative ? power : one, sum);
}

}  // namespace detail

/// The hyperbolic tangent, less than 1 unit in the last place from it: rounded by the destination's rounding
/// from a value of relative error below 2^-59.
template <class Destination = void, detail::argument Value> constexpr auto tanh(Value x) noexcept {
  using format = detail::destination<Destination, Value>;
  detail::check_destination<format>();
  return detail::narrowed<format>(detail::hyperbolic_tangent(detail::scaled_of(x)));
}

/// The logistic function 1 / (1 + e^-x), as `tanh`.
template <class Destination = void, detail::argument Value> constexpr auto sigmoid(Value x) noexcept {
  using format = detail::destination<Destination, Value>;
  detail::check_destination<format>();
  return detail::narrowed<format>(detail::logistic(detail::scaled_of(x)));
}

}  // namespace dyadic::math
