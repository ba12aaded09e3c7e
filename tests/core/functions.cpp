#include <dyadic/core/functions.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include <dyadic/core/random.hpp>

using namespace dyadic;

namespace {

/// The largest relative error between `low` and `high`, many arguments near zero; `wanted` has 64 bits of
/// precision.
template <class Function, class Wanted>
double largest_error(Function function, Wanted wanted, double low, double high) {
  static_assert(std::numeric_limits<long double>::digits >= 53);
  generator random = generator::from(seed{31});
  double largest = 0;
  for (int i = 0; i < 20000; ++i) {
    double x = low + (high - low) * (static_cast<double>(random.next() >> 11) * 0x1p-53);
    if (i % 4 == 0 && low < 0) x = std::ldexp(x, -(i / 4 % 40));
    long double const exact = wanted(static_cast<long double>(x));
    if (std::fabs(exact) < 1e-300L) continue;
    auto const error = static_cast<double>(std::fabs((function(x) - exact) / exact));
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

}  // namespace

TEST_CASE("elementary functions have a relative error below 1e-13") {
  INFO("seed 31");
  CHECK(largest_error(
            exact::exp, [](long double x) { return std::exp(x); }, -690, 700) < 1e-15);
  CHECK(largest_error(
            exact::expm1, [](long double x) { return std::expm1(x); }, -40, 40) < 1e-15);
  CHECK(largest_error(
            exact::log, [](long double x) { return std::log(x); }, 1e-9, 10) < 1e-15);
  CHECK(largest_error(
            exact::log, [](long double x) { return std::log(x); }, 0.5, 2) < 1e-15);
  CHECK(largest_error(
            exact::tanh, [](long double x) { return std::tanh(x); }, -30, 30) < 1e-15);
  CHECK(largest_error(
            exact::sigmoid, [](long double x) { return 1 / (1 + std::exp(-x)); }, -600, 600) < 1e-15);
  CHECK(largest_error(
            exact::erf, [](long double x) { return std::erf(x); }, -8, 8) < 1e-14);
  CHECK(largest_error(
            exact::erfc, [](long double x) { return std::erfc(x); }, -8, 25) < 1e-13);
  CHECK(largest_error(
            exact::erfc, [](long double x) { return std::erfc(x); }, 0.4, 2.1) < 1e-14);
}

TEST_CASE("elementary functions give their known values and defined ones beyond") {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  CHECK(exact::exp(0) == 1);
  CHECK(exact::exp(-1e300) == 0);
  CHECK(std::isfinite(exact::exp(1e300)));
  CHECK(exact::exp(none) == 1);
  CHECK(exact::expm1(0) == 0);
  CHECK(exact::expm1(none) == 0);
  CHECK(exact::log(1) == 0);
  CHECK(exact::log(0) < -745);
  CHECK(exact::log(-1) == exact::log(0));
  CHECK(exact::tanh(0) == 0);
  CHECK(exact::tanh(1e300) == 1);
  CHECK(exact::tanh(-1e300) == -1);
  CHECK(exact::sigmoid(0) == 0.5);
  CHECK(exact::sigmoid(1e300) == 1);
  CHECK(exact::sigmoid(-1e300) == 0);
  CHECK(exact::erf(0) == 0);
  CHECK(exact::erf(1e300) == 1);
  CHECK(exact::erf(-1e300) == -1);
  CHECK(exact::erfc(1e300) == 0);
  CHECK(exact::erfc(-1e300) == 2);
  CHECK(exact::erfc(none) == 1);
}

TEST_CASE("elementary functions are constant expressions with the bits of run time") {
  constexpr double at[] = {-5.3, -1.7, -0.21, 0.003, 0.4, 1.9, 2.6, 11.5};
  struct bits {
    std::uint64_t of[8][7];
  };
  auto const all = [](double const(&x)[8]) {
    bits b{};
    for (int i = 0; i < 8; ++i) {
      double const size = x[i] < 0 ? -x[i] : x[i];
      double const values[] = {exact::exp(x[i]), exact::expm1(x[i]),   exact::log(size), exact::tanh(x[i]),
                               exact::erf(x[i]), exact::sigmoid(x[i]), exact::erfc(x[i])};
      for (int j = 0; j < 7; ++j) b.of[i][j] = std::bit_cast<std::uint64_t>(values[j]);
    }
    return b;
  };
  static constexpr bits compiled = all(at);
  bits const ran = all(at);
  for (int i = 0; i < 8; ++i)
    for (int j = 0; j < 7; ++j) CHECK(ran.of[i][j] == compiled.of[i][j]);
}
