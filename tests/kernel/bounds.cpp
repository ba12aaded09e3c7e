#include <bit>
#include <dyadic/kernel/bounds.hpp>
#include <limits>

#include "sweep.hpp"

namespace {

using namespace dyadic;

std::uint32_t bits_of(float value) { return std::bit_cast<std::uint32_t>(value); }

void compare(std::vector<float> const& x) {
  observation const expected = seen_in(x.data(), x.size());
  sweep::for_each_instruction_set([&](auto arch) {
    observation const seen = kernel::bounds(arch, x.data(), x.size());
    CHECK(bits_of(seen.low) == bits_of(expected.low + 0.0F));
    CHECK(bits_of(seen.high) == bits_of(expected.high + 0.0F));
    CHECK(seen.count == x.size());
    CHECK(seen.empty() == expected.empty());
  });
}

}  // namespace

TEST_CASE(
    "the bounds of reals in every instruction set: tails, both signs, and what is not finite anywhere") {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
  for (std::size_t count = 0; count < 70; ++count) {
    sweep::generator random(static_cast<unsigned>(count) + 1);
    INFO("count ", count);
    std::vector<float> x(count);
    for (int const shift : {-700, 0, 700}) {
      for (float& value : x) value = static_cast<float>(random(-500, 500) + shift) / 128;
      compare(x);
    }
    for (float const odd : {infinity, -infinity, not_a_number, -not_a_number}) {
      if (count == 0) continue;
      x[random.size(0, count - 1)] = odd;
      compare(x);
    }
    compare(std::vector<float>(count, not_a_number));
    compare(std::vector<float>(count, -0.0F));
  }
}

TEST_CASE("the bounds of any bit patterns") {
  sweep::generator random(1);
  std::vector<float> x(1003);
  for (float& value : x) value = std::bit_cast<float>(static_cast<std::uint32_t>(random(0, UINT32_MAX)));
  compare(x);
  for (float& value : x)
    if (!is_finite(value)) value = std::numeric_limits<float>::denorm_min();
  compare(x);
}

TEST_CASE("a constant expression finds bounds") {
  static constexpr float x[3]{0.26F, -100, 7};
  static constexpr observation seen = kernel::bounds(kernel::native{}, x, 3);
  CHECK(seen.low == -100);
  CHECK(seen.high == 7);
}
