#include "dyadic/quantize/rescale/xnnpack_fp32.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "dyadic/quantize/rescale/multiplier.hpp"
#include "dyadic/quantize/rescale/tflite_reference.hpp"
#include "random_lines.hpp"

using dyadic::multiplier;
using dyadic::rescale_line;
using dyadic::tflite_reference;
using dyadic::xnnpack_fp32;
using rescale_test::any_accumulator;
using rescale_test::any_line;
using rescale_test::generator;

namespace {

/// XNNPACK's way with the machine's floats: convert, multiply, clamp in float, add the magic number, take the
/// bits.
int by_magic(std::int32_t accumulator, float scale, int zero, int lowest, int highest) {
  float volatile converted = static_cast<float>(accumulator);
  float volatile product = converted * scale;
  float volatile clamped =
      product < static_cast<float>(lowest - zero) ? static_cast<float>(lowest - zero) : product;
  clamped = clamped > static_cast<float>(highest - zero) ? static_cast<float>(highest - zero) : clamped;
  float volatile magic = clamped + 12582912.0f;
  float const result = magic;
  return static_cast<int>(std::bit_cast<std::uint32_t>(result)) - (0x4B400000 - zero);
}

constexpr std::int64_t clamp(std::int64_t code, std::int64_t lowest, std::int64_t highest) {
  return code < lowest ? lowest : code > highest ? highest : code;
}

}  // namespace

static_assert(dyadic::rescale_policy<xnnpack_fp32>);

TEST_CASE("accumulator 585 of tensorflow issue 102943 gives 6 under xnnpack_fp32 and 7 under the others") {
  constexpr rescale_line line{.input_scale = 0.05296124517917633f,
                              .weight_scale = 0.024093778803944588f,
                              .output_scale = 0.11484327912330627f,
                              .accumulator_bound = 1 << 20};
  static_assert(xnnpack_fp32::apply(xnnpack_fp32::linear(line), 585, 0) == 6);
  static_assert(xnnpack_fp32::apply(xnnpack_fp32::linear(line), 585, -126) == -120);
  static_assert(tflite_reference::apply(tflite_reference::linear(line), 585, 0) == 7);
  static_assert(tflite_reference::linear(line).multiplier == 1527099593);
  static_assert(tflite_reference::linear(line).exponent == -6);
  static_assert(multiplier<31>::apply(multiplier<31>::linear(line), 585, 0) == 7);
  CHECK(xnnpack_fp32::linear(line).scale_bits == std::bit_cast<std::uint32_t>(0.0111111113802f));
}

