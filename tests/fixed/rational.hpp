#pragma once

#include <string_view>

/// Rational arithmetic for the oracles of the fixed-point tests, written from the definitions: it uses
/// nothing of the library and no shifts.
namespace oracle {

__extension__ typedef __int128 integer;

[[gnu::noinline]] inline integer power_of_two(int exponent) {
  integer result = 1;
  for (int i = 0; i < exponent; ++i) result *= 2;
  return result;
}

struct rational {
  integer numerator = 0;
  integer denominator = 1;  // a power of two

  /// raw * 2^-fraction
  [[gnu::noinline]] static rational scaled(integer raw, int fraction) {
    return fraction >= 0 ? rational{raw, power_of_two(fraction)} : rational{raw * power_of_two(-fraction), 1};
  }

  /// The numerator over a denominator that is a multiple of this one's.
  integer over(integer multiple) const { return numerator * (multiple / denominator); }
  static integer common(rational a, rational b) {  // both are powers of two
    return a.denominator > b.denominator ? a.denominator : b.denominator;
  }

  [[gnu::noinline]] friend rational operator+(rational a, rational b) {
    return {a.over(common(a, b)) + b.over(common(a, b)), common(a, b)};
  }
  [[gnu::noinline]] friend rational operator-(rational a, rational b) {
    return {a.over(common(a, b)) - b.over(common(a, b)), common(a, b)};
  }
  [[gnu::noinline]] friend rational operator*(rational a, rational b) {
    return {a.numerator * b.numerator, a.denominator * b.denominator};
  }
  [[gnu::noinline]] friend int compare(rational a, rational b) {
    integer const left = a.over(common(a, b));
    integer const right = b.over(common(a, b));
    return left < right ? -1 : left > right ? 1 : 0;
  }
  [[gnu::noinline]] friend bool operator==(rational a, rational b) { return compare(a, b) == 0; }
};

[[gnu::noinline]] inline integer floor_of(rational value) {
  integer const quotient = value.numerator / value.denominator;
  return quotient * value.denominator > value.numerator ? quotient - 1 : quotient;
}

/// `value` rounded to an integer by the mode of that name.
[[gnu::noinline]] inline integer round(std::string_view mode, rational value) {
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
  if (mode == "half_odd") return below % 2 == 0 ? above : below;
  throw "no such rounding mode";
}

/// `value` brought into `bits` bits by the overflow mode of that name.
[[gnu::noinline]] inline integer fit(std::string_view mode, int bits, bool is_signed, integer value) {
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

/// The raw integer that `value` becomes in a format.
[[gnu::noinline]] inline integer narrowed(rational value, char const* rounding, char const* overflow,
                                          int bits, int fraction, bool is_signed) {
  return fit(overflow, bits, is_signed, round(rounding, value * rational::scaled(1, -fraction)));
}

}  // namespace oracle
