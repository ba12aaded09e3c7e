#include "dyadic/train/threads.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <dyadic/train/fit.hpp>

#include "../network/every_layer.hpp"
#include "../network/networks.hpp"
#include "small_task.hpp"

using namespace dyadic;
using small_task::int8;
using small_task::learned;

namespace {

struct at_run_time : scheme {
  using ranges_at_run_time = std::true_type;
};
struct in_bits : scheme {
  using weights = symmetric<3>;
  using weights_alone = std::true_type;
};

std::vector<std::uint32_t> bits_of(std::span<float const> numbers) {
  std::vector<std::uint32_t> bits;
  for (float const number : numbers) bits.push_back(std::bit_cast<std::uint32_t>(number));
  return bits;
}

/// All numbers behind some steps on batches of uneven sizes, the last smaller than the number of threads.
template <class Net, class Arithmetic> std::vector<std::uint32_t> trained(std::size_t threads) {
  typename Net::template in<Arithmetic> net{seed{1}};
  data_set data;
  data.sample_size = net.input_size;
  generator random = generator::from(seed{3});
  for (std::size_t i = 0; i < 33 * data.sample_size; ++i)
    data.bytes.push_back(static_cast<std::uint8_t>(random.below(256)));
  for (std::size_t i = 0; i < 33; ++i) data.labels.push_back(static_cast<std::int32_t>(random.below(5)));
  training run{net, adam{.rate = 1e-2F}, seed{2}};
  run.threads = threads;
  for (auto [first, count] : {std::pair{0U, 20U}, std::pair{20U, 7U}, std::pair{27U, 4U}, std::pair{31U, 2U}})
    run.step(data_view(data).slice(first, count), cross_entropy{});
  std::vector<std::uint32_t> all = bits_of(net.floats()), moments = bits_of(run.moments());
  all.insert(all.end(), moments.begin(), moments.end());
  return all;
}

template <class Net, class Arithmetic> struct combination {
  using net = Net;
  using arithmetic = Arithmetic;
};

}  // namespace

TEST_CASE("every thread of a pool works on each piece of work, and others on the next") {
  for (std::size_t const count : {1U, 2U, 5U}) {
    thread_pool pool;
    pool.resize(count);
    CHECK(pool.count() == count);
    std::vector<int> worked(count);
    for (int i = 0; i < 500; ++i) {
      std::atomic<std::size_t> calls = 0;
      auto const work = [&](work_part part) {
        ++worked[part.worker];
        ++calls;
      };
      for_each_part(&pool, count, 1, work);
      REQUIRE(calls == count);
    }
    CHECK(worked == std::vector<int>(count, 500));
  }
}

TEST_CASE("a pool grows and shrinks, and its copy begins alone") {
  thread_pool pool;
  for (std::size_t const count : {3U, 2U, 4U, 1U, 0U, 2U}) {
    pool.resize(count);
    CHECK(pool.count() == (count == 0 ? 1 : count));
    std::atomic<std::size_t> elements = 0;
    for_each_part(&pool, 10, 1, [&](work_part part) { elements += part.count; });
    CHECK(elements == 10);
  }
  thread_pool const copy = pool;
  CHECK(copy.count() == 1);
}

TEST_CASE("turns are taken in order") {
  thread_pool pool;
  pool.resize(5);
  pass const p{.images = 5, .shared = &pool};
  for (int i = 0; i < 100; ++i) {
    std::vector<std::size_t> order[2];
    p.split(5, [&](work_part part) {
      for (std::size_t turn : {0U, 1U})
        p.in_turn(part.worker, turn, [&] { order[turn].push_back(part.worker); });
    });
    for (auto const& each : order) REQUIRE(each == std::vector<std::size_t>{0, 1, 2, 3, 4});
  }
}

TEST_CASE_TEMPLATE("no bit of a training depends on the number of threads", Combination,
                   combination<every_layer::in_space, float32>,
                   combination<every_layer::in_space, trainable<int8>>,
                   combination<networks::lenet, trainable<learned>>, combination<networks::branches, float32>,
                   combination<networks::branches, trainable<at_run_time>>,
                   combination<networks::lenet, trainable<in_bits>>) {
  using net = typename Combination::net;
  using arithmetic = typename Combination::arithmetic;
  auto const alone = trained<net, arithmetic>(1);
  for (std::size_t const threads : {2U, 3U, 5U}) CHECK(trained<net, arithmetic>(threads) == alone);
}

TEST_CASE("fit shares the work, validation too, and gives what one thread gives") {
  data_set const data = small_task::quarters(100), test = small_task::quarters(50, 2);
  auto const run = [&](std::size_t threads) {
    small_task::net::in<trainable<int8>> net{seed{1}};
    training_log const log =
        fit(net, data, adam{}, {.epochs = 2, .batch_size = 16, .validation = test, .threads = threads});
    CHECK(log);
    return std::pair{bits_of(net.floats()), log.epochs.back().validation_loss};
  };
  CHECK(run(2) == run(1));
}

TEST_CASE("a run goes on with another number of threads as if it had not stopped") {
  data_set const data = small_task::quarters(100);
  auto const run_of = [&](std::size_t before, std::size_t after, std::size_t until) {
    small_task::net::in<trainable<int8>> net{seed{1}};
    training run{net, adam{}, seed{1}};
    std::size_t seen = 0;
    fit_options options{.epochs = 2, .batch_size = 16, .threads = before};
    options.at_batch = [&](batch_report const&) { return ++seen == until ? verdict::stop : verdict::go_on; };
    CHECK(fit(run, data, options));
    auto resumed = run;
    CHECK(resumed.threads == before);
    CHECK(fit(resumed, data, {.epochs = 2, .batch_size = 16, .threads = after}));
    return bits_of(net.floats());
  };
  auto const alone = run_of(1, 1, 100);
  CHECK(run_of(2, 2, 5) == alone);
  CHECK(run_of(2, 3, 9) == alone);
}

TEST_CASE("fit says where no thread is to work, and changes nothing") {
  data_set const data = small_task::quarters(20);
  small_task::net::in<float32> net{seed{1}};
  auto const before = bits_of(net.floats());
  training_log const log = fit(net, data, adam{}, {.threads = 0});
  CHECK(!log);
  CHECK(log.error.kind == fault::not_supported);
  CHECK(std::string(log.error.what()).find("threads") != std::string::npos);
  CHECK(bits_of(net.floats()) == before);
}
