#pragma once

#include <bit>
#include <compare>
#include <concepts>
#include <cstdint>
#include <type_traits>

#include <dyadic/core/name.hpp>
#include <dyadic/fixed/overflow.hpp>
#include <dyadic/fixed/rounding.hpp>

namespace dyadic {

template <int Bits, int Fraction, class Rounding = rounding::half_even, class Overflow = overflow::saturate,
          bool Signed = true>
class fixed;

/// The unsigned twin of `fixed`: all `Bits` are magnitude.
template <int Bits, int Fraction, class Rounding = rounding::half_even, class Overflow = overflow::saturate>
using unsigned_fixed = fixed<Bits, Fraction, Rounding, Overflow, false>;

namespace detail {

template <class Type> inline constexpr bool is_fixed = false;
template <int Bits, int Fraction, class Rounding, class Overflow, bool Signed>
inline constexpr bool is_fixed<fixed<Bits, Fraction, Rounding, Overflow, Signed>> = true;

template <class Type>
concept whole_number =
    std::integral<Type> && !std::same_as<std::remove_cv_t<Type>, bool> && sizeof(Type) <= 8;
template <class Type>
concept real_number = std::same_as<Type, float> || std::same_as<Type, double>;

template <class Type> inline constexpr bool is_stochastic = false;
template <int Bits, int Fraction, class Overflow, bool Signed>
inline constexpr bool is_stochastic<fixed<Bits, Fraction, rounding::stochastic, Overflow, Signed>> = true;

/// The smallest integer that stores `Bits` bits.
template <int Bits, bool Signed> constexpr auto smallest_integer() noexcept {
  if constexpr (Bits <= 8)
    return std::conditional_t<Signed, std::int8_t, std::uint8_t>{};
  else if constexpr (Bits <= 16)
    return std::conditional_t<Signed, std::int16_t, std::uint16_t>{};
  else if constexpr (Bits <= 32)
    return std::conditional_t<Signed, std::int32_t, std::uint32_t>{};
  else
    return std::conditional_t<Signed, std::int64_t, std::uint64_t>{};
}

template <class Integer>
using as_fixed = fixed<static_cast<int>(sizeof(Integer)) * 8, 0, rounding::half_even, overflow::saturate,
                       std::is_signed_v<Integer>>;

/// An integer that holds every value of a source of `SourceBits` bits and one that is out of range for `Bits`
/// bits and equal to any given value modulo 2^(Bits + 1).
template <int Bits, int SourceBits, bool SourceSigned> constexpr auto wide_integer() noexcept {
  if constexpr (Bits <= 61 && SourceBits <= (SourceSigned ? 64 : 63)) {
    return std::int64_t{};
  } else {
#ifdef __SIZEOF_INT128__
    __extension__ typedef __int128 widest;
    return widest{};
#else
    static_assert(Bits == 0, "this target has no 128-bit integer: formats of at most 61 bits convert here");
#endif
  }
}

/// value * 2^shift, or where that is too large for `Wide`: an integer of the same sign that is out of range
/// for `Bits` bits too and equal to it modulo 2^(Bits + 1), so that every overflow mode decides as on the
/// exact value.
template <int Bits, class Wide> constexpr Wide shift_left(Wide value, int shift) noexcept {
  constexpr int room = static_cast<int>(sizeof(Wide)) * 8 - 2;
  if (value == 0) return 0;
  if (shift <= room) {
    Wide const limit = static_cast<Wide>(1) << (room - shift);
    if (value < limit && value >= -limit) return value << shift;
  }
  constexpr Wide large = static_cast<Wide>(1) << room;
  Wide const residue = shift <= Bits ? (value << shift) & ((static_cast<Wide>(2) << Bits) - 1) : Wide{0};
  return (value < 0 ? -large - large : large) + residue;
}

/// The one path into a format: value * 2^exponent, rounded by `shift_right`, then the overflow policy.
template <class Destination, class Wide, class Shift>
constexpr Destination narrowed(Wide value, int exponent, Shift shift_right) noexcept {
  int const shift = exponent + Destination::fraction;
  Wide const scaled = shift < 0 ? shift_right(value, -shift) : shift_left<Destination::bits>(value, shift);
  using overflow_policy = typename Destination::overflow_policy;
  return Destination::from_raw(static_cast<typename Destination::storage>(
      overflow_policy::template apply<Destination::bits, Destination::is_signed>(scaled)));
}

template <class Destination, class Value, class Shift>
constexpr Destination converted(Value value, Shift shift_right) noexcept {
  if constexpr (real_number<Value>) {
    auto const [significand, exponent] = rounding::decompose(value);
    using wide = decltype(wide_integer<Destination::bits, 54, true>());
    return narrowed<Destination>(static_cast<wide>(significand), exponent, shift_right);
  } else if constexpr (is_fixed<Value>) {
    using wide = decltype(wide_integer<Destination::bits, Value::bits, Value::is_signed>());
    return narrowed<Destination>(static_cast<wide>(value.raw()), -Value::fraction, shift_right);
  } else {
    return converted<Destination>(as_fixed<Value>::from_raw(value), shift_right);
  }
}

/// `converted` by the destination's own rounding.
template <class Destination, class Value> constexpr Destination converted(Value value) noexcept {
  using rounding_policy = typename Destination::rounding_policy;
  return converted<Destination>(value, [](auto x, int n) { return rounding_policy::shift_right(x, n); });
}

/// raw * 2^exponent to the nearest real, ties to even.
template <class Real> constexpr Real nearest_real(std::int64_t raw, int exponent) noexcept {
  constexpr int precision = std::same_as<Real, float> ? 24 : 53;
  constexpr int least = std::same_as<Real, float> ? -149 : -1074;
  std::uint64_t const magnitude =
      raw < 0 ? 0 - static_cast<std::uint64_t>(raw) : static_cast<std::uint64_t>(raw);
  int drop = static_cast<int>(std::bit_width(magnitude)) - precision;
  if (drop < least - exponent) drop = least - exponent;
  if (drop < 0) drop = 0;
  double const significand = static_cast<double>(rounding::half_even::shift_right(raw, drop));
  auto const power = std::bit_cast<double>(static_cast<std::uint64_t>(1023 + exponent + drop) << 52);
  return static_cast<Real>(significand * power);
}

/// The least integer of a format after its overflow policy, which may lack it; 0 if unsigned.
template <class Format> constexpr std::int64_t lowest_raw() noexcept {
  if constexpr (!Format::is_signed) return 0;
  return Format::overflow_policy::template apply<Format::bits, true>(
      overflow::lowest<Format::bits, true, std::int64_t>());
}

/// Whether every value of `Source` is a value of `Destination`.
template <class Destination, class Source> constexpr bool holds() noexcept {
  constexpr int shift = Destination::fraction - Source::fraction;
  constexpr int magnitude = Source::bits - (Source::is_signed ? 1 : 0) + shift;
  if constexpr (shift < 0 || (Source::is_signed && !Destination::is_signed) ||
                magnitude > Destination::bits - (Destination::is_signed ? 1 : 0)) {
    return false;
  } else {
    if constexpr (!Source::is_signed) return true;
    return lowest_raw<Destination>() <= lowest_raw<Source>() << shift;
  }
}
template <class Destination, class Integer> constexpr bool holds_all() noexcept {
  if constexpr (whole_number<Integer>) return holds<Destination, as_fixed<Integer>>();
  return false;
}

template <int Bits, int Fraction, class Rounding, class Overflow, bool Signed>
constexpr auto format_name() noexcept {
  constexpr auto format = fixed_string("fixed<") + decimal<Bits>() + "," + decimal<Fraction>() + "," +
                          Rounding::name + "," + Overflow::name + ">";
  if constexpr (Signed)
    return format;
  else
    return "unsigned_" + format;
}

}  // namespace detail

/// A fixed-point number, signed or unsigned.
template <class Type>
concept fixed_number = detail::is_fixed<std::remove_cv_t<Type>>;

/// A binary fixed-point number raw * 2^-Fraction. `Bits` counts the sign bit and is 1..64; `Fraction` may be
/// negative or exceed `Bits` (-512..512). Results of + - * are exact and wider; `to<Destination>` narrows, by
/// the destination's policies; formats that hold all values of another are converted to implicitly. Spell the
/// unsigned one `unsigned_fixed`.
template <int Bits, int Fraction, class Rounding, class Overflow, bool Signed> class fixed {
  static_assert(Bits >= 1 && Bits <= 64, "fixed has 1 to 64 bits, the sign bit included");
  static_assert(Fraction >= -512 && Fraction <= 512, "the fraction of fixed is -512 to 512 bits");
  static_assert(rounding::rounding_mode<Rounding> || std::same_as<Rounding, rounding::stochastic>,
                "the third argument of fixed is a rounding mode: rounding::half_even ...");
  static_assert(overflow::overflow_mode<Overflow>,
                "the fourth argument of fixed is an overflow mode: overflow::saturate ...");

 public:
  using storage = decltype(detail::smallest_integer<Bits, Signed>());
  using rounding_policy = Rounding;
  using overflow_policy = Overflow;
  static constexpr int bits = Bits;
  static constexpr int fraction = Fraction;
  static constexpr bool is_signed = Signed;
  static constexpr auto name = detail::format_name<Bits, Fraction, Rounding, Overflow, Signed>();

  constexpr fixed() noexcept = default;

  /// Implicit where exact.
  template <fixed_number Other>
    requires(!std::same_as<Other, fixed> && detail::holds<fixed, Other>())
  constexpr fixed(Other other) noexcept
      : raw_{static_cast<storage>(static_cast<std::uint64_t>(other.raw()) << (Fraction - Other::fraction))} {}
  template <fixed_number Other>
    requires(!std::same_as<Other, fixed> && !detail::holds<fixed, Other>())
  fixed(Other) = delete;  // may lose bits: write to<Destination>(value)

  /// Implicit where exact for all values of `Integer`; else explicit, and the policies decide.
  template <detail::whole_number Integer>
    requires(!detail::is_stochastic<fixed> || detail::holds_all<fixed, Integer>())
  explicit(!detail::holds_all<fixed, Integer>()) constexpr fixed(Integer value) noexcept
      : fixed{detail::converted<fixed>(value)} {}

  /// The policies decide on the exact value. An infinity overflows (and wraps to 0); NaN gives 0.
  template <detail::real_number Real>
    requires(!detail::is_stochastic<fixed>)
  explicit constexpr fixed(Real value) noexcept : fixed{detail::converted<fixed>(value)} {}

  /// The number raw * 2^-Fraction. `raw` is in the format's range; no policy is asked.
  static constexpr fixed from_raw(storage raw) noexcept {
    fixed made;
    made.raw_ = raw;
    return made;
  }
  constexpr storage raw() const noexcept { return raw_; }

  /// The least number; the overflow policy may lack the lowest integer.
  static constexpr fixed lowest() noexcept {
    return from_raw(static_cast<storage>(detail::lowest_raw<fixed>()));
  }
  static constexpr fixed highest() noexcept {
    return from_raw(static_cast<storage>(~std::uint64_t{0} >> (64 - Bits) >> (Signed ? 1 : 0)));
  }

  /// To the nearest real, ties to even: exact where its significand has the bits.
  explicit constexpr operator double() const noexcept { return real<double>(); }
  explicit constexpr operator float() const noexcept { return real<float>(); }

 private:
  template <class Real> constexpr Real real() const noexcept {
    if constexpr (Bits == 64 && !Signed)  // the last of 64 bits only says whether anything is there
      if (raw_ >> 63 != 0)
        return detail::nearest_real<Real>(static_cast<std::int64_t>(raw_ >> 1 | (raw_ & 1)), 1 - Fraction);
    return detail::nearest_real<Real>(static_cast<std::int64_t>(raw_), -Fraction);
  }

  storage raw_ = 0;
};

/// The conversion to `Destination`, rounding and overflowing by its policies: the only narrowing of a
/// `fixed`. Of the two types one at least is a `fixed`; the other may be an integer, float or double. An
/// integer destination stands for a `fixed` of its width with the default policies; a real one is rounded to
/// nearest, ties to even.
template <class Destination, class Value>
  requires((fixed_number<Destination> &&
            (fixed_number<Value> || detail::whole_number<Value> || detail::real_number<Value>)) ||
           (fixed_number<Value> && (detail::whole_number<Destination> || detail::real_number<Destination>)))
constexpr Destination to(Value value) noexcept {
  constexpr bool deterministic = !detail::is_stochastic<Destination>;
  static_assert(deterministic,
                "stochastic rounding takes a source of randomness: to<Destination>(value, source)");
  if constexpr (!deterministic)
    return Destination{};
  else if constexpr (fixed_number<Destination>)
    return detail::converted<Destination>(value);
  else if constexpr (detail::real_number<Destination>)
    return static_cast<Destination>(value);
  else
    return detail::converted<detail::as_fixed<Destination>>(value).raw();
}

/// `to` for a destination whose rounding is stochastic, with its source of randomness.
template <fixed_number Destination, class Value, rounding::random_source Source>
  requires(detail::is_stochastic<Destination>)
constexpr Destination to(Value value, Source& source) noexcept {
  return detail::converted<Destination>(
      value, [&source](auto x, int n) { return rounding::stochastic::shift_right(x, n, source); });
}

namespace detail {

template <int Bits> inline constexpr bool within_64 = Bits <= 64;

template <class First, class Second, class Otherwise>
using agreed = std::conditional_t<std::same_as<First, Second>, First, Otherwise>;

/// The format of an exact result; the operands' policies where they agree, else the defaults. A width beyond
/// 64 has been reported by the operator.
template <int Bits, int Fraction, bool Signed, class A, class B = A>
using exact =
    fixed<(Bits <= 64 ? Bits : 64), Fraction,
          agreed<typename A::rounding_policy, typename B::rounding_policy, rounding::half_even>,
          agreed<typename A::overflow_policy, typename B::overflow_policy, overflow::saturate>, Signed>;

/// Bits before the point, the sign not counted.
template <class Format>
inline constexpr int magnitude = Format::bits - Format::fraction - (Format::is_signed ? 1 : 0);

template <class A, class B>
inline constexpr int common_fraction = A::fraction > B::fraction ? A::fraction : B::fraction;

template <class A, class B>
inline constexpr int aligned_bits =
    (magnitude<A> > magnitude<B> ? magnitude<A> : magnitude<B>)+common_fraction<A, B>;

/// The raw integer on the grid of `Format`, modulo 2^64: enough for results known to fit.
template <class Format, class Value> constexpr std::uint64_t aligned(Value value) noexcept {
  constexpr int shift = Format::fraction - Value::fraction;
  return static_cast<std::uint64_t>(value.raw()) << (shift < 64 ? shift : 0);
}

template <class Format> constexpr Format from_bits(std::uint64_t raw) noexcept {
  return Format::from_raw(static_cast<typename Format::storage>(raw));
}

/// Order of two integers, whatever their signs.
template <class A, class B> constexpr std::strong_ordering compare_integers(A a, B b) noexcept {
  if constexpr (std::is_signed_v<A> != std::is_signed_v<B>) {
    if constexpr (std::is_signed_v<A>) {
      if (a < 0) return std::strong_ordering::less;
    } else {
      if (b < 0) return std::strong_ordering::greater;
    }
    return static_cast<std::uint64_t>(a) <=> static_cast<std::uint64_t>(b);
  } else {
    return a <=> b;
  }
}

/// Order of two numbers, of which `a` has at least as many fraction bits: whole units first, then what is
/// left of `a`.
template <class A, class B> constexpr std::strong_ordering compare(A a, B b) noexcept {
  constexpr int shift = A::fraction - B::fraction;
  using integer = std::conditional_t<A::is_signed, std::int64_t, std::uint64_t>;
  auto const raw = static_cast<integer>(a.raw());
  auto const whole = shift < 64 ? raw >> (shift & 63) : static_cast<integer>(raw < 0 ? -1 : 0);
  std::uint64_t const left = static_cast<std::uint64_t>(raw) &
                             (shift < 64 ? ~(~std::uint64_t{0} << (shift & 63)) : ~std::uint64_t{0});
  auto const order = compare_integers(whole, b.raw());
  return order == 0 && left != 0 ? std::strong_ordering::greater : order;
}

}  // namespace detail

/// Exact.
template <fixed_number A, fixed_number B> constexpr auto operator+(A a, B b) noexcept {
  constexpr bool is_signed = A::is_signed || B::is_signed;
  constexpr int bits = detail::aligned_bits<A, B> + 1 + (is_signed ? 1 : 0);
  static_assert(detail::within_64<bits>, "the exact sum is wider than 64 bits: narrow an operand with to<>");
  using sum = detail::exact<bits, detail::common_fraction<A, B>, is_signed, A, B>;
  return detail::from_bits<sum>(detail::aligned<sum>(a) + detail::aligned<sum>(b));
}

/// Exact; always signed.
template <fixed_number A, fixed_number B> constexpr auto operator-(A a, B b) noexcept {
  constexpr int bits = detail::aligned_bits<A, B> + 1 + (A::is_signed || B::is_signed ? 1 : 0);
  static_assert(detail::within_64<bits>,
                "the exact difference is wider than 64 bits: narrow an operand with to<>");
  using difference = detail::exact<bits, detail::common_fraction<A, B>, true, A, B>;
  return detail::from_bits<difference>(detail::aligned<difference>(a) - detail::aligned<difference>(b));
}

/// Exact; always signed and a bit wider, since the lowest number's negative is beyond the highest.
template <fixed_number A> constexpr auto operator-(A a) noexcept {
  static_assert(detail::within_64<A::bits + 1>,
                "the exact negative is wider than 64 bits: narrow the operand with to<>");
  using negative = detail::exact<A::bits + 1, A::fraction, true, A>;
  return detail::from_bits<negative>(0 - detail::aligned<negative>(a));
}

/// Exact: as wide as both together.
template <fixed_number A, fixed_number B> constexpr auto operator*(A a, B b) noexcept {
  constexpr int bits = A::bits + B::bits;
  static_assert(detail::within_64<bits>,
                "the exact product is wider than 64 bits: narrow an operand with to<>");
  using product = detail::exact<bits, A::fraction + B::fraction, A::is_signed || B::is_signed, A, B>;
  return detail::from_bits<product>(static_cast<std::uint64_t>(a.raw()) *
                                    static_cast<std::uint64_t>(b.raw()));
}

/// By value, across formats.
template <fixed_number A, fixed_number B> constexpr std::strong_ordering operator<=>(A a, B b) noexcept {
  if constexpr (A::fraction >= B::fraction)
    return detail::compare(a, b);
  else
    return 0 <=> detail::compare(b, a);
}
template <fixed_number A, fixed_number B> constexpr bool operator==(A a, B b) noexcept {
  return (a <=> b) == 0;
}

}  // namespace dyadic
