#include "dyadic/fixed/rounding.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "rational.hpp"

namespace {

using namespace dyadic;
__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

template <class Check> void for_each_mode(Check check) {
  check(rounding::half_even{});
  check(rounding::half_odd{});
  check(rounding::half_away{});
  check(rounding::half_up{});
  check(rounding::half_down{});
  check(rounding::half_to_zero{});
  check(rounding::floor{});
  check(rounding::ceil{});
  check(rounding::toward_zero{});
}

/// The rounding of a double by the oracle, saturated as `from_real` documents.
oracle::integer rounded(char const* mode, double x) {
  if (std::isnan(x)) return 0;
  double const limit = std::ldexp(1.0, 62);
  if (x >= limit) return oracle::power_of_two(62);
  if (x <= -limit) return -oracle::power_of_two(62);
  int exponent = 0;
  auto const significand = static_cast<std::int64_t>(std::ldexp(std::frexp(x, &exponent), 53));
  exponent -= 53;
  if (exponent < -60)
    exponent = -60;  // below 2^-7: where it lies between 0 and a half decides, not how near to 0
  return oracle::round(mode, oracle::rational::scaled(significand, -exponent));
}

/// A mode of a user's own: ties to the odd integer.
struct half_odd : rounding::to_nearest<half_odd> {
  static constexpr auto name = fixed_string("half_odd");
  static constexpr bool constant = false;
  static constexpr bool up(bool odd, bool) noexcept { return !odd; }
};

}  // namespace

TEST_CASE("every mode rounds every small value as rational arithmetic does, for 32, 64 and 128 bits") {
  for_each_mode([](auto mode) {
    using Mode = decltype(mode);
    INFO(std::string(Mode::name.c_str()));
    int wrong = 0;
    for (int n = 0; n <= 9; ++n)
      for (int x = -1100; x <= 1100; ++x) {
        auto const expected = oracle::round(Mode::name.c_str(), oracle::rational::scaled(x, n));
        auto const narrow = static_cast<std::int32_t>(x);
        auto const wide = static_cast<std::int64_t>(x);
        auto const widest = static_cast<int128>(x);
        wrong += ((narrow + Mode::increment(narrow, n)) >> n) != expected;
        wrong += ((wide + Mode::increment(wide, n)) >> n) != expected;
        wrong += ((widest + Mode::increment(widest, n)) >> n) != expected;
        wrong += Mode::shift_right(narrow, n) != expected;
        wrong += Mode::shift_right(wide, n) != expected;
        wrong += Mode::shift_right(widest, n) != expected;
      }
    CHECK(wrong == 0);
  });
}

TEST_CASE("the increment is the constant of the documented formula and nothing at n = 0") {
  for (int n = 1; n <= 62; ++n) {
    std::int64_t const half = std::int64_t{1} << (n - 1);
    for (std::int64_t x :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, half, -half, 3 * (half / 2), half * 2 - 1}) {
      std::int64_t const negative = x < 0;
      std::int64_t const bit = (x >> n) & 1;
      CHECK(rounding::half_up::increment(x, n) == half);
      CHECK(rounding::half_down::increment(x, n) == half - 1);
      CHECK(rounding::floor::increment(x, n) == 0);
      CHECK(rounding::ceil::increment(x, n) == half - 1 + half);
      CHECK(rounding::half_even::increment(x, n) == half - 1 + bit);
      CHECK(rounding::half_odd::increment(x, n) == half - bit);
      CHECK(rounding::half_away::increment(x, n) == half - negative);
      CHECK(rounding::half_to_zero::increment(x, n) == half - (1 - negative));
      CHECK(rounding::toward_zero::increment(x, n) == negative * (half - 1 + half));
    }
  }
  for_each_mode([](auto mode) {
    for (std::int32_t x : {-5, -1, 0, 1, 7}) CHECK(decltype(mode)::increment(x, 0) == 0);
  });
}

TEST_CASE("the increment of a mode called constant does not depend on the value, of the others it does") {
  for_each_mode([](auto mode) {
    using Mode = decltype(mode);
    INFO(std::string(Mode::name.c_str()));
    bool depends = false;
    for (int n = 1; n < 8; ++n)
      for (std::int64_t x = -600; x <= 600; ++x)
        depends |= Mode::increment(x, n) != Mode::increment(std::int64_t{0}, n);
    CHECK(depends == !Mode::constant);
  });
}

