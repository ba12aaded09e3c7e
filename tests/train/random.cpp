#include "dyadic/train/random.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <map>
#include <numeric>
#include <vector>

using dyadic::generator;
using dyadic::seed;

TEST_CASE("a shuffle is a permutation") {
  for (std::size_t const size : {0U, 1U, 2U, 3U, 10U, 1000U}) {
    CAPTURE(size);
    std::vector<std::uint32_t> indices(size);
    std::iota(indices.begin(), indices.end(), 0U);
    generator source = generator::from(seed{1});
    dyadic::shuffle(indices, source);
    std::vector<int> seen(size);
    for (std::uint32_t const index : indices) {
      REQUIRE(index < size);
      ++seen[index];
    }
    for (int const count : seen) CHECK(count == 1);
  }
}

TEST_CASE("a shuffle follows from the generator's state, and another state gives another order") {
  auto const shuffled = [](std::uint64_t start) {
    std::vector<std::uint32_t> indices(100);
    std::iota(indices.begin(), indices.end(), 0U);
    generator source = generator::from(seed{start});
    dyadic::shuffle(indices, source);
    return indices;
  };
  CHECK(shuffled(1) == shuffled(1));
  CHECK(shuffled(1) != shuffled(2));
}

TEST_CASE("all orders of four are equally likely") {
  generator source = generator::from(seed{2});
  std::map<std::array<std::uint32_t, 4>, int> seen;
  constexpr int expected = 2000;
  for (int i = 0; i < 24 * expected; ++i) {
    std::array<std::uint32_t, 4> order{0, 1, 2, 3};
    dyadic::shuffle(order, source);
    ++seen[order];
  }
  CHECK(seen.size() == 24);
  double statistic = 0;
  for (auto const& [order, count] : seen)
    statistic += (count - expected) * (count - expected) / double{expected};
  CHECK(statistic < 70);  // 23 degrees of freedom: exceeded by chance once in a million
}
