#include "dyadic/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

using dyadic::generator;
using dyadic::seed;

namespace {

// The statistic that is exceeded by chance in about one case of a million, for this many free cells (Wilson,
// Hilferty).
double chi_square_limit(double freedom) {
  double const z = 4.9;
  double const root = 1 - 2 / (9 * freedom) + z * std::sqrt(2 / (9 * freedom));
  return freedom * root * root * root;
}

}  // namespace

TEST_CASE("the sequence is splitmix64, as its authors' program prints it") {
  generator source{1234567};
  CHECK(source.next() == 6457827717110365317U);
  CHECK(source.next() == 3203168211198807973U);
  CHECK(source.next() == 9817491932198370423U);
  CHECK(source.next() == 4593380528125082431U);
  CHECK(source.next() == 16408922859458223821U);
}

TEST_CASE("a generator goes on from its saved state") {
  generator source = generator::from(seed{7});
  for (int i = 0; i < 100; ++i) source.normal();
  generator restored{source.state};
  for (int i = 0; i < 100; ++i) CHECK(source.next() == restored.next());
}

TEST_CASE("seeds and streams start at different states") {
  std::set<std::uint64_t> states;
  for (std::uint64_t start = 0; start < 100; ++start)
    for (std::uint64_t stream = 0; stream < 100; ++stream)
      states.insert(generator::from(seed{start}, stream).state);
  CHECK(states.size() == 10000);
  CHECK(generator::from(seed{3}) == generator::from(seed{3}, 0));
}

TEST_CASE("uniform numbers lie evenly in [0, 1) on a grid of 2^-24") {
  generator source = generator::from(seed{1});
  constexpr int draws = 200000;
  constexpr int cells = 64;
  std::vector<int> seen(cells);
  for (int i = 0; i < draws; ++i) {
    float const number = source.uniform();
    REQUIRE(number >= 0);
    REQUIRE(number < 1);
    REQUIRE(std::floor(number * 0x1p24f) == number * 0x1p24f);
    ++seen[static_cast<std::size_t>(number * cells)];
  }
  double statistic = 0;
  double const expected = static_cast<double>(draws) / cells;
  for (int const count : seen) statistic += (count - expected) * (count - expected) / expected;
  CHECK(statistic < chi_square_limit(cells - 1));
}

TEST_CASE("uniform numbers of an interval stay in it") {
  generator source = generator::from(seed{2});
  float lowest = 10;
  float highest = -10;
  for (int i = 0; i < 10000; ++i) {
    float const number = source.uniform(-3, 2);
    lowest = std::min(lowest, number);
    highest = std::max(highest, number);
  }
  CHECK(lowest >= -3);
  CHECK(lowest < -2.9f);
  CHECK(highest <= 2);
  CHECK(highest > 1.9f);
}

TEST_CASE("integers below a limit are equally likely") {
  for (std::uint32_t const limit : {1U, 2U, 3U, 6U, 7U, 100U}) {
    CAPTURE(limit);
    generator source = generator::from(seed{3}, limit);
    std::vector<int> seen(limit);
    int const draws = static_cast<int>(limit) * 1000;
    for (int i = 0; i < draws; ++i) {
      std::uint32_t const drawn = source.below(limit);
      REQUIRE(drawn < limit);
      ++seen[drawn];
    }
    double statistic = 0;
    for (int const count : seen) statistic += (count - 1000.0) * (count - 1000.0) / 1000;
    if (limit > 1) CHECK(statistic < chi_square_limit(limit - 1));
  }
}

TEST_CASE("a large limit has no bias: without rejection half of the draws would be multiples of 3") {
  generator source = generator::from(seed{4});
  constexpr std::uint32_t limit = 3U << 30;
  int multiples = 0;
  for (int i = 0; i < 30000; ++i) multiples += source.below(limit) % 3 == 0 ? 1 : 0;
  CHECK(multiples > 9500);
  CHECK(multiples < 10500);
}

TEST_CASE("a limit of 0 gives 0") { CHECK(generator{5}.below(0) == 0); }

TEST_CASE("normal deviates have the normal distribution") {
  generator source = generator::from(seed{5});
  constexpr std::size_t draws = 100000;
  std::vector<double> numbers(draws);
  double moment[5] = {};
  for (double& number : numbers) {
    number = static_cast<double>(source.normal());
    for (int power = 1; power <= 4; ++power) moment[power] += std::pow(number, power) / draws;
  }
  CHECK(std::abs(moment[1]) < 5 * std::sqrt(1.0 / draws));
  CHECK(std::abs(moment[2] - 1) < 5 * std::sqrt(2.0 / draws));
  CHECK(std::abs(moment[3]) < 5 * std::sqrt(15.0 / draws));
  CHECK(std::abs(moment[4] - 3) < 5 * std::sqrt(96.0 / draws));

  std::sort(numbers.begin(), numbers.end());
  double farthest = 0;
  for (std::size_t i = 0; i < draws; ++i) {
    double const probability = 0.5 * std::erfc(-numbers[i] / std::sqrt(2.0));
    farthest = std::max(farthest, std::abs(probability - (static_cast<double>(i) + 0.5) / draws));
  }
  INFO("Kolmogorov-Smirnov distance " << farthest);
  CHECK(farthest < 2.6 / std::sqrt(draws));
}

TEST_CASE("numbers at compile time are those of run time") {
  constexpr float at_compile_time = [] {
    generator source = generator::from(seed{6});
    float sum = 0;
    for (int i = 0; i < 50; ++i) sum += source.normal();
    return sum;
  }();
  generator source = generator::from(seed{6});
  float sum = 0;
  for (int i = 0; i < 50; ++i) sum += source.normal();
  CHECK(sum == at_compile_time);
}
