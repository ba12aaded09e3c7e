#include "dyadic/core/exact.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace exact = dyadic::exact;

namespace {

std::uint64_t next(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15u;
  std::uint64_t x = state;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/// A double of any magnitude from 2^-spread to 2^spread.
double any_double(std::uint64_t& state, int spread) {
  std::uint64_t const mantissa = next(state) >> 12;
  auto const range = static_cast<std::uint64_t>(2 * spread);
  std::uint64_t const exponent = 1023 - static_cast<std::uint64_t>(spread) + next(state) % range;
  return std::bit_cast<double>((next(state) & (std::uint64_t{1} << 63)) | (exponent << 52) | mantissa);
}

/// x*x + y as one rounding would have it and as two have it differ for this x, if y cancels the leading bits.
constexpr double near_one = 1.0 + 0x1p-30;

/// The bits of square roots computed at compile time.
struct roots {
  std::uint64_t bits[300];
};
constexpr double radicand(int index) {
  auto const mantissa = static_cast<std::uint64_t>(index) * 0x9E3779B97F4A7u & 0xF'FFFF'FFFF'FFFFu;
  auto const exponent = static_cast<std::uint64_t>(1 + index * 6);
  return std::bit_cast<double>((exponent << 52) | mantissa);
}
constexpr roots compile_time_roots() {
  roots result{};
  for (int i = 0; i < 300; ++i)
    result.bits[i] = std::bit_cast<std::uint64_t>(exact::square_root(radicand(i)));
  return result;
}

}  // namespace

TEST_CASE("a multiply and an add written with exact operations keep both roundings") {
  double volatile x = near_one, y = -(1.0 + 0x1p-29);
  CHECK(exact::add(exact::multiply(x, x), y) == 0.0);
  CHECK(exact::subtract(exact::multiply(x, x), -y) == 0.0);
  CHECK(std::fma(x, x, y) == 0x1p-60);  // what a contraction would give
  // A product written outside does not contract with the addition inside either.
  double const product = x * x;
  CHECK(exact::add(product, y) == 0.0);
  static_assert(exact::add(exact::multiply(near_one, near_one), -(1.0 + 0x1p-29)) == 0.0);
}

TEST_CASE("exact operations give what single volatile operations give") {
  std::uint64_t const seed = 11;
  std::uint64_t state = seed;
  INFO("seed " << seed);
  for (int i = 0; i < 20000; ++i) {
    double volatile a = any_double(state, 300), b = any_double(state, 300);
    double volatile sum = a + b, difference = a - b, product = a * b, quotient = a / b;
    REQUIRE(exact::add(a, b) == sum);
    REQUIRE(exact::subtract(a, b) == difference);
    REQUIRE(exact::multiply(a, b) == product);
    REQUIRE(exact::divide(a, b) == quotient);
  }
}

TEST_CASE("the compile-time square root is correctly rounded") {
  static constexpr roots computed = compile_time_roots();
  for (int i = 0; i < 300; ++i) {
    double volatile value = radicand(i);
    INFO("radicand " << value);
    CHECK(computed.bits[i] == std::bit_cast<std::uint64_t>(std::sqrt(value)));
    CHECK(exact::square_root(value) == std::sqrt(value));
  }
  static_assert(exact::square_root(0) == 0);
  static_assert(exact::square_root(4) == 2);
  static_assert(exact::square_root(0x1p-1074) == 0x1p-537);
  static_assert(exact::square_root(0x1.fffffffffffffp0) == 0x1.6a09e667f3bccp0);
}

TEST_CASE("the parts of a double give it back") {
  std::uint64_t const seed = 12;
  std::uint64_t state = seed;
  INFO("seed " << seed);
  for (int i = 0; i < 20000; ++i) {
    double const value = any_double(state, 1000);
    exact::binary const parts = exact::decompose(value);
    REQUIRE(std::ldexp(static_cast<double>(parts.mantissa), parts.exponent) == value);
    std::int64_t const magnitude = parts.mantissa < 0 ? -parts.mantissa : parts.mantissa;
    REQUIRE(magnitude >= std::int64_t{1} << 52);
    REQUIRE(magnitude < std::int64_t{1} << 53);
  }
  CHECK(exact::decompose(0).mantissa == 0);
  exact::binary const smallest = exact::decompose(std::numeric_limits<double>::denorm_min());
  CHECK(smallest.mantissa == std::int64_t{1} << 52);
  CHECK(smallest.exponent == -1074 - 52);
  CHECK(exact::decompose(-std::numeric_limits<double>::infinity()).exponent > 900);
}

TEST_CASE("scaling by a power of two is exact and rounds only into subnormals") {
  std::uint64_t const seed = 13;
  std::uint64_t state = seed;
  INFO("seed " << seed);
  for (int i = 0; i < 20000; ++i) {
    double const value = any_double(state, 1000);
    int const power = static_cast<int>(next(state) % 4400) - 2200;
    double const expected = std::ldexp(value, power);
    REQUIRE(exact::scale_by_power_of_two(value, power) == expected);
    REQUIRE(std::signbit(exact::scale_by_power_of_two(value, power)) == std::signbit(expected));
  }
  CHECK(exact::scale_by_power_of_two(3 * 0x1p-1074, -1) == 2 * 0x1p-1074);  // 1.5 goes to even
  CHECK(exact::scale_by_power_of_two(0x1p-1074, 2000) == 0x1p926);
  CHECK(exact::scale_by_power_of_two(1, INT32_MAX) == std::numeric_limits<double>::infinity());
  CHECK(exact::scale_by_power_of_two(1, INT32_MIN) == 0);
  CHECK(std::isnan(exact::scale_by_power_of_two(std::numeric_limits<double>::quiet_NaN(), 3)));
}

TEST_CASE("rounding to float is the machine's, at compile time as well") {
  static_assert(exact::round_to_float(0.1) == 0.1f);
  static_assert(exact::round_to_float(1.0 + 0x1p-24) == 1.0f);
  static_assert(exact::round_to_float(1.0 + 3 * 0x1p-24) == 1.0f + 0x1p-22f);
  static_assert(exact::round_to_float(1e300) == std::numeric_limits<float>::infinity());
  static_assert(exact::round_to_float(-1e300) == -std::numeric_limits<float>::infinity());
  static_assert(exact::round_to_float(0x1.fffffefp127) == std::numeric_limits<float>::max());
  static_assert(exact::round_to_float(-0x1.fffffefp127) == -std::numeric_limits<float>::max());
  constexpr double values[] = {0.1, 1.0 + 0x1p-24, 1e300, -1e300, 0x1.fffffefp127, 1e-42, 1e-60};
  for (double const value : values) {
    double volatile hidden = value;
    CHECK(exact::round_to_float(hidden) == static_cast<float>(hidden));
  }
}
