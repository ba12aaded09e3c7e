#include "dyadic/fixed/fixed.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>
#include <type_traits>

#include "formats.hpp"

namespace {

/// A CHECK that is compiled once and names the format.
[[gnu::noinline]] void check_none(int wrong, std::string const& format) {
  INFO(format);
  CHECK(wrong == 0);
}

using namespace dyadic;
using formats::value_of;
using oracle::rational;

/// What arithmetic made of two numbers.
struct results {
  rational sum, difference, product;
  bool equal, less, at_least;
};

[[gnu::noinline]] int wrong_of(rational x, rational y, results const& got) {
  int const order = compare(x, y);
  return !(got.sum == x + y) + !(got.difference == x - y) + !(got.product == x * y) +
         (got.equal != (order == 0)) + (got.less != (order < 0)) + (got.at_least != (order >= 0));
}

template <class A, class B> int wrong_results(A a, B b) {
  return wrong_of(value_of(a), value_of(b),
                  {value_of(a + b), value_of(a - b), value_of(a * b), a == b, a < b, a >= b});
}

template <class A, class B> int count_wrong_results() {
  int wrong = 0;
  formats::for_each_value<A>(
      [&](A a) { formats::for_each_value<B>([&](B b) { wrong += wrong_results(a, b); }); });
  return wrong;
}

/// Exact results of 64 bits, where 128-bit integers can still tell.
template <class A, class B> int count_wrong_wide_results(std::mt19937_64& random) {
  int wrong = 0;
  for (int i = 0; i < 2000; ++i) {
    auto const draw = [&]<class Format>(Format) {
      auto bits = random();
      if (i % 3 == 1) bits = 0 - bits % 3;  // the extremes of unsigned formats, and -1 and -2
      if (i % 3 == 2) bits = std::uint64_t{1} << (Format::bits - 1);
      return formats::from_bits<Format>(bits);
    };
    A const a = draw(A{});
    B const b = draw(B{});
    wrong += wrong_results(a, b);
    wrong += !(value_of(-a) == rational{} - value_of(a));
  }
  return wrong;
}

/// Whether a format has the value.
[[gnu::noinline]] bool fits(rational value, int bits, int fraction, bool is_signed, char const* overflow) {
  auto const units = value * rational::scaled(1, -fraction);
  auto const whole = oracle::floor_of(units);
  return units == rational{whole, 1} && whole == oracle::fit(overflow, bits, is_signed, whole);
}

template <class A, class B> int compared(A a, B b) { return a < b ? -1 : a > b ? 1 : 0; }

}  // namespace

TEST_CASE("sums, differences, products and comparisons of all small formats are exact") {
  formats::for_each_format<3, -2, 0, 3>([]<class A>(A) {
    int wrong = 0;
    formats::for_each_format<3, -2, 0, 3>([&]<class B>(B) { wrong += count_wrong_results<A, B>(); });
    check_none(wrong, A::name.c_str());
  });
}

TEST_CASE("four and five bits, fractions below, inside and beyond the width") {
  auto const wrong = [](auto a, auto b) { return count_wrong_results<decltype(a), decltype(b)>(); };
  CHECK(wrong(fixed<5, 2>{}, fixed<5, 7>{}) == 0);
  CHECK(wrong(fixed<4, 1>{}, fixed<5, 1>{}) == 0);
  CHECK(wrong(unsigned_fixed<4, 4>{}, fixed<4, -1>{}) == 0);
  CHECK(wrong(fixed<5, 0>{}, unsigned_fixed<5, -4>{}) == 0);
  CHECK(wrong(unsigned_fixed<5, 6>{}, fixed<5, 1>{}) == 0);
  CHECK(wrong(unsigned_fixed<5, 5>{}, unsigned_fixed<5, 3>{}) == 0);
}

TEST_CASE("the negative of every value of a small format is exact") {
  formats::for_each_format<5, -2, 0, 3, 7>([]<class A>(A) {
    int wrong = 0;
    formats::for_each_value<A>([&](A a) { wrong += !(value_of(-a) == rational{} - value_of(a)); });
    check_none(wrong, A::name.c_str());
  });
}

