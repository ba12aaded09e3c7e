#include "dyadic/fixed/math.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "formats.hpp"

namespace {

using namespace dyadic;

constexpr double infinity = std::numeric_limits<double>::infinity();

// Each function beside the one of the C library, in long double.
struct exp_function {
  static constexpr char const* name = "exp";
  template <class To, class X> static To of(X x) { return math::exp<To>(x); }
  static long double exact(long double x) { return std::exp(x); }
};
struct log_function {
  static constexpr char const* name = "log";
  template <class To, class X> static To of(X x) { return math::log<To>(x); }
  static long double exact(long double x) {
    return x > 0 ? std::log(x) : -std::numeric_limits<long double>::infinity();
  }
};
struct sqrt_function {
  static constexpr char const* name = "sqrt";
  template <class To, class X> static To of(X x) { return math::sqrt<To>(x); }
  static long double exact(long double x) { return x > 0 ? std::sqrt(x) : 0; }
};
struct sin_function {
  static constexpr char const* name = "sin";
  template <class To, class X> static To of(X x) { return math::sin<To>(x); }
  static long double exact(long double x) { return std::sin(x); }
};
struct cos_function {
  static constexpr char const* name = "cos";
  template <class To, class X> static To of(X x) { return math::cos<To>(x); }
  static long double exact(long double x) { return std::cos(x); }
};
struct tanh_function {
  static constexpr char const* name = "tanh";
  template <class To, class X> static To of(X x) { return math::tanh<To>(x); }
  static long double exact(long double x) { return std::tanh(x); }
};
struct sigmoid_function {
  static constexpr char const* name = "sigmoid";
  template <class To, class X> static To of(X x) { return math::sigmoid<To>(x); }
  static long double exact(long double x) { return 1 / (1 + std::exp(-x)); }
};
using functions = formats::list<exp_function, log_function, sqrt_function, sin_function, cos_function,
                                tanh_function, sigmoid_function>;

/// The error in units in the last place of the nearest number that the saturating format has to offer.
template <class Format> double error_of(Format got, long double exact) {
  long double const unit = std::ldexp(1.0L, -Format::fraction);
  long double const wanted = std::clamp(exact / unit, static_cast<long double>(Format::lowest().raw()),
                                        static_cast<long double>(Format::highest().raw()));
  return static_cast<double>(std::abs(static_cast<long double>(got.raw()) - wanted));
}

template <class Value> long double exactly(Value x) {
  return std::ldexp(static_cast<long double>(x.raw()), -Value::fraction);
}

template <class Function, class Destination, class Source> double worst_of_all() {
  double worst = 0;
  formats::for_each_value<Source>([&](Source x) {
    worst = std::max(worst, error_of(Function::template of<Destination>(x), Function::exact(exactly(x))));
  });
  return worst;
}

template <class Function, class Destination, class Source>
double worst_of_samples(int count, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  double worst = 0;
  for (int i = 0; i < count; ++i) {
    auto const x = formats::from_bits<Source>(
        static_cast<std::uint64_t>(static_cast<std::int64_t>(random()) >> (i % 4 == 0 ? random() % 32 : 0)));
    worst = std::max(worst, error_of(Function::template of<Destination>(x), Function::exact(exactly(x))));
  }
  return worst;
}

constexpr double nearest = 0.5 + 1.0 / 2048;

}  // namespace

TEST_CASE("of every number of small formats, every function is the nearest number of the destination") {
  formats::for_each(functions{}, []<class Function>(Function) {
    INFO(Function::name);
    CHECK(worst_of_all<Function, fixed<8, 4>, fixed<8, 4>>() <= nearest);
    CHECK(worst_of_all<Function, fixed<8, 7>, fixed<8, 2>>() <= nearest);
    CHECK(worst_of_all<Function, fixed<12, 8>, fixed<12, 6>>() <= nearest);
    CHECK(worst_of_all<Function, unsigned_fixed<10, 9>, unsigned_fixed<12, 11>>() <= nearest);
    CHECK(worst_of_all<Function, fixed<16, 20>, fixed<12, 14>>() <= nearest);
    CHECK(worst_of_all<Function, fixed<12, -2>, fixed<12, 8>>() <= nearest);
  });
}

