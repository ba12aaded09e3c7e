#include <doctest/doctest.h>

#include <dyadic/train/calibrate.hpp>
#include <dyadic/train/training.hpp>

#include <algorithm>
#include <cmath>
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

TEST_CASE("gradients are cut by value, then scaled to the largest norm") {
  data_set const data = small_task::quarters(16);
  auto const gradients = [&](clipping clip) {
    net::in<float32> network{seed{5}};
    training run{network, sgd{.rate = 0.0F}, seed{5}};
    run.clip = clip;
    run.step(data, cross_entropy{});
    std::vector<float> trained;
    std::size_t at = 0;
    for (segment const& s : net::in<float32>::segments) {
      if (s.trained)
        trained.insert(trained.end(), network.gradients().data() + at,
                       network.gradients().data() + at + s.count);
      at += s.count;
    }
    return trained;
  };
  auto const norm = [](std::vector<float> const& of) {
    double squares = 0;
    for (float const g : of) squares += static_cast<double>(g) * static_cast<double>(g);
    return std::sqrt(squares);
  };
  auto const whole = gradients({}), cut = gradients({.value = 0.01F}), scaled = gradients({.norm = 0.25F});
  double const length = norm(whole);
  REQUIRE(length > 0.3);
  CHECK(norm(scaled) == doctest::Approx(0.25));
  std::size_t beyond = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CHECK(cut[i] == std::clamp(whole[i], -0.01F, 0.01F));
    CHECK(static_cast<double>(scaled[i]) == doctest::Approx(static_cast<double>(whole[i]) * 0.25 / length));
    beyond += std::abs(whole[i]) > 0.01F ? 1U : 0U;
  }
  CHECK(beyond > 10);
  CHECK(gradients({.norm = 1e6F}) == whole);
  CHECK(norm(gradients({.value = 0.01F, .norm = 0.02F})) == doctest::Approx(0.02));
}

TEST_CASE("a gradient without a finite norm changes nothing where the norm is clipped") {
  net::in<float32> network{seed{5}};
  training run{network, sgd{}, seed{5}};
  run.clip.norm = 1;
  auto const before = floats_of(network);
  std::vector<float> const inputs(36, 1e30F), targets(4, 1e30F);
  batch const samples{.reals = inputs, .targets = targets, .sample_size = 36, .target_size = 4};
  run.frozen.batch_norm = true;
  run.step(samples, mean_squared_error{});
  CHECK(floats_of(network) == before);
}

TEST_CASE("the average of parameters is its formula, and is exchanged with them and back") {
  data_set const data = small_task::quarters(16);
  net::in<float32> network{seed{5}};
  training run{network, sgd{.rate = 0.1F}, seed{5}};
  run.averaged.decay = 0.3;
  std::vector<double> expected;
  for (int i = 0; i < 12; ++i) {
    run.step(data, cross_entropy{});
    auto const now = floats_of(network);
    double const decay = std::min(0.3, i / (10.0 + i));
    if (i == 0) expected.assign(now.begin(), now.end());
    for (std::size_t j = 0; j < now.size(); ++j)
      expected[j] = decay * expected[j] + (1 - decay) * static_cast<double>(now[j]);
  }
  auto const before = floats_of(network);
  auto const means = floats_named(network, "mean");
  run.swap_average();
  auto const averaged = floats_of(network);
  CHECK(averaged != before);
  CHECK(floats_named(network, "mean") == means);  // statistics are no parameters
  std::size_t at = 0;
  for (segment const& s : net::in<float32>::segments) {
    for (std::size_t i = at; i < at + s.count && s.trained; ++i)
      CHECK(static_cast<double>(averaged[i]) == doctest::Approx(expected[i]).epsilon(1e-5));
    at += s.count;
  }
  run.swap_average();
  CHECK(floats_of(network) == before);
}

TEST_CASE("the average of a quantized network has steps of its own and can be evaluated") {
  data_set const data = small_task::quarters(16);
  net::in<trainable<small_task::learned>> network{seed{5}};
  training run{network, sgd{.rate = 0.05F}, seed{5}};
  run.averaged.decay = 0.9;
  for (int i = 0; i < 5; ++i) run.step(data, cross_entropy{});
  auto const steps = floats_named(network, "output_step");
  float const first = *network.forward({}, source_of(data.first(1)));
  run.swap_average();
  for (float const step : floats_named(network, "output_step")) CHECK(step > 0);
  CHECK(floats_named(network, "output_step") != steps);
  CHECK(*network.forward({}, source_of(data.first(1))) != first);
  run.swap_average();
  CHECK(*network.forward({}, source_of(data.first(1))) == first);
}

TEST_CASE("a frozen stage keeps its parameters and a thawed one does not") {
  data_set const data = small_task::quarters(16);
  net::in<float32> network{seed{5}};
  training run{network, adam{}, seed{5}};
  auto const head = [&] { return floats_named(network, "bias"); };  // the head's: the other has a batch norm
  auto const before = head();
  auto const gamma = floats_named(network, "gamma");
  REQUIRE(run.freeze("head"));
  run.step(data, cross_entropy{});
  CHECK(head() == before);
  CHECK(floats_named(network, "gamma") != gamma);
  REQUIRE(run.freeze("head", false));
  run.step(data, cross_entropy{});
  CHECK(head() != before);
  auto const refused = run.freeze("tail");
  CHECK(refused.error().kind == fault::wrong_network);
  CHECK(std::string_view(refused.error().what()) ==
        "freeze: the network has no stage \"tail\" with parameters");
}
