#include <doctest/doctest.h>

#include <dyadic/deploy/to_integer.hpp>
#include <dyadic/train/fit.hpp>
#include <dyadic/train/metrics.hpp>

#include <algorithm>
#include <vector>

#include "small_task.hpp"

using namespace dyadic;
using small_task::net;

TEST_CASE("recall, precision and accuracy follow from the counts") {
  confusion_matrix found{3};
  int const counts[3][3] = {{5, 1, 0}, {2, 6, 0}, {0, 1, 0}};
  for (std::size_t t = 0; t < 3; ++t)
    for (std::size_t a = 0; a < 3; ++a)
      for (int i = 0; i < counts[t][a]; ++i) found.add(t, a);
  CHECK(found.count() == 15);
  CHECK(found(1, 0) == 2);
  CHECK(found.accuracy() == doctest::Approx(11.0 / 15));
  CHECK(found.recall(0) == doctest::Approx(5.0 / 6));
  CHECK(found.precision(0) == doctest::Approx(5.0 / 7));
  CHECK(found.f1(0) == doctest::Approx(10.0 / 13));
  CHECK(found.recall(2) == 0);
  CHECK(found.precision(2) == 0);  // nothing was taken for it
  CHECK(found.f1(2) == 0);
  CHECK(confusion_matrix{}.accuracy() == 0);
}

TEST_CASE("confusion and top k of every kind of engine are those of its outputs") {
  data_set const data = small_task::quarters(150), other = small_task::quarters(100, 2);
  net::in<trainable<small_task::int8>> trained{seed{1}};
  fit(trained, data, adam{.rate = 3e-3F}, {.epochs = 1, .batch_size = 32});
  auto const edge = to_integer(trained).value();
  std::size_t among[5]{}, right[4][4]{};
  for (std::size_t i = 0; i < other.count(); ++i) {
    float const* const y = trained.forward({}, source_of(other.slice(i, 1)));
    std::vector<std::size_t> order{0, 1, 2, 3};
    std::stable_sort(order.begin(), order.end(), [y](std::size_t a, std::size_t b) { return y[a] > y[b]; });
    auto const truth = static_cast<std::size_t>(other.labels[i]);
    ++right[truth][order[0]];
    for (std::size_t k = 1; k <= 4; ++k)
      among[k] += std::find(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k), truth) !=
                          order.begin() + static_cast<std::ptrdiff_t>(k)
                      ? 1U
                      : 0U;
  }
  REQUIRE(among[1] < 100);  // there are mistakes
  auto const check = [&](auto const& engine) {
    auto const found = confusion(engine, other);
    REQUIRE(found);
    for (std::size_t t = 0; t < 4; ++t)
      for (std::size_t a = 0; a < 4; ++a) CHECK((*found)(t, a) == right[t][a]);
    CHECK(found->accuracy() == doctest::Approx(evaluate(engine, other)->accuracy));
    for (std::size_t k = 0; k <= 4; ++k)
      CHECK(*top_k_accuracy(engine, other, k) == doctest::Approx(static_cast<double>(among[k]) / 100));
  };
  check(trained);
  check(edge);
}

TEST_CASE("classes are scored on labels that fit") {
  net::in<float32> network{seed{1}};
  data_set data = small_task::quarters(4);
  data.labels[2] = 4;
  CHECK(confusion(network, data).error().kind == fault::wrong_size);
  data.labels.clear();
  data.targets.assign(16, 0);
  data.target_size = 4;
  CHECK(top_k_accuracy(network, data, 2).error().kind == fault::wrong_size);
}
