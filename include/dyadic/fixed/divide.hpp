#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include <dyadic/fixed/fixed.hpp>

namespace dyadic {

namespace detail {

/// The quotient of two magnitudes, floor(a * 2^shift / b), with its last bit set if anything is left. One of
/// more than `Kept` bits becomes another that large, equal modulo 2^Kept. `b` is not 0; shift >= 2.
template <int Kept, class Unsigned>
constexpr Unsigned divided(std::uint64_t a, std::uint64_t b, int shift) noexcept {
  constexpr int width = static_cast<int>(sizeof(Unsigned)) * 8;
  constexpr Unsigned residue = (Unsigned{1} << Kept) - 1;
  Unsigned quotient = 0;
  Unsigned rest = 0;
  bool large = false;
  if (static_cast<int>(std::bit_width(a)) + shift <= width) {
    Unsigned const numerator = static_cast<Unsigned>(a) << shift;
    quotient = numerator / b;
    rest = numerator % b;
    large = quotient > residue;
  } else {
    quotient = a / b;
    std::uint64_t left = a % b;
    for (int i = 0; i < shift; ++i) {
      large = large || quotient > residue;
      bool const next = left >> 63 != 0 || left << 1 >= b;
      left = (left << 1) - (next ? b : 0);
      quotient = (quotient & residue) << 1 | static_cast<Unsigned>(next);
    }
    rest = left;
    large = large || quotient > residue;
  }
  if (large) quotient = (quotient & residue) | Unsigned{1} << (width - 2);
  return quotient | static_cast<Unsigned>(rest != 0);
}

template <class Wide> constexpr auto unsigned_integer() noexcept {
  if constexpr (sizeof(Wide) == 8) {
    return std::uint64_t{};
  } else {
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 widest;
    return widest{};
#endif
  }
}

template <class Integer> constexpr std::uint64_t magnitude_of(Integer value) noexcept {
  return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

template <class Value> constexpr auto fixed_of(Value value) noexcept {
  if constexpr (is_fixed<Value>)
    return value;
  else
    return as_fixed<Value>::from_raw(value);
}

template <class Destination, class Wide> constexpr Destination rounded(Wide value, int exponent) noexcept {
  using rounding_policy = typename Destination::rounding_policy;
  return narrowed<Destination>(value, exponent,
                               [](Wide x, int n) { return rounding_policy::shift_right(x, n); });
}

/// What an infinity of that sign becomes.
template <class Destination> constexpr Destination overflowed(bool negative) noexcept {
  using wide = decltype(wide_integer<Destination::bits, 64, true>());
  return rounded<Destination>(static_cast<wide>(negative ? -1 : 1), 4096);
}

}  // namespace detail

/// a / b, rounded once by the destination's rounding; its overflow policy decides on what does not fit. A
/// division by zero is an infinity with the sign of `a`: it overflows (saturates, wraps to 0, is an error if
/// `checked`); 0 / 0 is 0. One operand may be an integer.
template <fixed_number Destination, class A, class B>
  requires((fixed_number<A> || detail::whole_number<A>) && (fixed_number<B> || detail::whole_number<B>))
constexpr Destination divide(A a, B b) noexcept {
  static_assert(!detail::is_stochastic<Destination>, "a quotient is not rounded at random");
  auto const numerator = detail::fixed_of(a);
  auto const denominator = detail::fixed_of(b);
  bool const negative = (numerator.raw() < 0) != (denominator.raw() < 0);
  if (numerator.raw() == 0) return Destination{};
  if (denominator.raw() == 0) return detail::overflowed<Destination>(numerator.raw() < 0);
  using dividend = std::remove_const_t<decltype(numerator)>;
  constexpr int exponent = std::remove_const_t<decltype(denominator)>::fraction - dividend::fraction;
  constexpr int units = exponent + Destination::fraction;  // a's raw / b's raw * 2^units is the result's raw
  constexpr int shift = units > 0 ? units + 2 : 2;
  constexpr int whole = units < 0 ? dividend::bits + 2 : 0;
  constexpr int kept = whole > Destination::bits + 3 ? whole : Destination::bits + 3;
  using wide = decltype(detail::wide_integer<kept - 1, 61, true>());
  using unsigned_wide = decltype(detail::unsigned_integer<wide>());
  auto const quotient = detail::divided<kept, unsigned_wide>(detail::magnitude_of(numerator.raw()),
                                                             detail::magnitude_of(denominator.raw()), shift);
  // an inexact quotient has its last bit set, and so has its negative
  auto const value = static_cast<wide>(quotient);
  return detail::rounded<Destination>(negative ? -value : value, exponent - shift);
}

/// 1 / x, as `divide`.
template <fixed_number Destination, class Value>
  requires(fixed_number<Value> || detail::whole_number<Value>)
constexpr Destination reciprocal(Value x) noexcept {
  return divide<Destination>(1, x);
}

template <fixed_number A, fixed_number B>
void operator/(A, B) = delete;  // a quotient is rounded: write divide<Destination>(a, b)

}  // namespace dyadic
