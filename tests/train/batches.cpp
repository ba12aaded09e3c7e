#include "dyadic/train/batches.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

using namespace dyadic;

namespace {

// Sample i holds the bytes i, i + 1 (mod 256) and the label i.
data_set numbered(std::size_t count) {
  data_set set;
  set.sample_size = 2;
  for (std::size_t i = 0; i < count; ++i) {
    set.bytes.push_back(static_cast<std::uint8_t>(i));
    set.bytes.push_back(static_cast<std::uint8_t>(i + 1));
    set.labels.push_back(static_cast<std::int32_t>(i));
  }
  return set;
}

std::vector<std::int32_t> rest_of_epoch(batches& source) {
  std::vector<std::int32_t> order;
  for (batch part = source.next(); !part.empty(); part = source.next())
    order.insert(order.end(), part.labels.begin(), part.labels.end());
  return order;
}

}  // namespace

TEST_CASE("an epoch's batches hold each sample once, with its own label") {
  data_set const set = numbered(103);
  batches source(set, seed{1}, {.size = 10});
  CHECK(source.per_epoch() == 11);
  CHECK(source.samples_per_epoch() == 103);
  std::vector<int> seen(103);
  std::size_t delivered = 0;
  for (batch part = source.next(); !part.empty(); part = source.next()) {
    ++delivered;
    CHECK(part.count() == (delivered == 11 ? 3 : 10));
    CHECK(part.check(2, 103).has_value());
    for (std::size_t i = 0; i < part.count(); ++i) {
      auto const label = static_cast<std::size_t>(part.labels[i]);
      ++seen[label];
      CHECK(part.bytes[2 * i] == static_cast<std::uint8_t>(label));
      CHECK(part.bytes[2 * i + 1] == static_cast<std::uint8_t>(label + 1));
    }
  }
  CHECK(delivered == 11);
  for (int const count : seen) CHECK(count == 1);
  CHECK(source.next().empty());
}

TEST_CASE("a partial last batch can be dropped") {
  data_set const set = numbered(103);
  batches source(set, seed{1}, {.size = 10, .partial = last_batch::drop});
  CHECK(source.per_epoch() == 10);
  CHECK(source.samples_per_epoch() == 100);
  CHECK(rest_of_epoch(source).size() == 100);

  data_set const few = numbered(3);
  batches none(few, seed{1}, {.size = 10, .partial = last_batch::drop});
  CHECK(none.per_epoch() == 0);
  CHECK(none.next().empty());
}

TEST_CASE("batches as given are slices of the data, without a copy") {
  data_set const set = numbered(7);
  batches source(set, seed{1}, {.size = 3, .order = sample_order::as_given});
  CHECK(source.next().bytes.data() == set.bytes.data());
  CHECK(source.next().bytes.data() == set.bytes.data() + 6);
  CHECK(source.next().count() == 1);
  CHECK(source.next().empty());
}

TEST_CASE("an epoch's order depends on seed and epoch alone") {
  data_set const set = numbered(50);
  auto const order = [&set](std::uint64_t start, std::uint64_t epoch, std::size_t size) {
    batches source(set, seed{start}, {.size = size});
    source.begin(epoch);
    return rest_of_epoch(source);
  };
  CHECK(order(1, 0, 8) == order(1, 0, 8));
  CHECK(order(1, 3, 8) == order(1, 3, 50));
  CHECK(order(1, 0, 8) != order(1, 1, 8));
  CHECK(order(1, 0, 8) != order(2, 0, 8));
}

TEST_CASE("a run resumed at any epoch and position goes on as if it had never stopped") {
  data_set const set = numbered(41);
  for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
    for (std::size_t position = 0; position <= 6; ++position) {
      CAPTURE(epoch);
      CAPTURE(position);
      batches whole(set, seed{9}, {.size = 7});
      for (std::uint64_t before = 0; before < epoch; ++before) {
        whole.begin(before);
        rest_of_epoch(whole);
      }
      whole.begin(epoch);
      for (std::size_t i = 0; i < position; ++i) whole.next();
      CHECK(whole.epoch() == epoch);
      CHECK(whole.position() == position);

      batches resumed(set, seed{9}, {.size = 7});
      resumed.begin(whole.epoch(), whole.position());
      CHECK(rest_of_epoch(resumed) == rest_of_epoch(whole));
    }
  }
}

TEST_CASE("a position beyond the epoch is its end") {
  data_set const set = numbered(10);
  batches source(set, seed{1}, {.size = 4});
  source.begin(0, 99);
  CHECK(source.position() == 3);
  CHECK(source.next().empty());
}

TEST_CASE("every batch stands in the same memory, epoch after epoch") {
  data_set const set = numbered(64);
  batches source(set, seed{1}, {.size = 16});
  std::uint8_t const* const place = source.next().bytes.data();
  for (std::uint64_t epoch = 1; epoch < 4; ++epoch) {
    source.begin(epoch);
    for (int i = 0; i < 4; ++i) CHECK(source.next().bytes.data() == place);
  }
}

TEST_CASE("reals and targets are gathered together") {
  data_set set;
  set.sample_size = 3;
  set.target_size = 2;
  for (int i = 0; i < 20; ++i) {
    for (int j = 0; j < 3; ++j) set.reals.push_back(static_cast<float>(10 * i + j));
    for (int j = 0; j < 2; ++j) set.targets.push_back(static_cast<float>(-10 * i - j));
  }
  batches source(set, seed{3}, {.size = 6});
  std::size_t seen = 0;
  for (batch part = source.next(); !part.empty(); part = source.next()) {
    for (std::size_t i = 0; i < part.count(); ++i, ++seen) {
      float const first = part.reals[3 * i];
      CHECK(part.reals[3 * i + 2] == first + 2);
      CHECK(part.targets[2 * i] == -first);
      CHECK(part.targets[2 * i + 1] == -first - 1);
    }
  }
  CHECK(seen == 20);
}

TEST_CASE("no data, a batch larger than the data and a size of 0 do no harm") {
  batches none({}, seed{1});
  CHECK(none.per_epoch() == 0);
  CHECK(none.next().empty());

  data_set const set = numbered(5);
  batches large(set, seed{1}, {.size = static_cast<std::size_t>(-1)});
  CHECK(large.per_epoch() == 1);
  CHECK(large.next().count() == 5);

  batches single(set, seed{1}, {.size = 0});
  CHECK(single.per_epoch() == 5);
  CHECK(single.next().count() == 1);
}

TEST_CASE("samples whose label is missing are never gathered") {
  data_set set = numbered(10);
  set.labels.resize(6);
  batches source(set, seed{1}, {.size = 4});
  CHECK(rest_of_epoch(source).size() == 6);
}
