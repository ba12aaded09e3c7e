#include <doctest/doctest.h>

#include <dyadic/train/fit.hpp>

#include <cstring>
#include <limits>
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

namespace {

std::vector<float> floats_of(auto const& from) { return {from.floats().begin(), from.floats().end()}; }

}  // namespace

TEST_CASE("fit takes a loss as an object, as a type, and with every other argument left out") {
  data_set const data = small_task::quarters(64);
  auto const after = [&](auto const& train) {
    net::in<float32> network{seed{1}};
    train(network);
    return floats_of(network);
  };
  auto const plain = after([&](auto& n) { fit(n, data, sgd{}); });
  CHECK(after([&](auto& n) { fit(n, data, sgd{}, cross_entropy{}); }) == plain);
  CHECK(after([&](auto& n) { fit(n, data, sgd{}, constant{}, cross_entropy{}, {.epochs = 1}); }) == plain);
  auto const squared = after([&](auto& n) { fit<mean_squared_error>(n, data, sgd{}, {.epochs = 1}); });
  CHECK(squared != plain);
  CHECK(after([&](auto& n) { fit(n, data, sgd{}, mean_squared_error{}, {.epochs = 1}); }) == squared);
  CHECK(after([&](auto& n) { fit(n, data, sgd{}, cross_entropy{.smoothing = 0.1F}); }) != plain);
  CHECK(after([&](auto& n) {
          training run{n, sgd{}, seed{}};
          fit(run, data, huber{.delta = 0.1F}, {.epochs = 1});
        }) != plain);
}

TEST_CASE("callbacks see every batch and epoch, and may interrupt") {
  data_set const data = small_task::quarters(100);
  net::in<float32> network{seed{1}};
  training run{network, adam{.rate = 1e-2F}, seed{7}};
  std::vector<std::size_t> batches_seen;
  std::vector<double> losses;
  fit_options options{.epochs = 3, .batch_size = 32};
  options.at_batch = [&](batch_report const& report) {
    batches_seen.push_back(10 * report.epoch + report.batch);
    CHECK(report.found.count == (report.batch == 3 ? 4 : 32));
    return report.epoch == 1 && report.batch == 2 ? verdict::stop : verdict::go_on;
  };
  options.at_epoch = [&](epoch_log const& log) { losses.push_back(log.loss); };
  auto const log = fit(run, data, options);
  CHECK(batches_seen == std::vector<std::size_t>{0, 1, 2, 3, 10, 11, 12});
  REQUIRE(losses.size() == 1);
  CHECK(log.epochs.size() == 1);
  CHECK(log.epochs[0].loss == losses[0]);
  CHECK(run.position.epoch == 1);
  CHECK(run.position.batch == 3);

  fit(run, data, {.epochs = 3, .batch_size = 32, .at_epoch = [](epoch_log const&) { return verdict::stop; }});
  CHECK(run.position.epoch == 2);
  fit(run, data, {.epochs = 3, .batch_size = 32});

  net::in<float32> straight{seed{1}};
  training whole{straight, adam{.rate = 1e-2F}, seed{7}};
  fit(whole, data, {.epochs = 3, .batch_size = 32});
  CHECK(floats_of(straight) == floats_of(network));
  CHECK(run.position == whole.position);
}

TEST_CASE("training stops when no epoch is better for longer than the patience, and the best comes back") {
  data_set const data = small_task::quarters(64), other = small_task::quarters(64, 2);
  net::in<float32> network{seed{1}};
  std::vector<std::vector<float>> after;
  fit_options options{.epochs = 40, .batch_size = 16, .validation = other, .stop = {.patience = 2}};
  options.at_epoch = [&](epoch_log const&) { after.push_back(floats_of(network)); };
  auto const log = fit(network, data, adam{.rate = 0.3F}, options);  // too fast: it will not settle
  std::size_t best = 0;
  for (std::size_t e = 1; e < log.epochs.size(); ++e)
    if (log.epochs[e].validation_loss < log.epochs[best].validation_loss) best = e;
  REQUIRE(log.epochs.size() < 40);
  CHECK(log.epochs.size() == best + 4);
  CHECK(floats_of(network) == after[best]);
  CHECK(floats_of(network) != after.back());
}

TEST_CASE("a schedule that watches a plateau is told of every epoch") {
  data_set const data = small_task::quarters(32);
  net::in<float32> network{seed{1}};
  training run{network, sgd{.rate = 0.0F}, seed{7}, reduce_on_plateau{.factor_each = 0.5, .patience = 0}};
  run.rule.rate = 0;
  run.frozen.batch_norm = true;
  fit(run, data, {.epochs = 4, .watch = watched::accuracy});
  CHECK(run.memory()[0] == 4);
  run.rule.rate = 8;
  CHECK(run.rate() < 8);
}

