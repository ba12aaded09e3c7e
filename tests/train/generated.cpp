#include <doctest/doctest.h>

#include <dyadic/train/batches.hpp>
#include <dyadic/train/generated.hpp>

#include <vector>

using namespace dyadic;

static_assert(batch_source<batches>);
static_assert(!batch_source<data_set>);

namespace {

auto numbers() {
  return generated{4, 2, [](data_set& to, std::uint64_t epoch, std::size_t position) {
                     auto const number = static_cast<float>(10 * epoch + position);
                     to.sample_size = 1;
                     to.reals = {number, number + 0.5F};
                     to.labels = {0, 1};
                   }};
}

std::vector<float> rest(auto& source) {
  std::vector<float> all;
  for (batch next = source.next(); !next.empty(); next = source.next()) all.push_back(next.reals[0]);
  return all;
}

}  // namespace

static_assert(batch_source<decltype(numbers())>);

TEST_CASE("a function's batches follow one another to the epoch's end") {
  auto source = numbers();
  CHECK(source.per_epoch() == 4);
  CHECK(source.samples_per_epoch() == 8);
  CHECK(rest(source) == std::vector<float>{0, 1, 2, 3});
  CHECK(source.next().empty());
  source.begin(1);
  CHECK(rest(source) == std::vector<float>{10, 11, 12, 13});
}

TEST_CASE("a function's batches begin anywhere") {
  auto source = numbers();
  source.begin(2, 3);
  CHECK(rest(source) == std::vector<float>{23});
  source.begin(0, 99);
  CHECK(source.next().empty());
}
