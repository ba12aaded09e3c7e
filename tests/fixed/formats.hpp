#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "dyadic/fixed/fixed.hpp"
#include "rational.hpp"

/// Walks over formats and over all values of one, for the exhaustive tests.
namespace formats {

template <class... Types> struct list {};

template <class Value> oracle::rational value_of(Value value) {
  return oracle::rational::scaled(value.raw(), Value::fraction);
}

/// The number whose raw integer has these lowest bits.
template <class Format> Format from_bits(std::uint64_t bits) {
  constexpr int unused = 64 - Format::bits;
  using widest = std::conditional_t<Format::is_signed, std::int64_t, std::uint64_t>;
  return Format::from_raw(
      static_cast<typename Format::storage>(static_cast<widest>(bits << unused) >> unused));
}

/// Calls `visit(value)` for every value of a format of up to 12 bits.
template <class Format, class Visit> void for_each_value(Visit visit) {
  int const lowest = Format::is_signed ? -(1 << (Format::bits - 1)) : 0;
  int const count = 1 << Format::bits;
  for (int i = 0; i < count; ++i) visit(Format::from_raw(static_cast<typename Format::storage>(lowest + i)));
}

template <class... Types, class Visit> void for_each(list<Types...>, Visit visit) { (visit(Types{}), ...); }

/// 1 to `Highest` bits, signed and unsigned, at each fraction.
template <int... Fractions, int... Less, class Visit>
void for_each_width(std::integer_sequence<int, Less...>, Visit visit) {
  auto const at = [&]<int Bits> {
    ((visit(dyadic::fixed<Bits, Fractions>{}), visit(dyadic::unsigned_fixed<Bits, Fractions>{})), ...);
  };
  (at.template operator()<Less + 1>(), ...);
}
template <int Highest, int... Fractions, class Visit> void for_each_format(Visit visit) {
  for_each_width<Fractions...>(std::make_integer_sequence<int, Highest>{}, visit);
}

using roundings = list<dyadic::rounding::half_even, dyadic::rounding::half_odd, dyadic::rounding::half_away,
                       dyadic::rounding::half_up, dyadic::rounding::half_down, dyadic::rounding::half_to_zero,
                       dyadic::rounding::floor, dyadic::rounding::ceil, dyadic::rounding::toward_zero>;
using overflows = list<dyadic::overflow::saturate, dyadic::overflow::saturate_symmetric,
                       dyadic::overflow::saturate_to_zero, dyadic::overflow::wrap, dyadic::overflow::checked>;

/// Calls `visit` with each rounding and overflow mode on the format.
template <class Format, class Visit> void for_each_policy(Visit visit) {
  for_each(roundings{}, [&]<class Rounding>(Rounding) {
    for_each(overflows{}, [&]<class Overflow>(Overflow) {
      visit(dyadic::fixed<Format::bits, Format::fraction, Rounding, Overflow, Format::is_signed>{});
    });
  });
}

/// Calls `visit` with each rounding mode and with each overflow mode, the other being the default.
template <class Format, class Visit> void for_each_single_policy(Visit visit) {
  for_each(roundings{}, [&]<class Rounding>(Rounding) {
    visit(dyadic::fixed<Format::bits, Format::fraction, Rounding, dyadic::overflow::saturate,
                        Format::is_signed>{});
  });
  for_each(overflows{}, [&]<class Overflow>(Overflow) {
    visit(dyadic::fixed<Format::bits, Format::fraction, dyadic::rounding::half_even, Overflow,
                        Format::is_signed>{});
  });
}

/// The raw integer that `value` must become in the format, by the oracle.
template <class Format> oracle::integer expected_raw(oracle::rational value) {
  return oracle::narrowed(value, Format::rounding_policy::name.c_str(), Format::overflow_policy::name.c_str(),
                          Format::bits, Format::fraction, Format::is_signed);
}

/// Lets `checked` formats go on while it lives.
struct tolerate_overflow {
  dyadic::overflow::handler before = dyadic::overflow::set_handler([](dyadic::overflow::event) noexcept {});
  tolerate_overflow() = default;
  tolerate_overflow(tolerate_overflow const&) = delete;
  tolerate_overflow& operator=(tolerate_overflow const&) = delete;
  ~tolerate_overflow() { dyadic::overflow::set_handler(before); }
};

}  // namespace formats
