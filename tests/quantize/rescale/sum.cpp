#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>

#include "dyadic/quantize/rescale.hpp"

#include "random_lines.hpp"

using namespace dyadic;

namespace {

constexpr std::size_t count = 5;

struct terms {
  rescale_operand operands[count];
  std::int32_t codes[count];
};
terms random_terms(rescale_test::generator& random) {
  terms t{};
  for (std::size_t i = 0; i < count; ++i) {
    t.operands[i] = {random.real(-6, 0), static_cast<int>(random.between(-128, 127))};
    t.codes[i] = static_cast<std::int32_t>(random.between(-128, 127));
  }
  return t;
}

}  // namespace

TEST_CASE("a sum of several tensors is their real sum, rounded once") {
  rescale_test::generator random{31};
  for (int i = 0; i < 5000; ++i) {
    auto const [operands, codes] = random_terms(random);
    float const output = random.real(-4, 2);
    long double real = 0;
    for (std::size_t k = 0; k < count; ++k)
      real += static_cast<long double>(operands[k].scale) * (codes[k] - operands[k].zero);
    real /= static_cast<long double>(output);
    auto const sum = multiplier<>::sum(operands, output);
    INFO("seed 31, sum ", i);
    REQUIRE(std::fabs(static_cast<long double>(multiplier<>::apply(sum, codes, 7)) - 7 - real) <=
            0.5L + 0x1p-16L);
  }
}

TEST_CASE("under powers of two every summand is shifted to the output's grid") {
  rescale_test::generator random{32};
  for (int i = 0; i < 2000; ++i) {
    auto const [operands, codes] = random_terms(random);
    float const output = random.real(-4, 2);
    long double real = 0;
    for (std::size_t k = 0; k < count; ++k) {
      long double const ratio =
          static_cast<long double>(operands[k].scale) / static_cast<long double>(output);
      real += std::exp2(std::round(std::log2(ratio))) * (codes[k] - operands[k].zero);
    }
    auto const sum = power_of_two<>::sum(operands, output);
    INFO("seed 32, sum ", i);
    REQUIRE(power_of_two<>::apply(sum, codes, 0) == static_cast<std::int64_t>(std::floor(real + 0.5L)));
  }
}

TEST_CASE("a sum of two is the addition") {
  rescale_test::generator random{33};
  for (int i = 0; i < 2000; ++i) {
    auto const t = random_terms(random);
    float const output = random.real(-4, 2);
    rescale_operand const operands[2] = {t.operands[0], t.operands[1]};
    auto const sum = multiplier<>::sum(operands, output);
    auto const pair = multiplier<>::add(operands[0], operands[1], output);
    INFO("seed 33, sum ", i);
    REQUIRE(multiplier<>::apply(sum, {t.codes[0], t.codes[1]}, 3) ==
            multiplier<>::apply(pair, t.codes[0], t.codes[1], 3));
  }
}

TEST_CASE("sums of extreme scales saturate and overflow nothing") {
  rescale_operand const operands[3] = {{1e30F, -128}, {1e-30F, 127}, {1e30F, -128}};
  CHECK(multiplier<>::apply(multiplier<>::sum(operands, 1e-30F), {127, -128, 127}, 0) > 32767);
  CHECK(multiplier<>::apply(multiplier<>::sum(operands, 1e30F), {127, 127, 127}, 1) == 511);
}
