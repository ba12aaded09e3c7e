#include "dyadic/quantize/rescale/in_registers.hpp"

#include <doctest/doctest.h>

#include <cstdint>

#include "dyadic/quantize/rescale.hpp"

#include "random_lines.hpp"

using namespace dyadic;
using rescale_test::any_accumulator;
using rescale_test::any_line;
using rescale_test::generator;

namespace {

using shifts = power_of_two<rounding::floor>;
using narrow = in_registers<register_bits{.accumulator = 12, .code = 6}, shifts>;
using clipped = in_registers<register_bits{.code = 6}, multiplier<>, overflow::saturate>;

/// The number of `bits` bits that is congruent to `value`, by steps of their modulus.
std::int64_t congruent(std::int64_t value, int bits) {
  std::int64_t const modulus = std::int64_t{1} << bits;
  std::int64_t rest = value % modulus;
  if (rest >= modulus / 2) rest -= modulus;
  if (rest < -modulus / 2) rest += modulus;
  return rest;
}

}  // namespace

static_assert(rescale_policy<narrow> && rescale_policy<clipped>);
static_assert(rescale_policy<in_registers<register_bits{.accumulator = 20}, tflite_reference>>);
static_assert(rescale_policy<in_registers<register_bits{.code = 8}, xnnpack_fp32>>);
static_assert(narrow::name == fixed_string("in_registers<12,6,power_of_two<floor>,wrap>"));
static_assert(sizeof(narrow::channels<3>) == sizeof(shifts::channels<3>));

TEST_CASE("a sum that wraps at every addition gives the code of the sum that wraps once") {
  generator random{41};
  for (int i = 0; i < 20000; ++i) {
    rescale_line line = any_line(random);
    line.accumulator_bound = 64 * 31 * 15;
    line.zero_shift = 0;
    auto const channel = narrow::linear(line);
    std::int64_t exact = 0, held = 0;
    for (int k = 0; k < 64; ++k) {
      std::int64_t const product = random.between(-31, 31) * random.between(-15, 15);
      exact += product;
      held = congruent(held + product, 12);
    }
    INFO("seed 41, sum ", i);
    REQUIRE(narrow::apply(channel, exact, 0) == congruent(shifts::apply(channel, held, 0), 6));
  }
}

TEST_CASE("codes are put in their register by the overflow mode, the zero point included") {
  generator random{42};
  int beyond = 0;
  for (int i = 0; i < 20000; ++i) {
    rescale_line const line = any_line(random);
    std::int64_t const accumulator = any_accumulator(random, line.accumulator_bound);
    auto const zero = static_cast<int>(random.between(-32, 31));
    std::int64_t const free = multiplier<>::apply(multiplier<>::linear(line), accumulator, zero);
    beyond += free < -32 || free > 31 ? 1 : 0;
    INFO("seed 42, line ", i);
    REQUIRE(clipped::apply(clipped::linear(line), accumulator, zero) == (free < -32  ? -32
                                                                         : free > 31 ? 31
                                                                                     : free));
  }
  CHECK(beyond > 1000);
}

TEST_CASE("sums of branches and averages wrap as codes") {
  using wrapping = in_registers<register_bits{.code = 6}>;
  generator random{43};
  for (int i = 0; i < 5000; ++i) {
    rescale_operand const operands[2] = {{random.real(-4, 0)}, {random.real(-4, 0)}};
    std::int32_t const codes[2] = {static_cast<std::int32_t>(random.between(-32, 31)),
                                   static_cast<std::int32_t>(random.between(-32, 31))};
    float const output = random.real(-4, 0);
    INFO("seed 43, sum ", i);
    auto const sum = multiplier<>::sum(operands, output);
    REQUIRE(wrapping::apply(sum, codes, 0) == congruent(multiplier<>::apply(sum, codes, 0), 6));
    auto const pair = multiplier<>::add(operands[0], operands[1], output);
    REQUIRE(wrapping::apply(pair, codes[0], codes[1], 0) ==
            congruent(multiplier<>::apply(pair, codes[0], codes[1], 0), 6));
    auto const mean = multiplier<>::average(operands[0].scale, 0, 4, output);
    REQUIRE(wrapping::apply(mean, codes[0] + codes[1], 0) ==
            congruent(multiplier<>::apply(mean, codes[0] + codes[1], 0), 6));
  }
}
