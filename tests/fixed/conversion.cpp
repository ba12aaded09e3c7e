#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "dyadic/fixed/fixed.hpp"
#include "formats.hpp"

namespace {

/// A CHECK that is compiled once and names the format.
[[gnu::noinline]] void check_none(int wrong, std::string const& format,
                                  std::string const& source = "an exact value") {
  INFO(format, " from ", source);
  CHECK(wrong == 0);
}

using namespace dyadic;
using formats::expected_raw;
using formats::value_of;
using oracle::rational;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A double as a rational; its exponent must lie in -70..70.
rational exactly(double x) {
  int exponent = 0;
  auto significand = static_cast<std::int64_t>(std::ldexp(std::frexp(x, &exponent), 53));
  exponent -= 53;
  while (significand != 0 && significand % 2 == 0) {
    significand /= 2;
    ++exponent;
  }
  return rational::scaled(significand, -exponent);
}

template <class Destination, class Source> int count_wrong_narrowings(std::mt19937_64& random) {
  int wrong = 0;
  for (int i = 0; i < 300; ++i) {
    auto bits = random();
    if (i % 3 == 1) bits &= ~std::uint64_t{0} << random() % 64;  // ties
    if (i % 3 == 2) bits >>= random() % 64;
    auto const value = formats::from_bits<Source>(bits);
    wrong += to<Destination>(value).raw() != expected_raw<Destination>(value_of(value));
  }
  return wrong;
}

template <class Destination> int count_wrong_from_doubles(std::mt19937_64& random) {
  int wrong = 0;
  for (int i = 0; i < 200; ++i) {
    int const range = static_cast<int>(random() % 80) - 75;  // of the last bit
    double x = std::ldexp(static_cast<double>(static_cast<std::int64_t>(random()) >> 11),
                          range - Destination::fraction);
    if (i % 2 == 1)
      x = std::ldexp(static_cast<double>(static_cast<int>(random() % 4096) - 2048) + 0.5,
                     -Destination::fraction);
    wrong += to<Destination>(x).raw() != expected_raw<Destination>(exactly(x));
  }
  return wrong;
}

}  // namespace

TEST_CASE(
    "every value of a finer, wider grid narrows by every policy as its rational does, from fixed and from "
    "real") {
  formats::tolerate_overflow const guard;
  int formats_checked = 0;
  auto const check = [&]<class Destination>(Destination) {
    int wrong = 0;
    for (int i = -512; i < 512; ++i) {
      auto const expected = expected_raw<Destination>(rational{i, 32});
      wrong += to<Destination>(fixed<10, 5>::from_raw(static_cast<std::int16_t>(i))).raw() != expected;
      wrong += to<Destination>(i / 32.0).raw() != expected;
      wrong += to<Destination>(static_cast<float>(i) / 32.0F).raw() != expected;
    }
    check_none(wrong, Destination::name.c_str());
    ++formats_checked;
  };
  formats::for_each_policy<fixed<5, 2>>(check);
  formats::for_each_policy<unsigned_fixed<4, 1>>(check);
  formats::for_each_format<3, -1, 3>(
      [&]<class Format>(Format) { formats::for_each_single_policy<Format>(check); });
  CHECK(formats_checked == 2 * 45 + 12 * 14);
}

TEST_CASE("any small format narrows to any other") {
  formats::for_each_format<3, -2, 1, 4>([]<class Source>(Source) {
    int wrong = 0;
    formats::for_each_format<3, -2, 1, 4>([&]<class Destination>(Destination) {
      formats::for_each_value<Source>([&](Source value) {
        wrong += to<Destination>(value).raw() != expected_raw<Destination>(value_of(value));
      });
    });
    check_none(wrong, Source::name.c_str());
  });
}

TEST_CASE("32 to 64 bits narrow by every policy as 128-bit rational arithmetic says") {
  formats::tolerate_overflow const guard;
  constexpr std::uint64_t seed = 11;
  INFO("seed ", seed);
  std::mt19937_64 random{seed};
  auto const check = [&]<class Format, class Source>(Format, Source) {
    formats::for_each_single_policy<Format>([&]<class Destination>(Destination) {
      check_none(count_wrong_narrowings<Destination, Source>(random), Destination::name.c_str(),
                 Source::name.c_str());
    });
  };
  check(fixed<32, 16>{}, fixed<64, 40>{});
  check(fixed<64, 30>{}, fixed<64, 10>{});
  check(fixed<62, 20>{}, fixed<64, 0>{});
  check(unsigned_fixed<62, 20>{}, unsigned_fixed<63, 0>{});
  check(unsigned_fixed<64, 0>{}, fixed<64, 33>{});
  check(fixed<48, 60>{}, unsigned_fixed<64, 50>{});
  check(unsigned_fixed<33, -20>{}, unsigned_fixed<64, 2>{});
}

TEST_CASE("doubles narrow to 32 to 64 bits by every policy as 128-bit rational arithmetic says") {
  formats::tolerate_overflow const guard;
  constexpr std::uint64_t seed = 12;
  INFO("seed ", seed);
  std::mt19937_64 random{seed};
  auto const check = [&]<class Format>(Format) {
    formats::for_each_single_policy<Format>([&]<class Destination>(Destination) {
      check_none(count_wrong_from_doubles<Destination>(random), Destination::name.c_str());
    });
  };
  check(fixed<32, 20>{});
  check(fixed<62, 10>{});
  check(fixed<63, 0>{});
  check(fixed<64, 30>{});
  check(unsigned_fixed<62, 0>{});
  check(unsigned_fixed<64, 5>{});
}

