#pragma once

#include <concepts>
#include <cstdint>

#include <dyadic/core/name.hpp>

namespace dyadic {

/// Where codes lie on the real axis: real = scale * (code - zero). The scale is positive.
struct code_grid {
  float scale = 1;
  std::int32_t zero = 0;
};

/// A closed range of reals.
struct interval {
  float low = 0;
  float high = 0;
};

/// No scale is smaller, so that no division by a scale overflows; ranges that would give less get this.
inline constexpr float smallest_scale = 0x1p-96F;
/// No range bound is larger; infinite and larger observations count as this.
inline constexpr float largest_bound = 0x1p96F;

/// `code` itself when it is inside [low, high], else the nearer bound.
template <class Integer> constexpr Integer clamp(Integer code, Integer low, Integer high) noexcept {
  return code < low ? low : high < code ? high : code;
}

/// A uniform grid of integer codes: how many bits, which codes, and where they lie for a range of reals.
/// `fit` is defined for every interval: zero is always representable, and an empty one gives scale 1. Parts
/// of a quantizer that have parameters say in `in_bounds` whether these make sense: a network examines that.
template <class Grid>
concept grid_rule = requires(interval range) {
  { Grid::bits } -> std::convertible_to<int>;
  { Grid::low } -> std::convertible_to<int>;
  { Grid::high } -> std::convertible_to<int>;
  { Grid::has_zero_point } -> std::convertible_to<bool>;
  { Grid::fit(range) } -> std::same_as<code_grid>;
  Grid::name.size();
};

namespace grid {

/// The larger magnitude of the two bounds, made finite; not-a-number counts as 0.
constexpr float largest_magnitude(interval range) noexcept {
  float const low = range.low < 0 ? -range.low : range.low;
  float const high = range.high < 0 ? -range.high : range.high;
  float largest = low > high ? low : high;
  if (!(low == low)) largest = high;
  if (!(largest == largest)) largest = 0;
  return largest > largest_bound ? largest_bound : largest;
}

/// A scale is a correctly rounded quotient, never below the smallest scale; 1 for an empty range.
constexpr float scale_of(double extent, int steps) noexcept {
  if (!(extent > 0)) return 1;
  float const scale = static_cast<float>(extent / steps);
  return scale < smallest_scale ? smallest_scale : scale;
}

/// Which codes a grid around zero has, and where the larger magnitude of a range lies on it.
enum class span : std::uint8_t {
  narrow,  ///< -(2^(Bits-1) - 1) .. 2^(Bits-1) - 1: as many below zero as above
  full,    ///< one code more below zero; the scale is that of `narrow` (TFLite's 16-bit activations)
  wide,    ///< the codes of `full`, the magnitude at 2^(Bits-1) - 1/2: it is cut by half a step above zero,
           ///< and reached with half a step to spare below (PyTorch's symmetric observers)
};

/// Codes around zero, without a zero point: 2 to 16 bits.
template <int Bits, span Span = span::narrow> struct symmetric {
  static constexpr bool in_bounds = 2 <= Bits && Bits <= 16;
  static constexpr auto name = [] {
    if constexpr (Span == span::narrow)
      return "symmetric<" + decimal<Bits>() + ">";
    else if constexpr (Span == span::full)
      return "symmetric<" + decimal<Bits>() + ",full>";
    else
      return "symmetric<" + decimal<Bits>() + ",wide>";
  }();
  static constexpr int bits = Bits;
  static constexpr int high = (1 << (Bits - 1)) - 1;
  static constexpr int low = Span == span::narrow ? -high : -high - 1;
  static constexpr bool has_zero_point = false;

  static constexpr code_grid fit(interval range) noexcept {
    static_assert(in_bounds, "symmetric<Bits>: 2 to 16 bits");
    double const largest = double{largest_magnitude(range)};
    return {Span == span::wide ? scale_of(2 * largest, high - low) : scale_of(largest, high), 0};
  }
};

/// A fixed-point number's codes, -2^(Bits-1) .. 2^(Bits-1) - 1, with the scale 2^-Fraction in the type: no
/// range is observed, and from such a grid to another every factor is a power of two. Without a batch norm,
/// `power_of_two` then rounds no factor: each requantization is a shift. The values are those of
/// ac_fixed<Bits, Bits - Fraction>: 2 to 16 bits, a fraction of -64 to 64. As weights under a policy that
/// negates channels take `span::narrow`.
template <int Bits, int Fraction, span Span = span::full> struct fixed_point {
  static constexpr bool in_bounds =
      2 <= Bits && Bits <= 16 && -64 <= Fraction && Fraction <= 64 && Span != span::wide;
  static constexpr auto name = [] {
    auto const numbers = "fixed_point<" + decimal<Bits>() + "," + decimal<Fraction>();
    if constexpr (Span == span::narrow)
      return numbers + ",narrow>";
    else
      return numbers + ">";
  }();
  static constexpr int bits = Bits;
  static constexpr int high = (1 << (Bits - 1)) - 1;
  static constexpr int low = Span == span::narrow ? -high : -high - 1;
  static constexpr bool has_zero_point = false;
  static constexpr bool has_own_scale = true;
  static constexpr float scale = [] {
    float value = 1;
    for (int i = 0; i < Fraction; ++i) value /= 2;
    for (int i = 0; i > Fraction; --i) value *= 2;
    return value;
  }();

  static constexpr code_grid fit(interval) noexcept {
    static_assert(in_bounds,
                  "fixed_point<Bits, Fraction, Span>: 2 to 16 bits, a fraction of -64 to 64, a span "
                  "that is full or narrow");
    return {scale, 0};
  }
};

/// Codes -2^(Bits-1) .. 2^(Bits-1) - 1 with a zero point, 1 to 8 bits; the range is widened to hold zero.
/// Of one bit, the binary activations -1 and 0, one stands for zero. Wider codes have no zero point:
/// `symmetric`.
template <int Bits> struct affine {
  static constexpr bool in_bounds = 1 <= Bits && Bits <= 8;
  static constexpr auto name = "affine<" + decimal<Bits>() + ">";
  static constexpr int bits = Bits;
  static constexpr int low = -(1 << (Bits - 1));
  static constexpr int high = (1 << (Bits - 1)) - 1;
  static constexpr bool has_zero_point = true;

  static constexpr code_grid fit(interval range) noexcept {
    static_assert(in_bounds, "affine<Bits>: 1 to 8 bits");
    double const bottom = -static_cast<double>(largest_magnitude({range.low < 0 ? range.low : 0, 0}));
    double const top = static_cast<double>(largest_magnitude({0, range.high > 0 ? range.high : 0}));
    float const scale = scale_of(top - bottom, high - low);
    double const offset = -bottom / static_cast<double>(scale);  // 0 .. high - low, up to rounding
    auto const steps = static_cast<std::int32_t>(offset);
    std::int32_t const nearest = offset - steps >= 0.5 ? steps + 1 : steps;
    return {scale, top > bottom ? clamp(low + nearest, low, high) : 0};
  }
};

/// The codes of `symmetric<Bits>` with a scale that is a power of two: the smallest that covers the range.
template <int Bits> struct power_of_two_scale {
  static constexpr bool in_bounds = 2 <= Bits && Bits <= 16;
  static constexpr auto name = "power_of_two_scale<" + decimal<Bits>() + ">";
  static constexpr bool power_of_two = true;
  static constexpr int bits = Bits;
  static constexpr int high = (1 << (Bits - 1)) - 1;
  static constexpr int low = -high;
  static constexpr bool has_zero_point = false;

  static constexpr code_grid fit(interval range) noexcept {
    static_assert(in_bounds, "power_of_two_scale<Bits>: 2 to 16 bits");
    float const largest = largest_magnitude(range);
    if (!(largest > 0)) return {1, 0};
    float scale = smallest_scale;
    while (scale * static_cast<float>(high) < largest) scale *= 2;
    return {scale, 0};
  }
};

/// What grids of codes -High .. High have in common whose scale puts the larger magnitude at High.
template <int High> struct mirrored {
  static constexpr int low = -High;
  static constexpr int high = High;
  static constexpr bool has_zero_point = false;

  static constexpr code_grid fit(interval range) noexcept {
    return {scale_of(largest_magnitude(range), high), 0};
  }
};

/// Codes -1, 0 and 1: two bits of storage, no multiplication.
struct ternary : mirrored<1> {
  static constexpr auto name = fixed_string("ternary");
  static constexpr int bits = 2;
};

}  // namespace grid

/// The unrounded code of a real: value / scale + zero.
constexpr float unrounded_code(float value, code_grid where) noexcept {
  return value / where.scale + static_cast<float>(where.zero);
}

/// The code of a real: the quotient by the scale rounded half to even, plus the zero point, clamped to [low,
/// high]. Not-a-number gives the zero point. A quotient feeds the sum, so no contraction can change the code.
constexpr std::int32_t encode(float value, code_grid where, std::int32_t low, std::int32_t high) noexcept {
  constexpr float limit = 0x1p20F;           // beyond every code
  constexpr float to_integer = 12582912.0F;  // 1.5 * 2^23: adding it rounds half to even
  float quotient = value / where.scale;
  quotient = quotient < limit ? quotient : limit;  // not-a-number: limit, mended below
  quotient = quotient > -limit ? quotient : -limit;
  float const shifted = quotient + to_integer;
  auto const rounded = static_cast<std::int32_t>(shifted - to_integer);
  std::int32_t const code = clamp(rounded + where.zero, low, high);
  return value == value ? code : where.zero;
}

/// The code of a real on a grid whose codes are not all integers between its ends: the grid's own rule, which
/// it has as `code_of(value / scale)`; else `encode`.
template <class Grid> constexpr std::int32_t code_on(float value, code_grid where) noexcept {
  if constexpr (requires { Grid::code_of(value); })
    return Grid::code_of(value == value ? value / where.scale : 0.0F);
  else
    return encode(value, where, Grid::low, Grid::high);
}

/// Are the grid's codes all integers between its ends?
template <class Grid> inline constexpr bool has_every_code = !requires { Grid::code_of(0.0F); };

/// Is the grid's scale a constant of its type?
template <class Grid> inline constexpr bool has_own_scale = requires { Grid::has_own_scale; };

/// May a scale be any number? (Else a grid or a range rule says `power_of_two`, or the grid has its own.)
template <class Rule>
inline constexpr bool has_any_scale = !has_own_scale<Rule> && !requires { Rule::power_of_two; };

/// The real of a code.
constexpr float decode(std::int32_t code, code_grid where) noexcept {
  return where.scale * static_cast<float>(code - where.zero);
}

}  // namespace dyadic
