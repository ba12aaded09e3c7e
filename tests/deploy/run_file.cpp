#include <doctest/doctest.h>

#include <dyadic/deploy/run_file.hpp>
#include <dyadic/train/training.hpp>

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
