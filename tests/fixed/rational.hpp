#pragma once

#include <string_view>

/// Rational arithmetic for the oracles of the fixed-point tests, written from the definitions: it uses
/// nothing of the library and no shifts.
namespace oracle {

__extension__ typedef __int128 integer;

constexpr integer power_of_two(int exponent) {
  integer result = 1;
  for (int i = 0; i < exponent; ++i) result *= 2;
  return result;
}

struct rational {
  integer numerator = 0;
  integer denominator = 1;  // positive

  /// raw * 2^-fraction
  static constexpr rational scaled(integer raw, int fraction) {
    return fraction >= 0 ? rational{raw, power_of_two(fraction)} : rational{raw * power_of_two(-fraction), 1};
  }

  friend constexpr rational operator+(rational a, rational b) {
    return {a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator};
  }
  friend constexpr rational operator-(rational a, rational b) {
    return {a.numerator * b.denominator - b.numerator * a.denominator, a.denominator * b.denominator};
  }
  friend constexpr rational operator*(rational a, rational b) {
    return {a.numerator * b.numerator, a.denominator * b.denominator};
  }
  friend constexpr int compare(rational a, rational b) {
    integer const left = a.numerator * b.denominator;
    integer const right = b.numerator * a.denominator;
    return left < right ? -1 : left > right ? 1 : 0;
  }
  friend constexpr bool operator==(rational a, rational b) { return compare(a, b) == 0; }
};

constexpr integer floor_of(rational value) {
  integer const quotient = value.numerator / value.denominator;
  return quotient * value.denominator > value.numerator ? quotient - 1 : quotient;
}

/// `value` rounded to an integer by the mode of that name.
constexpr integer round(std::string_view mode, rational value) {
  integer const below = floor_of(value);
  integer const rest = value.numerator - below * value.denominator;  // of the denominator
  if (rest == 0) return below;
  integer const above = below + 1;
  bool const negative = value.numerator < 0;
  if (mode == "floor") return below;
  if (mode == "ceil") return above;
  if (mode == "toward_zero") return negative ? above : below;
  integer const other = value.denominator - rest;
  if (rest < other) return below;
  if (rest > other) return above;
  if (mode == "half_up") return above;
  if (mode == "half_down") return below;
  if (mode == "half_away") return negative ? below : above;
  if (mode == "half_to_zero") return negative ? above : below;
  if (mode == "half_even") return below % 2 == 0 ? below : above;
  throw "no such rounding mode";
}

/// `value` brought into `bits` bits by the overflow mode of that name.
constexpr integer fit(std::string_view mode, int bits, bool is_signed, integer value) {
  integer const count = power_of_two(bits);
  integer const highest = is_signed ? count / 2 - 1 : count - 1;
  integer const lowest = !is_signed ? 0 : mode == "saturate_symmetric" ? -highest : -(count / 2);
  if (value >= lowest && value <= highest) return value;
  if (mode == "saturate" || mode == "saturate_symmetric" || mode == "checked")
    return value < lowest ? lowest : highest;
  if (mode == "saturate_to_zero") return 0;
  if (mode == "wrap") {
    integer const rest = (value % count + count) % count;
    return rest > highest ? rest - count : rest;
  }
  throw "no such overflow mode";
}

}  // namespace oracle