TEST_CASE("integer emulation equals the machine's float arithmetic") {
  generator random{51};
  int ties = 0;
  for (int i = 0; i < 2'000'000; ++i) {
    // Every third scale has few mantissa bits, so that products fall on ties of both roundings.
    bool const few = i % 3 == 0;
    float scale = random.real(-34, 8);
    if (few) scale = std::bit_cast<float>(std::bit_cast<std::uint32_t>(scale) & 0xFFF0'0000u);
    std::int64_t const range = INT32_MAX >> random.between(0, 27);
    auto const accumulator = static_cast<std::int32_t>(random.between(-range, range));
    float volatile converted = static_cast<float>(accumulator);
    float volatile product = converted * scale;
    float const limited = product > 2147483648.0f    ? 2147483648.0f
                          : product < -2147483648.0f ? -2147483648.0f
                                                     : product;
    float const rounded = std::nearbyint(limited);
    if (std::fabs(limited - rounded) == 0.5f) ++ties;
    std::int64_t const emulated = xnnpack_fp32::multiply(accumulator, std::bit_cast<std::uint32_t>(scale));
    INFO("seed 51, case " << i << ": " << accumulator << " * " << scale);
    REQUIRE(emulated == static_cast<std::int64_t>(rounded));
    REQUIRE(xnnpack_fp32::multiply(accumulator, std::bit_cast<std::uint32_t>(-scale)) == -emulated);
  }
  CHECK(ties > 10000);
}

TEST_CASE("clamping the code gives what XNNPACK gets by clamping the float before its magic addition") {
  generator random{52};
  for (int i = 0; i < 500'000; ++i) {
    float const scale = random.real(-32, 7);
    std::int64_t const range = INT32_MAX >> random.between(0, 27);
    auto const accumulator = static_cast<std::int32_t>(random.between(-range, range));
    auto const zero = static_cast<int>(random.between(-128, 127));
    auto const lowest = static_cast<int>(random.between(-128, 126));
    auto const highest = static_cast<int>(random.between(lowest + 1, 127));
    xnnpack_fp32::channel const channel{0, std::bit_cast<std::uint32_t>(scale)};
    INFO("seed 52, case " << i << ": " << accumulator << " * " << scale);
    REQUIRE(clamp(xnnpack_fp32::apply(channel, accumulator, zero), lowest, highest) ==
            by_magic(accumulator, scale, zero, lowest, highest));
  }
}

TEST_CASE("scales beyond XNNPACK's own range saturate or vanish") {
  auto const bits = [](float scale) { return std::bit_cast<std::uint32_t>(scale); };
  CHECK(xnnpack_fp32::multiply(INT32_MAX, bits(1e-44f)) == 0);
  CHECK(xnnpack_fp32::multiply(0, 0x7F80'0000u) == 0);
  CHECK(xnnpack_fp32::multiply(1, 0x7F80'0000u) == std::int64_t{1} << 31);
  CHECK(xnnpack_fp32::multiply(-1, bits(3e38f)) == -(std::int64_t{1} << 31));
  CHECK(xnnpack_fp32::multiply(1 << 20, bits(2047.0f)) == std::int64_t{2047} << 20);
  CHECK(xnnpack_fp32::multiply(1 << 20, bits(2049.0f)) == std::int64_t{1} << 31);
  CHECK(xnnpack_fp32::multiply(12345, 0) == 0);
}

TEST_CASE("a scale is float32(float32(input * weight) / output), the gain in the weight's float32 scale") {
  generator random{53};
  for (int i = 0; i < 50'000; ++i) {
    rescale_line const line = any_line(random);
    double const gain = std::fabs(line.gain) < 0x1p-16 ? 0x1p-16 : std::fabs(line.gain);
    double volatile scaled = double{line.weight_scale} * gain;
    float volatile weight_scale = static_cast<float>(scaled);
    if (!(weight_scale < 1e15f)) continue;
    float volatile product = line.input_scale * weight_scale;
    float volatile scale = product / line.output_scale;
    auto const channel = xnnpack_fp32::linear(line);
    INFO("seed 53, line " << i);
    REQUIRE(channel.scale_bits == std::bit_cast<std::uint32_t>(static_cast<float>(scale)));
    REQUIRE(channel.bias == tflite_reference::linear(line).bias);
    std::int64_t const accumulator =
        any_accumulator(random, line.accumulator_bound < INT32_MAX ? line.accumulator_bound : 0);
    float volatile converted = static_cast<float>(static_cast<std::int32_t>(accumulator + channel.bias));
    float volatile real = converted * scale;
    if (std::fabs(real) < 1e9f)
      REQUIRE(xnnpack_fp32::apply(channel, accumulator, 6) ==
              static_cast<std::int64_t>(std::nearbyint(real)) + 6);
  }
}

TEST_CASE("an addition has 21-bit multipliers and one rounding, half up") {
  generator random{54};
  for (int i = 0; i < 5000; ++i) {
    dyadic::rescale_operand const a{random.real(-8, 0), static_cast<int>(random.between(-128, 127))};
    dyadic::rescale_operand const b{random.real(-8, 0), static_cast<int>(random.between(-128, 127))};
    float const output = random.real(-6, 0);
    float volatile ratio_a = a.scale / output, ratio_b = b.scale / output;
    float const larger = ratio_a > ratio_b ? ratio_a : ratio_b;
    int const shift = 20 - std::ilogb(larger);
    std::int64_t const ma = std::lrint(std::ldexp(static_cast<float>(ratio_a), shift));
    std::int64_t const mb = std::lrint(std::ldexp(static_cast<float>(ratio_b), shift));
    auto const sum = xnnpack_fp32::add(a, b, output);
    INFO("seed 54, addition " << i);
    REQUIRE(sum.shift == shift);
    REQUIRE(sum.multiplier_a == ma);
    REQUIRE(sum.multiplier_b == mb);
    REQUIRE((ma > mb ? ma : mb) >= 1 << 20);
    REQUIRE((ma > mb ? ma : mb) <= 1 << 21);
    for (int j = 0; j < 10; ++j) {
      auto const code_a = static_cast<int>(random.between(-128, 127));
      auto const code_b = static_cast<int>(random.between(-128, 127));
      std::int64_t const exact = (code_a - a.zero) * ma + (code_b - b.zero) * mb;
      double const real = std::ldexp(static_cast<double>(exact), -shift);
      REQUIRE(xnnpack_fp32::apply(sum, code_a, code_b, 3) ==
              static_cast<std::int64_t>(std::floor(real + 0.5)) + 3);
    }
  }
  auto const huge = xnnpack_fp32::add({1e30f, 0}, {1e-30f, 0}, 1e-8f);
  CHECK(xnnpack_fp32::apply(huge, -1, 5, 0) < -32768);
  auto const tiny = xnnpack_fp32::add({1e-30f, 0}, {1e-30f, 0}, 1e8f);
  CHECK(xnnpack_fp32::apply(tiny, 127, 127, 5) == 5);
}

TEST_CASE("average, requantization and storage") {
  auto const average = xnnpack_fp32::average(0.1f, -128, 49, 0.1f);
  CHECK(xnnpack_fp32::apply(average, -25, 0) == -1);
  CHECK(xnnpack_fp32::apply(average, 24, 0) == 0);
  auto const same = xnnpack_fp32::requantize(0.3f, 17, 0.3f);
  for (int code = -128; code <= 127; ++code) CHECK(xnnpack_fp32::apply(same, code, 17) == code);
  auto const norm = xnnpack_fp32::requantize(0.5f, 2, 0.25f, -1.5, 0.75);
  for (int code = -128; code <= 127; ++code)
    CHECK(xnnpack_fp32::apply(norm, code, 1) == (code - 2) * -3 + 3 + 1);
  xnnpack_fp32::channels<3> stored{};
  stored.set(2, {-5, 0x3F80'0000u});
  CHECK(stored.view().from(1).get(1) == xnnpack_fp32::channel{-5, 0x3F80'0000u});
}
