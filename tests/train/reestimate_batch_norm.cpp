#include <doctest/doctest.h>

#include <dyadic/train/fit.hpp>
#include <dyadic/train/reestimate_batch_norm.hpp>

#include <cmath>
#include <string_view>
#include <vector>

#include "small_task.hpp"

using namespace dyadic;
using small_task::net;

namespace {

template <class Engine> std::span<float> floats_of(Engine& from, std::string_view name) {
  std::size_t at = 0;
  for (segment const& s : Engine::segments) {
    if (name == s.name) return from.floats().subspan(at, s.count);
    at += s.count;
  }
  return {};
}

}  // namespace

TEST_CASE_TEMPLATE("re-estimated statistics are those of the data, whatever they were", Arithmetic, float32,
                   trainable<small_task::int8>) {
  data_set const data = small_task::quarters(96);
  typename net::in<Arithmetic> network{seed{3}};
  fit(network, data, adam{}, {.epochs = 1});
  auto whole = network;
  REQUIRE(reestimate_batch_norm(whole, data, 96));  // one batch: its own statistics, exactly
  for (float& number : floats_of(network, "mean")) number = 1e6F;
  for (float& number : floats_of(network, "variance")) number = 1e6F;
  std::vector<float> const before(network.floats().begin(), network.floats().end());
  REQUIRE(reestimate_batch_norm(network, data, 32));
  // The mean of three equal batches' means is the mean; variances lack the variance of the means.
  for (std::size_t i = 0; i < floats_of(network, "mean").size(); ++i) {
    CHECK(floats_of(network, "mean")[i] == doctest::Approx(floats_of(whole, "mean")[i]).epsilon(1e-4));
    CHECK(floats_of(network, "variance")[i] == doctest::Approx(floats_of(whole, "variance")[i]).epsilon(0.1));
  }
  std::size_t at = 0;
  for (segment const& s : net::in<Arithmetic>::segments) {
    std::string_view const name = s.name;
    for (std::size_t i = at; i < at + s.count && name != "mean" && name != "variance"; ++i)
      CHECK(network.floats()[i] == before[i]);
    at += s.count;
  }
}

TEST_CASE("statistics of batches of several sizes count by their samples") {
  data_set const data = small_task::quarters(50);
  net::in<float32> network{seed{3}};
  auto part = network;
  REQUIRE(reestimate_batch_norm(network, data, 40));
  std::vector<float> means[2];
  for (data_view const& view : {data.slice(0, 40), data.slice(40, 10)}) {
    REQUIRE(reestimate_batch_norm(part, view, 40));
    auto const found = floats_of(part, "mean");
    means[view.count() == 40 ? 0 : 1].assign(found.begin(), found.end());
  }
  for (std::size_t i = 0; i < means[0].size(); ++i)
    CHECK(floats_of(network, "mean")[i] ==
          doctest::Approx(0.8F * means[0][i] + 0.2F * means[1][i]).epsilon(1e-5));
}

TEST_CASE("re-estimation refuses data of another size and a network without ranges") {
  net::in<trainable<small_task::int8>> network{seed{3}};
  data_set data = small_task::quarters(8);
  CHECK(reestimate_batch_norm(network, data).error().kind == fault::not_calibrated);
  data.sample_size = 35;
  CHECK(reestimate_batch_norm(network, data).error().kind == fault::wrong_size);
}