TEST_CASE("arithmetic up to 64 bits is exact") {
  constexpr std::uint64_t seed = 5;
  INFO("seed ", seed);
  std::mt19937_64 random{seed};
  CHECK(count_wrong_wide_results<fixed<32, 16>, fixed<32, 10>>(random) == 0);
  CHECK(count_wrong_wide_results<unsigned_fixed<32, 0>, fixed<32, 30>>(random) == 0);
  CHECK(count_wrong_wide_results<unsigned_fixed<32, 32>, unsigned_fixed<32, 5>>(random) == 0);
  CHECK(count_wrong_wide_results<fixed<40, 20>, fixed<24, 3>>(random) == 0);
  CHECK(count_wrong_wide_results<fixed<62, 11>, fixed<2, 0>>(random) == 0);
  CHECK(count_wrong_wide_results<unsigned_fixed<62, 40>, unsigned_fixed<2, 38>>(random) == 0);
}

TEST_CASE("comparison is exact where the two grids have nothing in common") {
  using tiny = unsigned_fixed<64, 200>;
  using huge = fixed<64, -200>;
  CHECK(compared(tiny::highest(), huge::from_raw(0)) == 1);
  CHECK(compared(tiny::from_raw(0), huge::from_raw(0)) == 0);
  CHECK(compared(tiny::highest(), huge::from_raw(1)) == -1);
  CHECK(compared(huge::from_raw(-1), tiny::from_raw(0)) == -1);
  CHECK(compared(fixed<64, 200>::from_raw(-1), huge::from_raw(0)) == -1);
  CHECK(compared(fixed<64, 200>::from_raw(-1), huge::from_raw(-1)) == 1);
  CHECK(compared(fixed<64, 200>::from_raw(-1), unsigned_fixed<64, -200>::from_raw(0)) == -1);
  CHECK(compared(unsigned_fixed<64, 0>::highest(), fixed<64, 0>::from_raw(-1)) == 1);
  CHECK(compared(fixed<64, 0>::from_raw(-1), unsigned_fixed<64, 0>::highest()) == -1);
  CHECK(compared(fixed<64, 64>::from_raw(-1), fixed<8, 0>::from_raw(0)) == -1);
  CHECK(compared(fixed<64, 64>::from_raw(1), fixed<8, 0>::from_raw(0)) == 1);
}

TEST_CASE("a format converts implicitly where it holds every value of the other, and nowhere else") {
  formats::for_each_format<4, 0, 2>([]<class Source>(Source) {
    int wrong = 0;
    auto const check = [&]<class Destination>(Destination) {
      bool all = true;
      formats::for_each_value<Source>([&](Source value) {
        if (compare(value_of(value), value_of(Source::lowest())) < 0) return;  // symmetric formats lack it
        all &= fits(value_of(value), Destination::bits, Destination::fraction, Destination::is_signed,
                    Destination::overflow_policy::name.c_str());
      });
      // A format may hold all values of another by chance of rounding only if it has all of its fraction
      // bits.
      wrong += std::is_convertible_v<Source, Destination> != all;
      if constexpr (std::is_convertible_v<Source, Destination>)
        formats::for_each_value<Source>([&](Source value) {
          Destination const same = value;
          wrong += !(value_of(same) == value_of(value));
        });
    };
    formats::for_each_format<4, 0, 2>(check);
    formats::for_each_format<4, 0>([&]<class Format>(Format) {
      check(fixed<Format::bits, 0, rounding::floor, overflow::saturate_symmetric, Format::is_signed>{});
    });
    check_none(wrong, Source::name.c_str());
  });
}

TEST_CASE("a symmetric format takes no lowest integer implicitly, but one of its own kind fits") {
  using symmetric = fixed<8, 0, rounding::half_even, overflow::saturate_symmetric>;
  CHECK(symmetric::lowest().raw() == -127);
  CHECK_FALSE(std::is_convertible_v<fixed<8, 0>, symmetric>);
  CHECK(std::is_convertible_v<symmetric, fixed<8, 0>>);
  CHECK(std::is_convertible_v<fixed<7, 0>, symmetric>);
  CHECK(std::is_convertible_v<symmetric, fixed<10, 1, rounding::floor, overflow::saturate_symmetric>>);
  CHECK(to<symmetric>(fixed<8, 0>::lowest()).raw() == -127);
}

TEST_CASE("a name says format and policies") {
  CHECK(fixed<8, 4>::name == fixed_string("fixed<8,4,half_even,saturate>"));
  CHECK(unsigned_fixed<12, -3, rounding::floor, overflow::wrap>::name ==
        fixed_string("unsigned_fixed<12,-3,floor,wrap>"));
}
