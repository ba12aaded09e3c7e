#include <doctest/doctest.h>

#include <dyadic/deploy/run_file.hpp>
#include <dyadic/train/fit.hpp>
#include <dyadic/train/training.hpp>

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "../temporary_folder.hpp"
#include "engines.hpp"

using namespace dyadic;

namespace {

using net_type = sequential<input<4, 4, 2>, conv2d<5, window{.size = 3}>, batch_norm, relu, flatten,
                            dropout<>, named<"head", dense<3>>>::in<trainable<engines::four_bits>>;

void steps(auto& run, int first, int last) {
  for (int step = first; step < last; ++step) {
    auto const images = parity::images_of(8 * net_type::input_size, static_cast<std::uint64_t>(step));
    std::vector<int> labels(8);
    for (std::size_t i = 0; i < 8; ++i) labels[i] = (static_cast<int>(i) + step) % 3;
    batch samples{};
    samples.bytes = images;
    samples.labels = labels;
    run.step(samples, cross_entropy{});
  }
}

}  // namespace

TEST_CASE("a run that stops and resumes goes on to the same bits") {
  temporary_folder const folder;
  std::string const path = folder.path() + "/run.dyadic";
  net_type straight{seed{2}};
  training run{straight, adam{.rate = 0.01F}, seed{7}};
  steps(run, 0, 4);
  REQUIRE(save(run, path));
  steps(run, 4, 9);

  net_type resumed{seed{99}};
  training again{resumed, adam{.rate = 0.01F}, seed{98}};
  auto const loaded = load_into(again, path);
  REQUIRE_MESSAGE(loaded, loaded.error().what());
  steps(again, 4, 9);
  CHECK(again.position == run.position);
  CHECK(std::memcmp(resumed.floats().data(), straight.floats().data(),
                    sizeof(float) * net_type::float_count) == 0);
  CHECK(std::memcmp(again.moments().data(), run.moments().data(), again.moments().size_bytes()) == 0);
}

TEST_CASE("a run's file is also one of its network") {
  temporary_folder const folder;
  net_type net{seed{2}};
  training run{net, adam{}, seed{7}};
  steps(run, 0, 2);
  REQUIRE(save(run, folder.path() + "/run"));
  auto const loaded = load<net_type>(folder.path() + "/run");
  REQUIRE_MESSAGE(loaded, loaded.error().what());
  CHECK(to_bytes(*loaded) == to_bytes(net));
}

TEST_CASE("another optimizer's state and a network without one are refused, and the run stays as it was") {
  temporary_folder const folder;
  std::string const path = folder.path() + "/run";
  net_type net{seed{2}};
  training run{net, adam{}, seed{7}};
  REQUIRE(save(run, path));
  training other{net, sgd{}, seed{8}};
  auto const before = to_bytes(net);
  auto const refused = load_into(other, path);
  CHECK(refused.error().kind == fault::malformed);
  CHECK(std::string(refused.error().what()).find("no extra numbers \"run.moments.sgd\"") !=
        std::string::npos);
  REQUIRE(save(net, path));
  CHECK(load_into(run, path).error().kind == fault::malformed);
  CHECK(run.position.seed == 7);
  CHECK(to_bytes(net) == before);
}

namespace {

data_set labelled(std::size_t count) {
  data_set made;
  made.sample_size = net_type::input_size;
  made.bytes = parity::images_of(count * net_type::input_size, 5);
  for (std::size_t i = 0; i < count; ++i) made.labels.push_back(made.bytes[i * made.sample_size] % 3);
  return made;
}

using schedule_type = warm_up<reduce_on_plateau>;
using run_type = training<net_type, rmsprop, schedule_type>;

/// Everything that training can be asked for at once.
struct everything {
  data_set data = labelled(60), other = labelled(30);
  net_type net{seed{2}};
  run_type run{net, rmsprop{.rate = 0.01F, .momentum = 0.5F}, seed{7},
               schedule_type{.steps = 5, .then = {.patience = 0, .least = 0.2}}};

