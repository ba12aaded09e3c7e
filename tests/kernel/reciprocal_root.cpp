#include <dyadic/kernel/reciprocal_root.hpp>

#include <doctest/doctest.h>

#include <dyadic/core/random.hpp>

using namespace dyadic;

namespace {

/// a * b as high and low half.
struct product {
  std::uint64_t high, low;
};
product multiplied(std::uint64_t a, std::uint64_t b) {
  std::uint64_t const a1 = a >> 32, a0 = a & 0xFFFF'FFFF, b1 = b >> 32, b0 = b & 0xFFFF'FFFF;
  std::uint64_t const middle = a1 * b0 + (a0 * b0 >> 32);
  std::uint64_t const second = a0 * b1 + (middle & 0xFFFF'FFFF);
  return {a1 * b1 + (middle >> 32) + (second >> 32), a * b};
}

/// Is mantissa^2 * value at most 2^(2 shift)?
bool at_most(std::uint64_t mantissa, std::uint64_t value, int shift) {
  product const square = multiplied(mantissa * mantissa, value);
  int const power = 2 * shift;
  if (power < 64) return square.high == 0 && square.low <= std::uint64_t{1} << power;
  std::uint64_t const limit = std::uint64_t{1} << (power - 64);
  return square.high < limit || (square.high == limit && square.low == 0);
}

bool is_right(std::uint64_t value) {
  auto const [mantissa, shift] = kernel::reciprocal_root(value);
  auto const m = static_cast<std::uint64_t>(mantissa);
  return mantissa >= std::int64_t{1} << 30 && mantissa <= std::int64_t{1} << 31 && shift >= 31 &&
         shift <= 62 && at_most(m, value, shift) && !at_most(m + 1, value, shift);
}

}  // namespace

TEST_CASE("a reciprocal root is the largest mantissa that is not above it, for every small value") {
  std::uint64_t wrong = 0;
  for (std::uint64_t value = 1; value <= 200'000; ++value) wrong += is_right(value) ? 0 : 1;
  CHECK(wrong == 0);
}

TEST_CASE("and for values of every size, next to powers of two and squares too") {
  generator random = generator::from(seed{8});
  std::uint64_t wrong = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::uint64_t const drawn = (std::uint64_t{random.below(1U << 31)} << 33) ^
                                (std::uint64_t{random.below(1U << 31)} << 16) ^ random.below(1U << 16);
    std::uint64_t const value = drawn >> random.below(64);
    wrong += value == 0 || is_right(value) ? 0 : 1;
    std::uint64_t const root = kernel::floor_root(value), square = root * root;
    wrong += square <= value && value - square <= 2 * root ? 0 : 1;
    wrong += square < 2 || (is_right(square) && is_right(square - 1) && is_right(square + 1)) ? 0 : 1;
  }
  for (int bit = 1; bit < 64; ++bit)
    for (std::uint64_t by = 0; by < 2; ++by)
      wrong += is_right((std::uint64_t{1} << bit) - by) && is_right((std::uint64_t{1} << bit) + by) ? 0 : 1;
  wrong += is_right(~std::uint64_t{0}) ? 0 : 1;
  CHECK(wrong == 0);
}

TEST_CASE("known values, in a constant expression") {
  static_assert(kernel::reciprocal_root(1).mantissa == std::int64_t{1} << 31);
  static_assert(kernel::reciprocal_root(1).shift == 31);
  static_assert(kernel::reciprocal_root(std::uint64_t{1} << 62).shift == 62);
  static_assert(kernel::reciprocal_root(2).mantissa == 1518500249);  // 2^31 / sqrt 2 = 1518500249.988
  CHECK(kernel::floor_root(~std::uint64_t{0}) == 0xFFFF'FFFF);
}