TEST_CASE("a stage keeps its parameters for the epochs that options name") {
  data_set const data = small_task::quarters(32);
  net::in<float32> network{seed{1}};
  stage_freezing const plan[] = {{.stage = "head", .from = 1, .until = 2}};
  std::vector<std::vector<float>> heads{{}};
  fit_options options{.epochs = 3, .batch_size = 16, .freeze = plan};
  options.at_epoch = [&](epoch_log const&) {
    std::size_t at = 0;
    heads.emplace_back();
    for (segment const& s : net::in<float32>::segments) {
      if (std::string_view(s.stage) == "head")
        heads.back().insert(heads.back().end(), network.floats().data() + at,
                            network.floats().data() + at + s.count);
      at += s.count;
    }
  };
  REQUIRE(fit(network, data, adam{}, options));
  CHECK(heads[1].size() > 4);
  CHECK(heads[2] == heads[1]);
  CHECK(heads[3] != heads[2]);
  stage_freezing const wrong[] = {{.stage = "tail"}};
  CHECK(fit(network, data, adam{}, {.freeze = wrong}).error.kind == fault::wrong_network);
}

TEST_CASE("with an average the validation is the average's, and the network ends as it") {
  data_set const data = small_task::quarters(200), other = small_task::quarters(100, 2);
  net::in<float32> network{seed{1}}, raw{seed{1}};
  fit_options options{.epochs = 2, .batch_size = 16, .validation = other, .average = {.decay = 0.95}};
  auto const log = fit(network, data, adam{.rate = 1e-2F}, options);
  CHECK(log.epochs.back().validation_loss == evaluate(network, other)->loss);
  options.average = {};
  fit(raw, data, adam{.rate = 1e-2F}, options);
  CHECK(floats_of(raw) != floats_of(network));
}

TEST_CASE("fit draws batches from a user's own function, checks each, and resumes") {
  auto const make = [](data_set& to, std::uint64_t epoch, std::size_t position) {
    to = small_task::quarters(16, 1 + 100 * epoch + position);
  };
  auto const options = [](std::size_t epochs) { return fit_options{.epochs = epochs, .batch_size = 16}; };
  generated source{5, 16, make};
  net::in<float32> network{seed{1}};
  training run{network, adam{.rate = 1e-2F}, seed{7}, cosine{}};
  REQUIRE(fit(run, source, options(3)));
  CHECK(run.position.updates == 15);
  CHECK(run.position.total_updates == 15);

  net::in<float32> parted{seed{1}};
  training other{parted, adam{.rate = 1e-2F}, seed{7}, cosine{}};
  auto stopping = options(3);
  stopping.at_batch = [](batch_report const& r) {
    return r.epoch == 1 && r.batch == 1 ? verdict::stop : verdict::go_on;
  };
  REQUIRE(fit(other, source, stopping));
  CHECK(other.position.updates == 7);
  generated fresh{5, 16, make};
  REQUIRE(fit(other, fresh, options(3)));
  CHECK(floats_of(parted) == floats_of(network));

  generated bad{5, 16, [](data_set& to, std::uint64_t, std::size_t position) {
                  to = small_task::quarters(16);
                  if (position == 2) to.labels[3] = 4;
                }};
  auto const log = fit(run, bad, options(5));
  CHECK(log.error.kind == fault::wrong_size);
  CHECK(std::strstr(log.error.what(), "sample 3") != nullptr);
}

TEST_CASE("augmented training resumes to the same bits") {
  data_set const data = small_task::quarters(50);
  fit_options options{
      .epochs = 2, .batch_size = 16, .augment = {.mirrored = flip::horizontal, .shift = 1, .noise = 3}};
  auto const run_of = [&](bool interrupted, augmentation how) {
    net::in<trainable<small_task::int8>> network{seed{1}};
    training run{network, adam{.rate = 1e-2F}, seed{7}};
    fit_options now = options;
    now.augment = how;
    if (interrupted) {
      now.at_batch = [](batch_report const& r) { return r.batch == 1 ? verdict::stop : verdict::go_on; };
      fit(run, data, now);
      now.at_batch = {};
    }
    fit(run, data, now);
    return floats_of(network);
  };
  auto const whole = run_of(false, options.augment);
  CHECK(run_of(true, options.augment) == whole);
  CHECK(run_of(false, {}) != whole);
}