TEST_CASE("shift_right is right for any value and any shift, also beyond the width") {
  constexpr std::uint64_t seed = 20240501;
  INFO("seed ", seed);
  std::mt19937_64 random{seed};
  std::int64_t const extremes[] = {std::numeric_limits<std::int64_t>::min(),
                                   std::numeric_limits<std::int64_t>::max(),
                                   std::numeric_limits<std::int64_t>::min() + 1,
                                   -1,
                                   0,
                                   1};
  for_each_mode([&](auto mode) {
    using Mode = decltype(mode);
    INFO(std::string(Mode::name.c_str()));
    int wrong = 0;
    for (int i = 0; i < 4000; ++i) {
      auto x = static_cast<std::int64_t>(random());
      if (i % 4 == 1) x >>= random() % 64;
      if (i % 4 == 2) x &= static_cast<std::int64_t>(~std::uint64_t{0} << random() % 64);  // ties
      if (i < 6) x = extremes[i];
      for (int n = 0; n <= 70; ++n) {
        auto const divisor =
            oracle::power_of_two(n < 66 ? n : 66);  // beyond, |x| is below a quarter either way
        wrong += Mode::shift_right(x, n) != oracle::round(Mode::name.c_str(), {x, divisor});
        auto const narrow = static_cast<std::int32_t>(x >> 32);
        wrong += Mode::shift_right(narrow, n) != oracle::round(Mode::name.c_str(), {narrow, divisor});
      }
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("shift_right of 128 bits takes every value") {
  constexpr std::uint64_t seed = 7;
  INFO("seed ", seed);
  std::mt19937_64 random{seed};
  for_each_mode([&](auto mode) {
    using Mode = decltype(mode);
    INFO(std::string(Mode::name.c_str()));
    int wrong = 0;
    for (int i = 0; i < 2000; ++i) {
      auto x = static_cast<int128>(static_cast<uint128>(random()) << 64 | random());
      if (i % 2 == 1) x = static_cast<int128>(static_cast<uint128>(x) & ~uint128{0} << random() % 128);
      int const n = static_cast<int>(random() % 126);
      // Quarters stand for what is dropped: its first bit, and whether anything follows it.
      int128 const whole = x >> n;
      uint128 const rest = static_cast<uint128>(x) - (static_cast<uint128>(whole) << n);
      bool const first = n > 0 && (rest >> (n - 1) & 1) != 0;
      bool const more = n > 0 && rest != (static_cast<uint128>(first) << (n - 1));
      int const parity = static_cast<int>(whole & 1);
      int const small = (x < 0 ? -2 : 0) + parity;
      auto const expected =
          whole + oracle::round(Mode::name.c_str(), {4 * small + 2 * first + more, 4}) - small;
      wrong += Mode::shift_right(x, n) != expected;
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("from_real rounds ties, their neighbours, and any bit pattern as the exact value demands") {
  constexpr std::uint64_t seed = 99;
  INFO("seed ", seed);
  std::mt19937_64 random{seed};
  for_each_mode([&](auto mode) {
    using Mode = decltype(mode);
    INFO(std::string(Mode::name.c_str()));
    double wrong_at = 0;
    int wrong = 0;
    auto const check = [&](double x) {
      if (Mode::from_real(x) == rounded(Mode::name.c_str(), x)) return;
      ++wrong;
      wrong_at = x;
    };
    for (int i = 0; i < 20000; ++i) {
      check(std::bit_cast<double>(random()));
      double const x = std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())),
                                  -static_cast<int>(random() % 70));
      check(x);
      double const tie = std::trunc(std::ldexp(x, -static_cast<int>(random() % 40))) + 0.5;
      for (double y : {tie, std::nextafter(tie, 1e300), std::nextafter(tie, -1e300), -tie}) check(y);
    }
    double const limit = std::ldexp(1.0, 62);
    double const infinity = std::numeric_limits<double>::infinity();
    for (double x : {0.0,
                     -0.0,
                     0.5,
                     -0.5,
                     1.5,
                     -1.5,
                     2.5,
                     -2.5,
                     std::nextafter(0.5, 0.0),
                     std::nextafter(0.5, 1.0),
                     -std::nextafter(0.5, 0.0),
                     4.9e-324,
                     -4.9e-324,
                     2.2e-308,
                     -2.2e-308,
                     limit,
                     -limit,
                     std::nextafter(limit, 0.0),
                     std::nextafter(-limit, 0.0),
                     1e300,
                     -1e300,
                     infinity,
                     -infinity,
                     std::numeric_limits<double>::quiet_NaN(),
                     -std::numeric_limits<double>::quiet_NaN()})
      check(x);
    INFO("at ", wrong_at);
    CHECK(wrong == 0);
  });
}

TEST_CASE("a user's own mode is one function, and it rounds shifts and reals alike") {
  static_assert(rounding::rounding_mode<half_odd>);
  CHECK(half_odd::shift_right(std::int32_t{5}, 1) == 3);
  CHECK(half_odd::shift_right(std::int32_t{3}, 1) == 1);
  CHECK(half_odd::from_real(-2.5) == -3);
  CHECK(half_odd::from_real(-2.25) == -2);
}

TEST_CASE("stochastic rounding goes up for exactly the share of the noise that the dropped part is") {
  for (int n = 1; n <= 7; ++n)
    for (std::int64_t x = -300; x <= 300; ++x) {
      int ups = 0;
      std::int64_t const below = static_cast<std::int64_t>(oracle::floor_of(oracle::rational::scaled(x, n)));
      std::uint64_t const count = std::uint64_t{1} << n;
      for (std::uint64_t noise = 0; noise < count; ++noise) {
        auto source = [&] { return noise << (64 - n) | 0x1234; };
        auto const got = rounding::stochastic::shift_right(x, n, source);
        REQUIRE((got == below || got == below + 1));
        ups += got == below + 1;
      }
      CHECK(static_cast<std::uint64_t>(ups) == static_cast<std::uint64_t>(x) % count);
    }
}

TEST_CASE("stochastic rounding of a shift beyond 64 bits carries from word to word") {
  std::uint64_t words[3]{};
  int calls = 0;
  auto source = [&] { return words[calls++]; };
  auto const shifted = [&](std::int64_t x, int n, std::uint64_t low, std::uint64_t middle) {
    words[0] = low;
    words[1] = middle;
    calls = 0;
    return rounding::stochastic::shift_right(x, n, source);
  };
  std::uint64_t const all = ~std::uint64_t{0};
  CHECK(shifted(-1, 72, 0, 0) == -1);
  CHECK(calls == 2);
  CHECK(shifted(-1, 72, 1, 0) == 0);
  CHECK(shifted(-1, 72, 0, std::uint64_t{1} << 56) == 0);
  CHECK(shifted(1, 72, all, all) == 1);
  CHECK(shifted(1, 72, all - 1, all) == 0);
  CHECK(shifted(1, 72, all, all << 57) == 0);
  CHECK(shifted(5, 0, 0, 0) == 5);
  CHECK(calls == 0);
}
