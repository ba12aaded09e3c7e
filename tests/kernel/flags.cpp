#include <cmath>
#include <dyadic/kernel/flags.hpp>
#include <limits>

#include "sweep.hpp"

using namespace dyadic::kernel;

TEST_CASE("flags become bits, and numbers without their flag 0, for all counts") {
  for (std::size_t count = 0; count < 150; ++count) {
    sweep::generator random(static_cast<unsigned>(count) + 1);
    INFO("count ", count);
    std::vector<std::uint8_t> flags(count);
    for (std::size_t i = 0; i < count; ++i) flags[i] = static_cast<std::uint8_t>(random(0, 1));
    std::vector<std::uint8_t> bits(flag_bytes(count) + 1, 0x55);
    pack_flags(flags.data(), count, bits.data());
    CHECK(bits.back() == 0x55);
    std::vector<float> numbers(count + 1), expected(count + 1, -1);
    for (std::size_t i = 0; i < count; ++i) {
      numbers[i] = static_cast<float>(random(1, 100));
      expected[i] = flags[i] == 1 ? numbers[i] : 0.0F;
      CHECK((bits[i / 8] >> (i % 8) & 1) == flags[i]);
    }
    numbers[count] = -1;
    keep_flagged(bits.data(), count, numbers.data());
    CHECK(numbers == expected);
  }
}

TEST_CASE("a number whose flag is set stays as it is, whatever it is") {
  float numbers[2] = {-0.0F, std::numeric_limits<float>::infinity()};
  std::uint8_t const both = 3, none = 0;
  keep_flagged(&both, 2, numbers);
  CHECK(std::signbit(numbers[0]));
  CHECK(std::isinf(numbers[1]));
  keep_flagged(&none, 2, numbers);
  CHECK(!std::signbit(numbers[0]));
  CHECK(numbers[1] == 0);
}