TEST_CASE("rounded in one direction, every function is less than a unit away, and on that side") {
  using down = fixed<12, 8, rounding::floor>;
  using up = fixed<12, 8, rounding::ceil>;
  formats::for_each(functions{}, []<class Function>(Function) {
    INFO(Function::name);
    CHECK(worst_of_all<Function, down, fixed<12, 7>>() < 1);
    CHECK(worst_of_all<Function, up, fixed<12, 7>>() < 1);
    int wrong = 0;
    formats::for_each_value<fixed<12, 7>>([&](fixed<12, 7> x) {
      auto const low = Function::template of<down>(x);
      auto const high = Function::template of<up>(x);
      wrong += low > high || high.raw() - low.raw() > 1;
    });
    CHECK(wrong == 0);
  });
}

TEST_CASE("32 bits: dense samples are the nearest number of the destination") {
  constexpr std::uint64_t seed = 51;
  INFO("seed ", seed);
  formats::for_each(functions{}, []<class Function>(Function) {
    INFO(Function::name);
    CHECK(worst_of_samples<Function, fixed<32, 16>, fixed<32, 16>>(20'000, seed) <= nearest);
    CHECK(worst_of_samples<Function, fixed<32, 28>, fixed<32, 27>>(20'000, seed) <= nearest);
    CHECK(worst_of_samples<Function, unsigned_fixed<32, 31>, unsigned_fixed<32, 30>>(20'000, seed) <=
          nearest);
    CHECK(worst_of_samples<Function, fixed<16, 15>, fixed<32, 24>>(20'000, seed) <= nearest);
  });
}

TEST_CASE(
    "48 bits, from 64: where long double has the digits to tell, the nearest number of the destination") {
  if (std::numeric_limits<long double>::digits < 64) return;
  constexpr std::uint64_t seed = 52;
  INFO("seed ", seed);
  formats::for_each(functions{}, []<class Function>(Function) {
    INFO(Function::name);
    CHECK(worst_of_samples<Function, fixed<48, 44>, fixed<64, 61>>(5'000, seed) <= nearest);
    CHECK(worst_of_samples<Function, fixed<48, 30>, fixed<64, 56>>(5'000, seed) <= nearest);
  });
}

TEST_CASE("square roots are rounded once, by every rounding") {
  formats::for_each(formats::roundings{}, []<class Rounding>(Rounding) {
    using format = unsigned_fixed<9, 2, Rounding>;
    INFO(std::string(format::name.c_str()));
    int wrong = 0;
    formats::for_each_value<unsigned_fixed<12, 3>>([&](unsigned_fixed<12, 3> x) {
      // the root in units of 2^-2 is the root of 2 raw: its floor, and on which side of half a unit the rest
      // is
      int const square = 2 * x.raw();
      int root = 0;
      while ((root + 1) * (root + 1) <= square) ++root;
      int const twice = 4 * square - (2 * root + 1) * (2 * root + 1);
      int const quarters = 4 * root + (root * root == square ? 0 : twice < 0 ? 1 : twice == 0 ? 2 : 3);
      wrong += math::sqrt<format>(x).raw() != oracle::round(Rounding::name.c_str(), {quarters, 4});
    });
    CHECK(wrong == 0);
  });
}

TEST_CASE("exact values come out exact in every rounding") {
  formats::for_each(formats::roundings{}, []<class Rounding>(Rounding) {
    using q = fixed<16, 8, Rounding>;
    static_assert(math::exp(q{0}) == q{1} && math::log(q{1}) == q{0} && math::sqrt(q{2.25}) == q{1.5});
    static_assert(math::sin(q{0}) == q{0} && math::cos(q{0}) == q{1});
    static_assert(math::tanh(q{0}) == q{0} && math::sigmoid(q{0}) == q{0.5});
    static_assert(math::reciprocal<q>(q{-4}) == q{-0.25});
  });
  CHECK(math::sqrt<fixed<48, 24>>(fixed<48, 24>{9}) == fixed<48, 24>{3});
}

TEST_CASE("odd functions are odd, sigmoid is symmetric about a half") {
  using q = fixed<16, 12>;
  formats::for_each_value<fixed<12, 7, rounding::half_even, overflow::saturate_symmetric>>([](auto x) {
    CHECK(math::sin<q>(-x).raw() == -math::sin<q>(x).raw());
    CHECK(math::tanh<q>(-x).raw() == -math::tanh<q>(x).raw());
    CHECK(math::sigmoid<q>(-x).raw() == 4096 - math::sigmoid<q>(x).raw());
    CHECK(math::cos<q>(-x) == math::cos<q>(x));
  });
}

TEST_CASE("arguments may be integers, floats and doubles") {
  using q = fixed<32, 24>;
  static_assert(math::exp<q>(1) == math::exp<q>(1.0) && math::exp<q>(1.0F) == math::exp<q>(fixed<8, 4>{1}));
  static_assert(math::exp<q>(1).raw() == 45605201);
  CHECK(math::tanh<q>(infinity) == q{1});
  CHECK(math::tanh<q>(-infinity) == q{-1});
  CHECK(math::sigmoid<q>(-infinity) == q{0});
  CHECK(math::exp<q>(infinity) == q::highest());
  CHECK(math::exp<q>(-infinity) == q{0});
  CHECK(math::exp<q>(std::numeric_limits<double>::quiet_NaN()) == q{1});
  CHECK(math::sin<q>(infinity) == q{0});
  CHECK(math::sin<q>(1e300).raw() == std::lround(std::ldexp(std::sin(1e300), 24)));
}

TEST_CASE("outside of its domain a function overflows or is 0, and tells a checked destination") {
  using q = fixed<16, 8>;
  CHECK(math::log(q{0}) == q::lowest());
  CHECK(math::log(q{-1}) == q::lowest());
  CHECK(math::sqrt(q{-1}) == q{0});
  CHECK(math::exp(q{100}) == q::highest());
  static int calls = 0;
  auto const before = overflow::set_handler([](overflow::event) noexcept { ++calls; });
  using checked = fixed<16, 8, rounding::half_even, overflow::checked>;
  CHECK(math::log(checked{0}) == checked::lowest());
  CHECK(math::sqrt(checked{-1}) == checked{0});
  CHECK(math::sin<checked>(infinity) == checked{0});
  CHECK(calls == 3);
  CHECK(math::sqrt(checked{2}).raw() == 362);
  CHECK(calls == 3);
  overflow::set_handler(before);
}

TEST_CASE("far from one: tiny results and arguments of huge and tiny formats") {
  CHECK(error_of(math::exp<fixed<32, 512>>(-345), std::exp(-345.0L)) <= nearest);
  CHECK(error_of(math::exp<fixed<32, -480>>(345), std::exp(345.0L)) <= nearest);
  CHECK(error_of(math::sigmoid<fixed<32, 200>>(-120), std::exp(-120.0L)) <= nearest);
  CHECK(math::sin<fixed<32, 500>>(fixed<16, 500>{-3 * std::ldexp(1.0, -490)}) ==
        fixed<16, 500>{-3 * std::ldexp(1.0, -490)});
  CHECK(math::sqrt<fixed<16, -250>>(fixed<16, -500>{std::ldexp(1.0, 504)}) ==
        fixed<16, -250>{std::ldexp(1.0, 252)});
  CHECK(error_of(math::log<fixed<32, 20>>(fixed<64, 512>::from_raw(1)), -512 * std::log(2.0L)) <= nearest);
  CHECK(error_of(math::log<fixed<48, 90>>(1 + std::ldexp(1.0, -50)), std::log1p(std::ldexp(1.0L, -50))) <=
        nearest);
}
