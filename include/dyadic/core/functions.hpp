#pragma once

#include <dyadic/core/exact.hpp>

/// Elementary functions of doubles, built of correctly rounded operations alone: the same bits from every
/// compiler, flag set and processor, where those of <cmath> differ. What tables of codes are made from.
/// Relative error below 1e-13 where the result is a normal number (tests/core/functions.cpp); a
/// not-a-number counts as 0. For reals of codes, which are finite.
namespace dyadic::exact {

namespace detail {

/// coefficients[0] + x * (coefficients[1] + x * ...), each step rounded.
template <int Count> constexpr double polynomial(double const (&coefficients)[Count], double x) noexcept {
  double sum = coefficients[Count - 1];
  for (int i = Count - 2; i >= 0; --i) sum = add(multiply(sum, x), coefficients[i]);
  return sum;
}

/// 1 / (k + 1)!, k = 0 .. 13.
inline constexpr double inverse_factorials[] = {1.0,
                                                1.0 / 2,
                                                1.0 / 6,
                                                1.0 / 24,
                                                1.0 / 120,
                                                1.0 / 720,
                                                1.0 / 5040,
                                                1.0 / 40320,
                                                1.0 / 362880,
                                                1.0 / 3628800,
                                                1.0 / 39916800,
                                                1.0 / 479001600,
                                                1.0 / 6227020800,
                                                1.0 / 87178291200};

/// e^x - 1 for |x| <= 0.6, by Taylor's series.
constexpr double short_expm1(double x) noexcept { return multiply(x, polynomial(inverse_factorials, x)); }

/// ln 2 as a short number, of which small multiples are exact, and the rest.
inline constexpr double log2_high = 0x1.62e42fee00000p-1;
inline constexpr double log2_low = 0x1.a39ef35793c76p-33;

}  // namespace detail

/// e^x; below -745 it is 0, and it goes no higher than e^709.
constexpr double exp(double x) noexcept {
  if (!(x == x)) return 1;
  if (x < -745) return 0;
  if (x > 709) x = 709;
  constexpr double to_integer = 0x1.8p52;  // adding it rounds to an integer
  double const power = subtract(add(multiply(x, 0x1.71547652b82fep0), to_integer), to_integer);
  double const rest =
      subtract(subtract(x, multiply(power, detail::log2_high)), multiply(power, detail::log2_low));
  return scale_by_power_of_two(add(detail::short_expm1(rest), 1), static_cast<int>(power));
}

/// e^x - 1, as exact near 0.
constexpr double expm1(double x) noexcept {
  if (!(x == x)) return 0;
  return x > -0.5 && x < 0.5 ? detail::short_expm1(x) : subtract(exp(x), 1);
}

/// The natural logarithm of a positive x.
constexpr double log(double x) noexcept {
  binary const parts = decompose(x);
  if (parts.mantissa <= 0) return -0x1p10;
  double m = scale_by_power_of_two(static_cast<double>(parts.mantissa), -53);  // in [0.5, 1)
  int power = parts.exponent + 53;
  if (m < 0x1.6a09e667f3bcdp-1) {
    m = multiply(m, 2);
    --power;
  }
  // log m = 2 (f + f^3 / 3 + f^5 / 5 + ...)
  constexpr double odd[] = {1.0,      1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9, 1.0 / 11,
                            1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21};
  double const f = divide(subtract(m, 1), add(m, 1));
  double const near = multiply(multiply(2, f), detail::polynomial(odd, multiply(f, f)));
  auto const whole = static_cast<double>(power);
  return add(multiply(whole, detail::log2_high), add(multiply(whole, detail::log2_low), near));
}

/// The hyperbolic tangent.
constexpr double tanh(double x) noexcept {
  if (!(x == x)) return 0;
  double const size = x < 0 ? -x : x;
  double const grown = expm1(multiply(2, size < 20 ? size : 20));
  double const share = divide(grown, add(grown, 2));
  return x < 0 ? -share : share;
}

/// 1 / (1 + e^-x).
constexpr double sigmoid(double x) noexcept {
  if (x < 0) {
    double const small = exp(x);
    return divide(small, add(1, small));
  }
  return divide(1, add(1, exp(-x)));
}

/// 1 - erf(x), as exact where it is small.
constexpr double erfc(double x) noexcept;

/// The error function, 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x.
constexpr double erf(double x) noexcept {
  if (!(x == x)) return 0;
  double const size = x < 0 ? -x : x;
  if (size > 2) return x < 0 ? subtract(erfc(size), 1) : subtract(1, erfc(size));
  // 2 / sqrt(pi) e^(-x^2) (x + 2 x^3 / 3 + 4 x^5 / 15 + ...): no term is negative.
  double const twice_square = multiply(2, multiply(x, x));
  double term = x, sum = x;
  for (int odd = 3; odd < 100; odd += 2) {
    term = divide(multiply(term, twice_square), static_cast<double>(odd));
    sum = add(sum, term);
  }
  return multiply(multiply(0x1.20dd750429b6dp0, exp(-multiply(x, x))), sum);
}

constexpr double erfc(double x) noexcept {
  if (!(x == x)) return 1;
  if (x < 0.5) return subtract(1, erf(x < -30 ? -30 : x));
  if (x > 27) return 0;
  // e^(-x^2) / sqrt(pi) / (x + (1/2) / (x + (2/2) / (x + (3/2) / ...))), from the inside out.
  int const depth = x < 1 ? 1200 : x < 2 ? 300 : 80;
  double below = x;
  for (int k = depth; k > 0; --k) below = add(x, divide(static_cast<double>(k) * 0.5, below));
  return divide(multiply(0x1.20dd750429b6dp-1, exp(-multiply(x, x))), below);
}

}  // namespace dyadic::exact
