#include "dyadic/quantize/rescale/tflite_reference.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>

#include "random_lines.hpp"

using dyadic::rescale_line;
using dyadic::tflite_reference;
using rescale_test::any_accumulator;
using rescale_test::any_line;
using rescale_test::generator;

namespace {

// The formulas in the form TFLite writes them: truncation with a nudge, and a mask with a threshold.

std::int32_t doubling_high(std::int32_t a, std::int32_t b) {
  std::int64_t const product = static_cast<std::int64_t>(a) * b;
  std::int64_t const nudge = product >= 0 ? std::int64_t{1} << 30 : 1 - (std::int64_t{1} << 30);
  return static_cast<std::int32_t>((product + nudge) / (std::int64_t{1} << 31));
}

std::int32_t divide_by_power_of_two(std::int32_t x, int exponent) {
  auto const mask = static_cast<std::int32_t>((std::int64_t{1} << exponent) - 1);
  std::int32_t const remainder = x & mask;
  std::int32_t const threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return static_cast<std::int32_t>(static_cast<std::int64_t>(x) >> exponent) +
         (remainder > threshold ? 1 : 0);
}

struct encoded {
  std::int64_t multiplier;
  int exponent;
};
encoded encode(double value) {
  if (value == 0) return {0, 0};
  int exponent = 0;
  double const fraction = std::frexp(value, &exponent);
  auto m = static_cast<std::int64_t>(std::round(fraction * 2147483648.0));
  if (m == 2147483648) {
    m /= 2;
    ++exponent;
  }
  if (exponent < -31) return {0, 0};
  return {m, exponent};
}

std::int64_t multiplied(std::int64_t x, encoded by) {
  int const left = by.exponent > 0 ? by.exponent : 0, right = by.exponent > 0 ? 0 : -by.exponent;
  std::int32_t const shifted = static_cast<std::int32_t>(x * (std::int64_t{1} << left));
  return divide_by_power_of_two(doubling_high(shifted, static_cast<std::int32_t>(by.multiplier)), right);
}

constexpr std::int64_t largest = INT32_MAX;

}  // namespace

static_assert(dyadic::rescale_policy<tflite_reference>);

TEST_CASE("multiplier and exponent are those of QuantizeMultiplier") {
  generator random{41};
  for (int i = 0; i < 50000; ++i) {
    double const value = random.wide_real(-40, 29);
    encoded const expected = encode(value);
    auto const factor = tflite_reference::encode(value);
    INFO("seed 41, value " << value);
    REQUIRE(factor.multiplier == expected.multiplier);
    REQUIRE(factor.exponent == expected.exponent);
    REQUIRE(tflite_reference::encode(-value).multiplier == -expected.multiplier);
  }
  CHECK(tflite_reference::encode(0).multiplier == 0);
  CHECK(tflite_reference::encode(0x1.fffffffffp-1).multiplier == 1 << 30);  // rounds up to the next power
  CHECK(tflite_reference::encode(0x1.fffffffffp-1).exponent == 1);
  CHECK(tflite_reference::encode(0x1p-32).exponent == -31);
  CHECK(tflite_reference::encode(0x1.fp-33).multiplier == 0);
  CHECK(tflite_reference::encode(0x1p40).multiplier == INT32_MAX);
  CHECK(tflite_reference::encode(0x1p40).exponent == 30);
}

TEST_CASE("the product with two roundings equals the form with a nudge and a threshold") {
  generator random{42};
  for (int i = 0; i < 500000; ++i) {
    auto const exponent = static_cast<int>(random.between(-31, 5));
    std::int64_t const range = largest >> (random.between(0, 26) + (exponent > 0 ? exponent : 0));
    auto const x = static_cast<std::int32_t>(random.between(-range, range));
    // Few mantissa bits give ties.
    std::int64_t const m = random.between(0, 1) == 0 ? random.between(1 << 30, largest)
                                                     : random.between(1 << 10, (1 << 11) - 1) << 20;
    INFO("seed 42, product " << x << " * " << m << " * 2^" << exponent - 31);
    REQUIRE(tflite_reference::multiply(x, static_cast<std::int32_t>(m), exponent) ==
            multiplied(x, {m, exponent}));
    REQUIRE(tflite_reference::multiply(x, static_cast<std::int32_t>(-m), exponent) ==
            multiplied(x, {-m, exponent}));
  }
  CHECK(tflite_reference::multiply(INT32_MAX, INT32_MAX, 30) == INT32_MAX - 1);
  CHECK(tflite_reference::multiply(-5, INT32_MAX, 30) < -32768);
}

