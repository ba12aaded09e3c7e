#include "dyadic/train/data.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

using dyadic::data_set;
using dyadic::data_view;

namespace {

data_set five_samples() {
  data_set set;
  set.sample_size = 3;
  for (std::uint8_t i = 0; i < 15; ++i) set.bytes.push_back(i);
  set.labels = {0, 1, 2, 1, 0};
  return set;
}

std::string complaint(data_view const& data, std::size_t inputs, std::size_t outputs) {
  dyadic::result<void> const checked = data.check(inputs, outputs);
  CHECK(checked.error().kind == (checked ? dyadic::fault::none : dyadic::fault::wrong_size));
  return checked.error().what();
}

}  // namespace

TEST_CASE("a view takes samples from memory as it is") {
  std::uint8_t const images[] = {1, 2, 3, 4, 5, 6};
  std::int32_t const labels[] = {7, 8};
  data_view const view{.bytes = images, .labels = labels, .sample_size = 3};
  CHECK(view.count() == 2);
  CHECK(view.bytes.data() == images);
  CHECK(view.labels.data() == labels);
}

TEST_CASE("parts of a data set are views of its own memory") {
  data_set const set = five_samples();
  CHECK(set.count() == 5);

  data_view const first = set.first(2);
  CHECK(first.count() == 2);
  CHECK(first.bytes.data() == set.bytes.data());
  CHECK(first.labels.size() == 2);

  data_view const middle = set.slice(1, 3);
  CHECK(middle.count() == 3);
  CHECK(middle.bytes[0] == 3);
  CHECK(middle.labels[1] == 2);

  data_view const last = set.last(2);
  CHECK(last.count() == 2);
  CHECK(last.bytes[0] == 9);
  CHECK(last.labels[0] == 1);
}

TEST_CASE("a part beyond the end is what there is") {
  data_set const set = five_samples();
  CHECK(set.first(9).count() == 5);
  CHECK(set.last(9).count() == 5);
  CHECK(set.slice(4, 9).count() == 1);
  CHECK(set.slice(5, 1).empty());
  CHECK(set.slice(static_cast<std::size_t>(-1), static_cast<std::size_t>(-1)).empty());
}

TEST_CASE("reals and targets are cut by their own sizes") {
  float const reals[] = {1, 2, 3, 4, 5, 6};
  float const targets[] = {10, 20, 30};
  data_view const view{.reals = reals, .targets = targets, .sample_size = 2, .target_size = 1};
  data_view const last = view.last(1);
  CHECK(last.reals.size() == 2);
  CHECK(last.reals[0] == 5);
  CHECK(last.targets.size() == 1);
  CHECK(last.targets[0] == 30);
}

TEST_CASE("samples without answers count, and with too few answers only the answered ones count") {
  std::uint8_t const images[] = {1, 2, 3, 4, 5, 6};
  std::int32_t const labels[] = {7};
  CHECK(data_view{.bytes = images, .sample_size = 2}.count() == 3);
  CHECK(data_view{.bytes = images, .labels = labels, .sample_size = 2}.count() == 1);
  CHECK(data_view{.bytes = images}.empty());
  CHECK(data_view{}.empty());
}

TEST_CASE("a check accepts what a network can learn from") {
  data_set const set = five_samples();
  CHECK(complaint(set, 3, 3).empty());
  float const targets[10] = {};
  CHECK(
      complaint({.bytes = set.bytes, .targets = targets, .sample_size = 3, .target_size = 2}, 3, 2).empty());
}

TEST_CASE("a check says what does not fit") {
  data_set const set = five_samples();
  float const reals[15] = {};
  float const targets[10] = {};
  CHECK(complaint({}, 3, 3) == "data: expected samples as bytes or as reals, found neither");
  CHECK(complaint({.bytes = set.bytes, .reals = reals, .labels = set.labels, .sample_size = 3}, 3, 3) ==
        "data: expected samples as bytes or as reals, found both");
  CHECK(complaint({.bytes = set.bytes, .sample_size = 3}, 3, 3) ==
        "data: expected labels or targets, found neither");
  CHECK(complaint(set, 4, 3) == "data: the network takes 4 numbers a sample, the data has 3");
  CHECK(complaint({.bytes = std::span(set.bytes).first(14), .labels = set.labels, .sample_size = 3}, 3, 3) ==
        "data: 14 numbers are no whole count of samples of 3");
  CHECK(complaint({.bytes = set.bytes, .labels = std::span(set.labels).first(4), .sample_size = 3}, 3, 3) ==
        "data: 5 samples, but 4 labels");
  CHECK(complaint(set, 3, 2) == "data: label 2 of sample 2 is not one of the network's 2 classes");
  CHECK(complaint({.bytes = set.bytes, .targets = targets, .sample_size = 3, .target_size = 2}, 3, 3) ==
        "data: the network gives 3 numbers a sample, the data has 2 targets");
  CHECK(complaint(
            {.bytes = set.bytes, .targets = std::span(targets).first(9), .sample_size = 3, .target_size = 2},
            3, 2) == "data: 5 samples need 2 targets each, found 9 in all");
}

TEST_CASE("a negative label is found") {
  data_set set = five_samples();
  set.labels[3] = -1;
  CHECK(complaint(set, 3, 3) == "data: label -1 of sample 3 is not one of the network's 3 classes");
}
