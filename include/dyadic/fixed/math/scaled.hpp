#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <type_traits>

#include <dyadic/fixed/divide.hpp>
#include <dyadic/fixed/fixed.hpp>

/// Integer arithmetic of the functions: 64 significant bits and an exponent, truncated.
namespace dyadic::math::detail {

/// +-significand * 2^exponent; the significand's highest bit is set, or it is 0.
struct scaled {
  std::uint64_t significand = 0;
  int exponent = 0;
  bool negative = false;

  constexpr bool is_zero() const noexcept { return significand == 0; }
  /// e such that 2^e <= |value| < 2^(e+1); the value is not 0.
  constexpr int order() const noexcept { return exponent + 63; }
};

inline constexpr std::uint64_t highest_bit = std::uint64_t{1} << 63;
inline constexpr scaled one{highest_bit, -63, false};

constexpr scaled normalized(std::uint64_t significand, int exponent, bool negative = false) noexcept {
  if (significand == 0) return {};
  int const missing = std::countl_zero(significand);
  return {significand << missing, exponent - missing, negative};
}

constexpr scaled negated(scaled x) noexcept { return {x.significand, x.exponent, !x.negative}; }

/// The high word of a * b by 32-bit halves, for processors without 128-bit products.
constexpr std::uint64_t multiply_high_by_halves(std::uint64_t a, std::uint64_t b) noexcept {
  constexpr std::uint64_t low = 0xFFFF'FFFF;
  std::uint64_t const low_low = (a & low) * (b & low);
  std::uint64_t const high_low = (a >> 32) * (b & low) + (low_low >> 32);
  std::uint64_t const low_high = (a & low) * (b >> 32) + (high_low & low);
  return (a >> 32) * (b >> 32) + (high_low >> 32) + (low_high >> 32);
}

/// The high word of a * b.
constexpr std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) noexcept {
#ifdef __SIZEOF_INT128__
  __extension__ typedef unsigned __int128 product;
  return static_cast<std::uint64_t>(static_cast<product>(a) * b >> 64);
#else
  return multiply_high_by_halves(a, b);
#endif
}

/// a + b, and the carry added to `above`.
constexpr std::uint64_t add_carry(std::uint64_t a, std::uint64_t b, std::uint64_t& above) noexcept {
  above += static_cast<std::uint64_t>(a + b < a);
  return a + b;
}

constexpr scaled multiply(scaled a, scaled b) noexcept {
  return normalized(multiply_high(a.significand, b.significand), a.exponent + b.exponent + 64,
                    a.negative != b.negative);
}

/// The low word of a * 2^shift / b bit by bit, for processors without 128-bit quotients. The quotient has 64
/// bits, its highest set; shift is 63 or 64.
constexpr std::uint64_t quotient_by_bits(std::uint64_t a, std::uint64_t b, int shift) noexcept {
  std::uint64_t quotient = static_cast<std::uint64_t>(a >= b);
  std::uint64_t rest = a >= b ? a - b : a;
  for (int i = shift; i > 0; --i) {
    bool const next = rest >> 63 != 0 || rest << 1 >= b;
    rest = (rest << 1) - (next ? b : 0);
    quotient = quotient << 1 | static_cast<std::uint64_t>(next);
  }
  return quotient;
}

constexpr std::uint64_t quotient(std::uint64_t a, std::uint64_t b, int shift) noexcept {
#ifdef __SIZEOF_INT128__
  __extension__ typedef unsigned __int128 dividend;
  return static_cast<std::uint64_t>((static_cast<dividend>(a) << shift) / b);
#else
  return quotient_by_bits(a, b, shift);
#endif
}

/// b is not 0.
constexpr scaled divide(scaled a, scaled b) noexcept {
  if (a.is_zero()) return {};
  int const shift = a.significand >= b.significand ? 63 : 64;
  return {quotient(a.significand, b.significand, shift), a.exponent - b.exponent - shift,
          a.negative != b.negative};
}

/// |x| in units of 2^-64; it is below 1.
constexpr std::uint64_t fraction_of(scaled x) noexcept {
  int const drop = -(x.exponent + 64);
  return drop > 63 ? 0 : x.significand >> drop;
}

/// Coefficients 1/first!, 1/(first + Step)!, ... in units of 2^-63.
template <int Count> struct coefficients {
  std::uint64_t values[Count]{};
};
template <int Count, int First, int Step> constexpr coefficients<Count> reciprocal_factorials() noexcept {
  coefficients<Count> made;
  std::uint64_t value = highest_bit;
  int factor = 0;
  for (int i = 0; i < Count; ++i) {
    for (int const last = First + Step * i; factor < last;) value /= static_cast<unsigned>(++factor);
    made.values[i] = value;
  }
  return made;
}

/// c0 + c1 x + c2 x^2 + ..., x in units of 2^-64; below 2.
template <int Count> constexpr std::uint64_t series(coefficients<Count> const& c, std::uint64_t x) noexcept {
  std::uint64_t sum = c.values[Count - 1];
  for (int i = Count - 2; i >= 0; --i) sum = c.values[i] + multiply_high(x, sum);
  return sum;
}

/// c0 - c1 x + c2 x^2 - ..., each partial sum positive.
template <int Count>
constexpr std::uint64_t alternating_series(coefficients<Count> const& c, std::uint64_t x) noexcept {
  std::uint64_t sum = c.values[Count - 1];
  for (int i = Count - 2; i >= 0; --i) sum = c.values[i] - multiply_high(x, sum);
  return sum;
}

/// What a function is of: a fixed, an integer, a float or a double.
template <class Value>
concept argument =
    fixed_number<Value> || dyadic::detail::whole_number<Value> || dyadic::detail::real_number<Value>;

/// Exactly, but for an infinity, which is 2^4096, and NaN, which is 0.
template <argument Value> constexpr scaled scaled_of(Value x) noexcept {
  if constexpr (dyadic::detail::real_number<Value>) {
    auto const parts = rounding::decompose(x);
    return normalized(dyadic::detail::magnitude_of(parts.significand), parts.exponent, parts.significand < 0);
  } else {
    auto const number = dyadic::detail::fixed_of(x);
    return normalized(dyadic::detail::magnitude_of(number.raw()), -decltype(number)::fraction,
                      number.raw() < 0);
  }
}

/// The destination of a function: the one that is named, or the argument's own format.
template <class Destination, class Value>
using destination = std::conditional_t<std::is_void_v<Destination>, Value, Destination>;

template <class Destination> constexpr void check_destination() noexcept {
  static_assert(fixed_number<Destination>, "name the format of the result: math::exp<fixed<16, 8>>(x)");
  static_assert(Destination::bits <= 48, "math:: gives results of at most 48 bits");
  static_assert(!dyadic::detail::is_stochastic<Destination>, "a function's result is not rounded at random");
}

/// By the destination's policies.
template <class Destination> constexpr Destination narrowed(scaled x) noexcept {
  using wide = decltype(dyadic::detail::wide_integer<Destination::bits, 64, true>());
  auto const magnitude = static_cast<wide>(x.significand >> 1 | (x.significand & 1));
  return dyadic::detail::rounded<Destination>(x.negative ? -magnitude : magnitude, x.exponent + 1);
}

/// Tells a `checked` destination that the argument is not of the function's domain.
template <class Destination> constexpr void outside_domain() noexcept {
  if constexpr (std::same_as<typename Destination::overflow_policy, overflow::checked>)
    overflow::detail::value_does_not_fit({Destination::bits, Destination::is_signed, true});
}

}  // namespace dyadic::math::detail
