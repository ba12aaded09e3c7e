#include <dyadic/quantize/accumulator.hpp>

#include <doctest/doctest.h>

#include <dyadic/quantize/rescale.hpp>

using namespace dyadic;

TEST_CASE("the worst accumulator is that of all products at their extreme") {
  for (int low = -8; low <= 0; ++low)
    for (int high = 0; high <= 7; ++high)
      for (int weight = 1; weight <= 3; ++weight) {
        std::int64_t worst = 0;
        for (int x = low; x <= high; ++x)
          for (int w = -weight; w <= weight; ++w) {
            std::int64_t const magnitude = x * w < 0 ? -x * w : x * w;
            worst = magnitude > worst ? magnitude : worst;
          }
        CHECK(worst_accumulator(5, low, high, -weight, weight) == 5 * worst);
      }
}

TEST_CASE("an accumulator's bits hold both signs of its bound") {
  for (std::int64_t bound = 0; bound < 5'000; ++bound) {
    std::int64_t const largest = (std::int64_t{1} << (accumulator_bits(bound) - 1)) - 1;
    CHECK(bound <= largest);
    CHECK((bound == 0 || bound > largest / 2));
  }
  static_assert(accumulator_bits(0) == 1 && accumulator_bits(1) == 2 && accumulator_bits(127) == 8);
  static_assert(accumulator_bits(INT32_MAX) == 32);
}

// Of 32 bits as long as they are proven enough.
static_assert(std::is_same_v<accumulator_of<INT32_MAX>, std::int32_t>);
static_assert(std::is_same_v<accumulator_of<std::int64_t{INT32_MAX} + 1>, std::int64_t>);
static_assert(accumulator_limit<tflite_reference> == INT32_MAX &&
              accumulator_limit<xnnpack_fp32> == INT32_MAX);
static_assert(accumulator_limit<multiplier<>> == largest_accumulator &&
              accumulator_limit<power_of_two<>> == largest_accumulator);