  fit_options options() const {
    return {.epochs = 6,
            .batch_size = 8,
            .validation = other,
            .freeze_observers_after = 5,
            .clip = {.norm = 1},
            .average = {.decay = 0.9},
            .augment = {.mirrored = flip::horizontal, .shift = 1, .noise = 2},
            .stop = {.patience = 50}};
  }
};

std::vector<float> numbers(auto const& from) { return {from.begin(), from.end()}; }

void check_same(everything& a, everything& b) {
  CHECK(numbers(a.net.floats()) == numbers(b.net.floats()));
  CHECK(numbers(a.run.moments()) == numbers(b.run.moments()));
  CHECK(numbers(a.run.average()) == numbers(b.run.average()));
  CHECK(numbers(a.run.best()) == numbers(b.run.best()));
  CHECK(std::memcmp(a.run.memory().data(), b.run.memory().data(), a.run.memory().size_bytes()) == 0);
  CHECK(a.run.position == b.run.position);
}

}  // namespace

TEST_CASE("a process killed in the middle of an epoch is resumed to the bits of one that was not") {
  everything straight;
  REQUIRE(fit(straight.run, straight.data, straight.options()));
  REQUIRE(straight.run.best().size() != 0);
  REQUIRE(straight.run.memory()[3] > 0);  // the rate has fallen

  for (std::uint64_t const killed_after : {3U, 8U, 20U, 37U}) {  // in the first epoch, at its end, later ones
    CAPTURE(killed_after);
    temporary_folder const folder;
    std::string const path = folder.path() + "/run";
    pid_t const child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      everything doomed;
      auto options = doomed.options();
      options.at_batch = [&, save = checkpoint(doomed.run, path, 3)](batch_report const& report) mutable {
        save(report);
        while (doomed.run.position.updates == killed_after) pause();  // until the parent kills it
      };
      fit(doomed.run, doomed.data, options);
      _exit(1);
    }
    // The checkpoint of the last multiple of 3 is on the disk: a little later the child waits, or soon will.
    std::uint64_t const saved = killed_after / 3 * 3;
    for (int tries = 0; tries < 3000; ++tries) {
      everything seen;
      if (load_into(seen.run, path) && seen.run.position.updates == saved) break;
      usleep(10'000);
    }
    REQUIRE(kill(child, SIGKILL) == 0);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(WTERMSIG(status) == SIGKILL);

    everything resumed;
    auto const loaded = load_into(resumed.run, path);
    REQUIRE_MESSAGE(loaded, loaded.error().what());
    CHECK(resumed.run.position.updates == saved);
    CHECK(resumed.run.position.batch != 0);
    REQUIRE(fit(resumed.run, resumed.data, resumed.options()));
    check_same(resumed, straight);
  }
}

TEST_CASE("checkpoints at the ends of epochs resume to the same bits") {
  temporary_folder const folder;
  everything straight, parted, resumed;
  REQUIRE(fit(straight.run, straight.data, straight.options()));
  auto options = parted.options();
  options.at_epoch = [&,
                      save = checkpoint(parted.run, folder.path() + "/run")](epoch_log const& log) mutable {
    save(log);
    return log.epoch == 2 ? verdict::stop : verdict::go_on;
  };
  REQUIRE(fit(parted.run, parted.data, options));
  REQUIRE(load_into(resumed.run, folder.path() + "/run"));
  CHECK(resumed.run.position.epoch == 3);
  REQUIRE(fit(resumed.run, resumed.data, resumed.options()));
  check_same(resumed, straight);
}

TEST_CASE("a checkpoint that cannot be written says why, and training goes on") {
  everything all;
  error failure{};
  auto options = all.options();
  options.epochs = 1;
  options.at_batch = checkpoint(all.run, "/nowhere/at/all/run", 1, &failure);
  CHECK(fit(all.run, all.data, options));
  CHECK(failure.kind == fault::cannot_open);
  CHECK(all.run.position.epoch == 1);
}

TEST_CASE("another schedule's memory and averages out of range are refused, and the run stays as it was") {
  temporary_folder const folder;
  std::string const path = folder.path() + "/run";
  everything all, before;
  auto options = all.options();
  options.epochs = 2;
  REQUIRE(fit(all.run, all.data, options));
  all.run.average()[3] = std::numeric_limits<float>::quiet_NaN();
  REQUIRE(save(all.run, path));
  auto const refused = load_into(before.run, path);
  CHECK(refused.error().kind == fault::malformed);
  CHECK(std::string(refused.error().what()).find("\"run.average\": number 3") != std::string::npos);
  everything untouched;
  check_same(before, untouched);

  training other{before.net, rmsprop{}, seed{1}, reduce_on_plateau{}};
  all.run.average()[3] = 0;
  REQUIRE(save(all.run, path));
  CHECK(std::string(load_into(other, path).error().what()).find("run.schedule.reduce_on_plateau") !=
        std::string::npos);
}