TEST_CASE(
    "infinities and huge doubles overflow, NaN is zero, the least doubles round like any small number") {
  using saturating = fixed<8, 4, rounding::ceil>;
  using wrapping = fixed<8, 4, rounding::ceil, overflow::wrap>;
  using zeroing = fixed<8, 4, rounding::ceil, overflow::saturate_to_zero>;
  CHECK(to<saturating>(infinity).raw() == 127);
  CHECK(to<saturating>(-infinity).raw() == -128);
  CHECK(to<saturating>(std::numeric_limits<float>::infinity()).raw() == 127);
  CHECK(to<saturating>(1e300).raw() == 127);
  CHECK(to<saturating>(-1e300).raw() == -128);
  CHECK(to<wrapping>(infinity).raw() == 0);
  CHECK(to<wrapping>(-1e300).raw() == 0);
  CHECK(to<zeroing>(infinity).raw() == 0);
  CHECK(to<fixed<64, 0>>(infinity) == fixed<64, 0>::highest());
  CHECK(to<unsigned_fixed<64, 0>>(1e300) == unsigned_fixed<64, 0>::highest());
  CHECK(to<unsigned_fixed<64, 0>>(-1e300).raw() == 0);
  CHECK(to<saturating>(std::numeric_limits<double>::quiet_NaN()).raw() == 0);
  CHECK(to<saturating>(std::numeric_limits<float>::quiet_NaN()).raw() == 0);
  CHECK(to<saturating>(4.9e-324).raw() == 1);
  CHECK(to<saturating>(-4.9e-324).raw() == 0);
  CHECK(to<saturating>(-0.0).raw() == 0);
  CHECK(to<fixed<8, 512, rounding::ceil>>(std::ldexp(1.0, -1074)).raw() == 1);
  CHECK(to<fixed<8, 512>>(std::ldexp(3.0, -512)).raw() == 3);
  CHECK(to<fixed<8, -512>>(std::ldexp(3.0, 512)).raw() == 3);
}

TEST_CASE("to double and to float are the nearest real, ties to even") {
  constexpr std::uint64_t seed = 13;
  INFO("seed ", seed);
  std::mt19937_64 random{seed};
  int wrong = 0;
  for (int i = 0; i < 20000; ++i) {
    auto bits = random();
    if (i % 2 == 1) bits &= ~std::uint64_t{0} << random() % 64;
    if (i % 4 == 2) bits >>= random() % 64;
    auto const integer = static_cast<std::int64_t>(bits);
    auto const wide = fixed<64, 37>::from_raw(integer);
    auto const whole = unsigned_fixed<64, -5>::from_raw(bits);
    wrong += to<double>(wide) != std::ldexp(static_cast<double>(integer), -37);
    wrong += to<float>(wide) != std::ldexp(static_cast<float>(integer), -37);
    wrong += static_cast<double>(whole) != std::ldexp(static_cast<double>(bits), 5);
    wrong += static_cast<float>(whole) != std::ldexp(static_cast<float>(bits), 5);
  }
  CHECK(wrong == 0);
  CHECK(to<double>(fixed<8, 4>::from_raw(-37)) == -37 / 16.0);
}

TEST_CASE("to float rounds once among the subnormal floats, and overflows to infinity") {
  CHECK(to<float>(fixed<8, 150>::from_raw(1)) == 0.0F);
  CHECK(to<float>(fixed<8, 150>::from_raw(3)) == std::ldexp(2.0F, -149));
  CHECK(to<float>(fixed<64, 180>::from_raw((std::int64_t{1} << 32) + (1 << 30) + 1)) ==
        std::ldexp(3.0F, -149));
  CHECK(to<float>(fixed<64, 180>::from_raw((std::int64_t{1} << 32) + (1 << 30))) == std::ldexp(2.0F, -149));
  CHECK(to<float>(fixed<8, -200>::from_raw(-1)) == -std::numeric_limits<float>::infinity());
  CHECK(to<double>(fixed<8, 512>::from_raw(-3)) == std::ldexp(-3.0, -512));
}

TEST_CASE("integers convert by the destination's policies, and to integers as to a fixed of their width") {
  CHECK(to<fixed<8, 4>>(7).raw() == 112);
  CHECK(to<fixed<8, 4>>(9).raw() == 127);
  CHECK(to<fixed<8, -2, rounding::half_up>>(-6).raw() == -1);
  CHECK(to<unsigned_fixed<8, 0, rounding::half_even, overflow::wrap>>(std::int64_t{-1}).raw() == 255);
  CHECK(to<unsigned_fixed<64, 0>>(~std::uint64_t{0}) == unsigned_fixed<64, 0>::highest());
  CHECK(to<fixed<64, 0>>(~std::uint64_t{0}) == fixed<64, 0>::highest());
  CHECK(to<int>(fixed<8, 1>{-2.5}) == -2);
  CHECK(to<int>(fixed<8, 1>{3.5}) == 4);
  CHECK(to<std::int8_t>(fixed<16, 0>{1000}) == 127);
  CHECK(to<std::uint64_t>(fixed<16, 0>{-1}) == 0);
  fixed<12, 4> const exact = std::int8_t{-128};
  CHECK(exact.raw() == -2048);
}

TEST_CASE("a stochastic destination takes a source and rounds up for the share of noise that is dropped") {
  using destination = fixed<8, 0, rounding::stochastic>;
  std::uint64_t noise = 0;
  auto source = [&noise] { return noise << 60; };
  int sum = 0;
  int sum_of_double = 0;
  for (noise = 0; noise < 16; ++noise) {
    sum += to<destination>(fixed<12, 4>::from_raw(-37), source).raw();
    sum_of_double += to<destination>(-37 / 16.0, source).raw();
  }
  CHECK(sum == -37);
  CHECK(sum_of_double == -37);
  CHECK(to<destination>(1000, source).raw() == 127);
}
