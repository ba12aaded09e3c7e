#include <doctest/doctest.h>

#include <dyadic/train/fit.hpp>

#include <cstring>
#include <vector>

#include "small_task.hpp"

using namespace dyadic;
using small_task::net;

TEST_CASE("fit learns the task and logs each epoch") {
  net::in<float32> network{seed{1}};
  data_set const data = small_task::quarters(400), other = small_task::quarters(100, 2);
  auto const log = fit(network, data, adam{.rate = 1e-2F}, cosine{},
                       {.epochs = 4, .batch_size = 32, .validation = other, .progress = verbosity::silent});
  REQUIRE(log);
  REQUIRE(log.epochs.size() == 4);
  CHECK(log.epochs.back().loss < log.epochs.front().loss);
  CHECK(log.epochs.back().validation_accuracy > 0.9);
  CHECK(log.epochs.back().validation_accuracy == doctest::Approx(evaluate(network, other)->accuracy));
}

TEST_CASE("fit on the same seed gives the same network, and shuffles by the seed") {
  data_set const data = small_task::quarters(100);
  auto const trained = [&](std::uint64_t with) {
    net::in<trainable<small_task::int8>> network{seed{1}};
    fit(network, data, adam{.rate = 1e-2F}, {.epochs = 1, .batch_size = 16, .seed = seed{with}});
    return std::vector<float>(network.floats().begin(), network.floats().end());
  };
  CHECK(trained(3) == trained(3));
  CHECK(trained(3) != trained(4));
}

TEST_CASE("a run that stopped in the middle of an epoch goes on to the same bits") {
  data_set const data = small_task::quarters(100);
  using engine = net::in<trainable<small_task::int8>>;
  fit_options const options{.epochs = 3, .batch_size = 16};
  engine whole{seed{1}};
  training whole_run{whole, adam{.rate = 1e-2F}, seed{7}, cosine{}};
  fit(whole_run, data, options);

  engine parted{seed{1}};
  training run{parted, adam{.rate = 1e-2F}, seed{7}, cosine{}};
  run.position.total_updates = whole_run.position.total_updates;
  batches order{data, seed{7}, {.size = 16}};
  order.begin(0);
  for (int i = 0; i < 3; ++i) {  // three batches of the first epoch, then a new run from what is left
    run.step(order.next(), cross_entropy{});
    ++run.position.batch;
  }
  engine resumed = parted;
  training later{resumed, adam{.rate = 1e-2F}, seed{0}, cosine{}};
  later.position = run.position;
  std::memcpy(later.moments().data(), run.moments().data(), run.moments().size_bytes());
  fit(later, data, options);
  CHECK(std::memcmp(resumed.floats().data(), whole.floats().data(), whole.floats().size_bytes()) == 0);
  CHECK(later.position == whole_run.position);
}

TEST_CASE("observers and batch norm freeze after the epochs that options name") {
  data_set const data = small_task::quarters(64);
  net::in<trainable<small_task::int8>> network{seed{1}};
  training run{network, adam{.rate = 1e-2F}, seed{7}};
  fit(run, data, {.epochs = 2, .freeze_observers_after = 1, .freeze_batch_norm_after = 2});
  CHECK(run.frozen.observers);
  CHECK(!run.frozen.batch_norm);
}

TEST_CASE("data that does not fit is an error and leaves the network alone") {
  net::in<float32> network{seed{1}};
  std::vector<float> const before(network.floats().begin(), network.floats().end());
  data_set data = small_task::quarters(20);
  data.labels[7] = 4;
  auto log = fit(network, data, adam{});
  CHECK(!log);
  CHECK(log.error.kind == fault::wrong_size);
  CHECK(std::strstr(log.error.what(), "sample 7") != nullptr);
  CHECK(log.epochs.empty());
  data_set const good = small_task::quarters(20);
  data.labels[7] = 0;
  data.sample_size = 35;
  CHECK(!fit(network, good, adam{}, {.validation = data}));
  CHECK(std::vector<float>(network.floats().begin(), network.floats().end()) == before);
}
