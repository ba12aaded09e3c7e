#include "dyadic/quantize/rescale/power_of_two.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>

#include "random_lines.hpp"

namespace rounding = dyadic::rounding;
using dyadic::power_of_two;
using dyadic::rescale_line;
using rescale_test::any_accumulator;
using rescale_test::any_line;
using rescale_test::generator;

namespace {

__extension__ typedef unsigned __int128 wide;

/// Whether mantissa^2 < 2 * 2^104, for a mantissa in [2^52, 2^53): the square root of two is above it.
constexpr bool below_root(std::uint64_t mantissa) { return wide{mantissa} * mantissa < wide{1} << 105; }

bool is_power_of_two_or_zero(std::int64_t value) {
  std::int64_t const magnitude = value < 0 ? -value : value;
  return (magnitude & (magnitude - 1)) == 0;
}

}  // namespace

static_assert(dyadic::rescale_policy<power_of_two<>>);
static_assert(power_of_two<rounding::floor>::name == dyadic::fixed_string("power_of_two<floor>"));

TEST_CASE("the nearest power of two is the nearest in the logarithm") {
  std::uint64_t const root = 0x16'A09E'667F'3BCC;
  static_assert(below_root(0x16'A09E'667F'3BCC) && !below_root(0x16'A09E'667F'3BCD));
  CHECK(power_of_two<>::nearest(std::ldexp(static_cast<double>(root), -52)) == 1);
  CHECK(power_of_two<>::nearest(std::ldexp(static_cast<double>(root + 1), -52)) == 2);
  CHECK(power_of_two<>::nearest(0) == 0);
  CHECK(power_of_two<>::nearest(-0.3) == -0.25);
  CHECK(power_of_two<>::nearest(0x1.fp1000) == 0x1p1001);
  generator random{31};
  for (int i = 0; i < 20000; ++i) {
    double const value = random.wide_real(-400, 400);
    int exponent = 0;
    double const fraction = std::frexp(value, &exponent);
    auto const mantissa = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
    double const expected = std::ldexp(1.0, exponent - (below_root(mantissa) ? 1 : 0));
    INFO("seed 31, value " << value);
    REQUIRE(power_of_two<>::nearest(value) == expected);
    REQUIRE(power_of_two<>::nearest(-value) == -expected);
  }
}

TEST_CASE("a channel is the linear formula with a power of two for the whole factor") {
  using policy = power_of_two<rounding::half_even>;
  generator random{32};
  int compared = 0;
  for (int i = 0; i < 20000; ++i) {
    rescale_line const line = any_line(random);
    auto const channel = policy::linear(line);
    INFO("seed 32, line " << i);
    REQUIRE(is_power_of_two_or_zero(channel.multiplier));
    REQUIRE(channel.shift <= 62);
    long double const factor = static_cast<long double>(line.gain) * line.input_scale * line.weight_scale /
                               static_cast<long double>(line.output_scale);
    long double const power =
        factor == 0 ? 0 : std::copysign(std::exp2(std::rint(std::log2(std::fabs(factor)))), factor);
    std::int64_t const accumulator = any_accumulator(random, line.accumulator_bound);
    long double const real =
        power * static_cast<long double>(accumulator - line.zero_shift) +
        static_cast<long double>(line.offset) / static_cast<long double>(line.output_scale);
    if (std::fabs(real) > 40000 || line.accumulator_bound > INT32_MAX) continue;
    ++compared;
    REQUIRE(std::fabs(static_cast<long double>(policy::apply(channel, accumulator, 0)) - real) <=
            0.5L + 0x1p-12L);
  }
  CHECK(compared > 5000);
}

TEST_CASE("a gain of 0 gives the offset and a huge one a power of two that saturates the code") {
  rescale_line line{
      .input_scale = 0.05f, .weight_scale = 0.01f, .output_scale = 0.1f, .accumulator_bound = 100000};
  line.gain = 1e30;
  auto const huge = power_of_two<>::linear(line);
  CHECK(huge.multiplier == 1 << 30);
  CHECK(huge.shift == 0);
  line.gain = -1e30;
  CHECK(power_of_two<>::apply(power_of_two<>::linear(line), 1, 0) < -32768);
  line.gain = 0;
  line.offset = 0.7;
  CHECK(power_of_two<>::apply(power_of_two<>::linear(line), 12345, 1) == 8);
  line.accumulator_bound = INT64_MAX;
  line.gain = 1;
  CHECK(power_of_two<>::linear(line).multiplier == 0);
}

TEST_CASE("addition, average and requantization shift by whole bits") {
  auto const sum = power_of_two<>::add({0.3f, 2}, {0.9f, -1}, 0.5f);  // ratios 0.6 and 1.8: 1/2 and 2
  CHECK(sum.multiplier_b == 4 * sum.multiplier_a);
  for (int a = -128; a <= 127; a += 5)
    for (int b = -128; b <= 127; b += 3) {
      double const real = 0.5 * (a - 2) + 2.0 * (b + 1);
      CHECK(power_of_two<>::apply(sum, a, b, 7) == static_cast<std::int64_t>(std::floor(real + 0.5)) + 7);
    }
  auto const average = power_of_two<>::average(0.3f, 2, 9, 0.3f);  // 1/9: 1/8
  CHECK(power_of_two<>::apply(average, 2 * 9 + 20, 0) == 3);
  CHECK(power_of_two<>::apply(average, 2 * 9 - 20, 0) == -2);
  auto const same = power_of_two<>::requantize(0.3f, 17, 0.3f);
  for (int code = -128; code <= 127; ++code) CHECK(power_of_two<>::apply(same, code, 17) == code);
  auto const norm = power_of_two<>::requantize(0.5f, 2, 0.25f, -1.2, 0.75);
  for (int code = -128; code <= 127; ++code)
    CHECK(power_of_two<>::apply(norm, code, 1) == (code - 2) * -2 + 3 + 1);
}
