// The arithmetic under fixed/math.hpp against values that a Python script has written to 64 significant bits.
#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "dyadic/fixed/math.hpp"

namespace {

using namespace dyadic;
using math::detail::scaled;

struct row {
  std::string_view function;
  std::uint64_t argument;  // the bits of a double
  std::uint64_t significand;
  int exponent;
  bool negative;
};
constexpr row rows[] = {
#include "../golden/fixed_math.inc"
};

scaled value_of(row const& each) {
  scaled const x = math::detail::scaled_of(std::bit_cast<double>(each.argument));
  bool const odd = x.negative;
  if (each.function == "exp") return math::detail::exponential(x);
  if (each.function == "log") return math::detail::logarithm(x);
  if (each.function == "sqrt") return math::detail::square_root(x);
  if (each.function == "tanh") return math::detail::hyperbolic_tangent(x);
  if (each.function == "sigmoid") return math::detail::logistic(x);
  if (each.function == "cos") return math::detail::sine(x, 1);
  scaled const sine = math::detail::sine(x, 0);
  return odd ? math::detail::negated(sine) : sine;
}

/// log2 of the relative error.
double error_of(row const& each) {
  scaled const got = value_of(each);
  if (got.negative != each.negative || std::abs(got.exponent - each.exponent) > 1) return 0;
  __extension__ typedef __int128 wide;
  auto const shifted = [&](std::uint64_t significand, int exponent) {
    return static_cast<wide>(significand) << (exponent - each.exponent + 1);
  };
  wide const difference = shifted(got.significand, got.exponent) - shifted(each.significand, each.exponent);
  double const relative =
      std::abs(static_cast<double>(difference)) / static_cast<double>(each.significand) / 2;
  return relative == 0 ? -100 : std::log2(relative);
}

}  // namespace

TEST_CASE("every function has the relative error that it states") {
  int seen = 0;
  for (auto const& each : rows) {
    INFO(std::string(each.function), " of ", std::bit_cast<double>(each.argument));
    double const stated = each.function == "exp" ? -60 : -59;
    CHECK(error_of(each) < stated);
    ++seen;
  }
  CHECK(seen > 400);
}

TEST_CASE("products by halves and quotients by bits are those of 128-bit integers") {
  constexpr std::uint64_t seed = 41;
  INFO("seed ", seed);
  std::mt19937_64 random{seed};
  int wrong = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::uint64_t const a = random() >> random() % 64, b = ~(random() >> random() % 64);
    wrong += math::detail::multiply_high(a, b) != math::detail::multiply_high_by_halves(a, b);
    std::uint64_t const top = std::uint64_t{1} << 63;
    int const shift = (a | top) >= (b | top) ? 63 : 64;
    wrong += math::detail::quotient(a | top, b | top, shift) !=
             math::detail::quotient_by_bits(a | top, b | top, shift);
  }
  CHECK(wrong == 0);
}
