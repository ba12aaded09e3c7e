#include <dyadic/quantize/rescale/tflite_reference_16x8.hpp>

#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <initializer_list>

#include <dyadic/quantize/rescale/line.hpp>

using namespace dyadic;
using policy = tflite_reference_16x8;

namespace {

__extension__ using wide = __int128;

static_assert(rescale_policy<policy>);

/// Vectors that tests/golden/tflite_16x8.py computed in integers and fractions.
struct vector {
  std::uint32_t input_scale, weight_scale, output_scale;
  std::uint64_t gain, offset;
  std::int64_t bound, accumulator;
  policy::channel channel;
  std::int64_t code, product, product_code;

  constexpr rescale_line line() const {
    return {.input_scale = std::bit_cast<float>(input_scale),
            .weight_scale = std::bit_cast<float>(weight_scale),
            .output_scale = std::bit_cast<float>(output_scale),
            .gain = std::bit_cast<double>(gain),
            .offset = std::bit_cast<double>(offset),
            .accumulator_bound = bound};
  }
  constexpr rescale_line line_of_product() const {
    rescale_line result = line();
    result.gain = 1;
    result.offset = 0;
    result.accumulator_bound = 1 << 30;
    return result;
  }
};

constexpr vector vectors[] = {
#include "../../golden/tflite_16x8.inc"
};

}  // namespace

TEST_CASE("parameters and codes of 64-bit accumulators are those of TFLite's formula in Python") {
  int beyond_32_bits = 0, largest_multipliers = 0, unlike_32_bit_kernels = 0;
  for (vector const& v : vectors) {
    INFO("row " << &v - vectors + 1);
    auto const channel = policy::linear(v.line());
    CHECK(channel == v.channel);
    CHECK(policy::apply(channel, v.accumulator, 0) == v.code);
    CHECK(policy::apply(policy::product(v.line_of_product()), v.product, 0) == v.product_code);
    beyond_32_bits += v.accumulator > INT32_MAX || v.accumulator < -INT32_MAX ? 1 : 0;
    largest_multipliers += channel.multiplier == 0x7FFF ? 1 : 0;
    unlike_32_bit_kernels +=
        policy::apply(policy::linear(v.line_of_product()), v.product, 0) != v.product_code ? 1 : 0;
  }
  CHECK(beyond_32_bits >= 50);
  CHECK(largest_multipliers >= 10);
  CHECK(unlike_32_bit_kernels >= 50);  // the vectors tell the two formulas apart
}

TEST_CASE("sums, averages and grids of 16-bit codes go by the 32-bit kernels") {
  rescale_operand const a{0.25F}, b{0.37F};
  CHECK(policy::add(a, b, 0.5F, 16) == tflite_reference::add(a, b, 0.5F, 16));
  auto const ours = policy::requantize(0.3F, 0, 0.17F);
  auto const theirs = tflite_reference::requantize(0.3F, 0, 0.17F);
  for (int code = -32768; code <= 32767; ++code)
    if (policy::apply(ours, code, 0) != tflite_reference::apply(theirs, code, 0)) FAIL("code ", code);
}

TEST_CASE("no accumulator, bias and factor within their bounds overflow") {
  for (float const output_scale : {0x1p-60F, 0x1p-8F, 1.0F, 0x1p40F})
    for (double const offset : {-1e30, 0.0, 1e30}) {
      auto const channel = policy::linear({.input_scale = 1,
                                           .weight_scale = 0.75F,
                                           .output_scale = output_scale,
                                           .offset = offset,
                                           .accumulator_bound = largest_accumulator});
      CHECK(channel.exponent <= policy::largest_exponent);
      for (std::int64_t const accumulator : {-largest_accumulator, std::int64_t{0}, largest_accumulator}) {
        wide const sum = static_cast<wide>(accumulator) + channel.bias;
        CHECK((sum < (wide{1} << 47) && sum >= -(wide{1} << 47)));
        int const shift = 15 - channel.exponent;
        wide const exact = (sum * channel.multiplier + (wide{1} << (shift - 1))) >> shift;
        CHECK(policy::apply(channel, accumulator, 0) == static_cast<std::int64_t>(exact));
      }
    }
}
