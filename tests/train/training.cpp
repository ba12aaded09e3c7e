#include <doctest/doctest.h>

#include <dyadic/train/calibrate.hpp>
#include <dyadic/train/training.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

#include "small_task.hpp"

using namespace dyadic;
using small_task::net;

namespace {

template <class Engine> std::vector<float> floats_of(Engine const& from) {
  return {from.floats().begin(), from.floats().end()};
}

/// The floats of the segments of one name.
template <class Engine> std::vector<float> floats_named(Engine const& from, std::string_view name) {
  std::vector<float> found;
  std::size_t at = 0;
  for (segment const& s : Engine::segments) {
    if (name == s.name)
      for (std::size_t i = 0; i < s.count; ++i) found.push_back(from.floats()[at + i]);
    at += s.count;
  }
  return found;
}

}  // namespace

TEST_CASE_TEMPLATE("steps on one batch bring its loss down", Arithmetic, float32,
                   trainable<small_task::int8>) {
  typename net::in<Arithmetic> network{seed{3}};
  data_set const data = small_task::quarters(32);
  training run{network, sgd{.rate = 0.05F, .momentum = 0.9F}, seed{3}};
  double const first = run.step(data, cross_entropy{}).mean();
  double last = first;
  for (int i = 0; i < 60; ++i) last = run.step(data, cross_entropy{}).mean();
  CHECK(first > 0.7);
  CHECK(last < 0.5 * first);
  CHECK(run.position.updates == 61);
}

TEST_CASE("a step with momentum is the optimizer's rule on the network's gradients") {
  net::in<float32> network{seed{5}};
  data_set const data = small_task::quarters(8);
  training run{network, sgd{.rate = 0.1F, .momentum = 0.0F}, seed{5}};
  auto const before = floats_of(network);
  run.step(data, cross_entropy{});
  std::size_t at = 0;
  double moved = 0;
  for (segment const& s : net::in<float32>::segments) {
    for (std::size_t i = at; i < at + s.count && s.trained; ++i) {
      float const expected = before[i] - 0.1F * network.gradients()[i];
      CHECK(network.floats()[i] == doctest::Approx(expected).epsilon(1e-5));
      moved += std::abs(static_cast<double>(network.floats()[i] - before[i]));
    }
    at += s.count;
  }
  CHECK(moved > 0);
}

TEST_CASE("runs of one seed are equal in every float, of another seed they are not") {
  data_set const data = small_task::quarters(24);
  auto const run_of = [&](std::uint64_t with) {
    net::in<trainable<small_task::int8>> network{seed{1}};
    training run{network, adam{.rate = 1e-2F}, seed{with}};
    for (int i = 0; i < 5; ++i) run.step(data, cross_entropy{});
    return floats_of(network);
  };
  CHECK(run_of(4) == run_of(4));
  CHECK(run_of(4) != run_of(5));  // dropout
}

TEST_CASE("a copy of network, position and moments goes on to the same bits") {
  data_set const data = small_task::quarters(24);
  net::in<trainable<small_task::int8>> network{seed{1}};
  training run{network, adam{.rate = 1e-2F}, seed{9}};
  for (int i = 0; i < 3; ++i) run.step(data, cross_entropy{});
  auto resumed_network = network;
  training resumed{resumed_network, adam{.rate = 1e-2F}, seed{0}};
  resumed.position = run.position;
  std::copy(run.moments().begin(), run.moments().end(), resumed.moments().begin());
  for (int i = 0; i < 4; ++i) {
    run.step(data, cross_entropy{});
    resumed.step(data, cross_entropy{});
  }
  CHECK(floats_of(network) == floats_of(resumed_network));
  CHECK(run.position == resumed.position);
}

TEST_CASE("frozen observers keep ranges, frozen batch norm keeps running statistics") {
  data_set const data = small_task::quarters(24);
  net::in<trainable<small_task::int8>> network{seed{1}};
  training run{network, adam{.rate = 1e-2F}, seed{2}};
  run.step(data, cross_entropy{});
  auto const ranges = floats_named(network, "output_range");
  auto const means = floats_named(network, "mean");
  run.frozen = {.observers = true};
  run.step(data, cross_entropy{});
  CHECK(floats_named(network, "output_range") == ranges);
  CHECK(floats_named(network, "mean") != means);
  auto const later = floats_named(network, "mean");
  run.frozen = {.batch_norm = true};
  run.step(data, cross_entropy{});
  CHECK(floats_named(network, "mean") == later);
  CHECK(floats_named(network, "output_range") != ranges);
}

TEST_CASE("the rate follows the schedule over the planned updates") {
  net::in<float32> network{seed{1}};
  training run{network, adam{.rate = 0.5F}, seed{1}, cosine{}};
  CHECK(run.rate() == 0.5F);  // no plan yet
  run.position.total_updates = 4;
  run.position.updates = 2;
  CHECK(run.rate() == doctest::Approx(0.25));
  run.position.updates = 4;
  CHECK(run.rate() == doctest::Approx(0.0));
}

TEST_CASE("an empty batch changes nothing") {
  net::in<float32> network{seed{1}};
  training run{network, adam{}, seed{1}};
  auto const before = floats_of(network);
  CHECK(run.step(batch{}, cross_entropy{}).count == 0);
  CHECK(floats_of(network) == before);
  CHECK(run.position.updates == 0);
}