TEST_CASE(
    "a channel holds the scales' product over the output's scale and the bias on the accumulator's grid") {
  generator random{43};
  int saturated = 0, floored = 0;
  for (int i = 0; i < 20000; ++i) {
    rescale_line const line = any_line(random);
    auto const channel = tflite_reference::linear(line);
    double gain = std::fabs(line.gain);
    if (gain < 0x1p-16) {
      gain = 0x1p-16;
      ++floored;
    }
    double volatile scaled = double{line.weight_scale} * gain;
    auto const weight_scale = static_cast<float>(scaled);
    if (!(weight_scale < 1e15f)) continue;
    double volatile product = double{line.input_scale} * double{weight_scale};
    double volatile scale = product / double{line.output_scale};
    encoded const expected = encode(scale);
    INFO("seed 43, line " << i);
    REQUIRE(channel.multiplier == expected.multiplier);
    REQUIRE(channel.exponent == expected.exponent);
    double volatile quotient = line.offset / product;
    double const bias = std::round(quotient) - static_cast<double>(line.zero_shift);
    if (line.accumulator_bound > INT32_MAX) {
      REQUIRE(channel.bias == 0);
      continue;
    }
    auto const room = static_cast<double>(INT32_MAX - line.accumulator_bound);
    if (std::fabs(bias) > room) ++saturated;
    REQUIRE(channel.bias == (bias > room ? room : bias < -room ? -room : bias));
    std::int64_t const accumulator = any_accumulator(random, line.accumulator_bound);
    REQUIRE(std::abs(accumulator + channel.bias) <= INT32_MAX);
    if (channel.exponent <= 0) {
      std::int64_t const code = multiplied(accumulator + channel.bias, expected) - 11;
      REQUIRE(tflite_reference::apply(channel, accumulator, -11) == code);
    }
  }
  CHECK(saturated > 100);
  CHECK(floored > 500);
}

TEST_CASE("two roundings differ from one at M = 2^-2") {
  auto const channel = tflite_reference::linear(
      {.input_scale = 0.25f, .weight_scale = 1, .output_scale = 1, .accumulator_bound = 1000});
  CHECK(channel.multiplier == 1 << 30);
  CHECK(channel.exponent == -1);
  CHECK(tflite_reference::apply(channel, 1, 0) == 1);  // 0.25 -> 0.5 -> 1
  CHECK(tflite_reference::apply(channel, -3, 0) == -1);
}

TEST_CASE("an addition is TFLite's: 20 bits of left shift for 8-bit codes, 15 for 16-bit codes") {
  generator random{44};
  for (int i = 0; i < 3000; ++i) {
    bool const short_codes = i % 2 == 0;
    int const bits = short_codes ? 8 : 16, left_shift = short_codes ? 20 : 15;
    std::int64_t const top = short_codes ? 127 : 32767;
    dyadic::rescale_operand const a{random.real(-9, 0),
                                    short_codes ? static_cast<int>(random.between(-128, 127)) : 0};
    dyadic::rescale_operand const b{random.real(-9, 0),
                                    short_codes ? static_cast<int>(random.between(-128, 127)) : 0};
    float const output = random.real(-6, 1);
    double const twice = 2 * double{a.scale > b.scale ? a.scale : b.scale};
    double volatile ratio_a = double{a.scale} / twice, ratio_b = double{b.scale} / twice;
    double volatile ratio = twice / (double{output} * std::ldexp(1.0, left_shift));
    auto const sum = tflite_reference::add(a, b, output, bits);
    for (int j = 0; j < 20; ++j) {
      auto const code_a = static_cast<int>(random.between(-top, top));
      auto const code_b = static_cast<int>(random.between(-top, top));
      std::int64_t const shift = std::int64_t{1} << left_shift;
      std::int64_t const scaled_a = multiplied((code_a - a.zero) * shift, encode(ratio_a));
      std::int64_t const scaled_b = multiplied((code_b - b.zero) * shift, encode(ratio_b));
      std::int64_t const code = multiplied(scaled_a + scaled_b, encode(ratio)) + 4;
      INFO("seed 44, addition " << i << " of " << code_a << " and " << code_b);
      REQUIRE(tflite_reference::apply(sum, code_a, code_b, 4) == code);
    }
  }
}

TEST_CASE("an average is the integer mean of codes, ties away from code 0") {
  auto const average = tflite_reference::average(0.1f, -128, 4, 0.1f);
  CHECK(tflite_reference::apply(average, 10, -128) == 3);
  CHECK(tflite_reference::apply(average, -10, -128) == -3);
  CHECK(tflite_reference::apply(average, 9, -128) == 2);
  CHECK(tflite_reference::apply(average, -512, -128) == -128);
  for (std::int64_t count = 1; count <= 50; ++count)
    for (std::int64_t sum = -300; sum <= 300; ++sum) {
      auto const expected = static_cast<std::int64_t>(
          std::round(static_cast<long double>(sum) / static_cast<long double>(count)));
      REQUIRE(tflite_reference::apply(tflite_reference::average(1, 0, count, 1), sum, 0) == expected);
    }
}

TEST_CASE("a requantization multiplies the distance to the zero point; a negative gain negates") {
  auto const same = tflite_reference::requantize(0.3f, 17, 0.3f);
  for (int code = -128; code <= 127; ++code) CHECK(tflite_reference::apply(same, code, 17) == code);
  double volatile ratio = double{0.3f} / double{0.7f};
  auto const other = tflite_reference::requantize(0.3f, -5, 0.7f);
  for (int code = -128; code <= 127; ++code)
    CHECK(tflite_reference::apply(other, code, 3) == multiplied(code + 5, encode(ratio)) + 3);
  auto const norm = tflite_reference::requantize(0.5f, 2, 0.25f, -1.5, 0.75);
  for (int code = -128; code <= 127; ++code)
    CHECK(tflite_reference::apply(norm, code, 1) == (code - 2) * -3 + 3 + 1);
}

TEST_CASE("stored channels come back") {
  tflite_reference::channels<4> stored{};
  stored.set(3, {-5, 1 << 30, -7});
  CHECK(stored.view().from(1).get(2) == tflite_reference::channel{-5, 1 << 30, -7});
}
