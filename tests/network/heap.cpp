#include <doctest/doctest.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include <dyadic/deploy/to_integer.hpp>
#include <dyadic/train/distillation.hpp>
#include <dyadic/train/fit.hpp>
#include <dyadic/train/training.hpp>

#include "networks.hpp"

using namespace dyadic;

namespace {

std::size_t allocations = 0;

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  if (void* const block = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment))
    return block;
  throw std::bad_alloc{};
}

// Not inlined: g++ would see free() where it knows of new.
[[gnu::noinline]] void release(void* block) noexcept { std::free(block); }

struct int8 : scheme {};

/// Allocations of a call.
template <class Call> std::size_t count(Call const& call) {
  std::size_t const before = allocations;
  call();
  return allocations - before;
}

}  // namespace

void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new[](std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }
void operator delete(void* block, std::align_val_t) noexcept { release(block); }
void operator delete[](void* block, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept { release(block); }

TEST_CASE("allocations are seen, aligned ones too") {
  CHECK(count([] { buffer<float> const block(3); }) == 1);
  CHECK(count([] { std::vector<int> const numbers(3); }) == 1);
}

TEST_CASE_TEMPLATE("a training step allocates nothing after the first", Arithmetic, float32,
                   trainable<int8>) {
  typename networks::branches::template in<Arithmetic> net{seed{1}};
  std::vector<std::uint8_t> const bytes(6 * net.input_size, 100);
  std::vector<int> const labels(6, 2);
  batch const samples{.bytes = bytes, .labels = labels, .sample_size = net.input_size};
  training run{net, adam{}, seed{2}};
  CHECK(count([&] { run.step(samples, cross_entropy{}); }) > 0);
  CHECK(count([&] { run.step(samples, cross_entropy{}); }) == 0);
  CHECK(count([&] { net.forward({}, {bytes.data(), nullptr, 5}); }) == 0);
}

TEST_CASE("a step that clips, averages and learns from a teacher allocates nothing after the first") {
  using net = networks::branches;
  net::in<float32> teacher{seed{3}};
  net::in<trainable<int8>> student{seed{1}};
  std::vector<std::uint8_t> const bytes(6 * student.input_size, 100);
  std::vector<int> const labels(6, 2);
  batch const samples{.bytes = bytes, .labels = labels, .sample_size = student.input_size};
  training run{student, lamb{}, seed{2}, warm_up<reduce_on_plateau>{.steps = 3}};
  run.clip = {.value = 1, .norm = 1};
  run.averaged.decay = 0.9;
  distillation const loss{teacher};
  CHECK(count([&] { run.step(samples, loss); }) > 0);
  CHECK(count([&] { run.step(samples, loss); }) == 0);
  CHECK(count([&] { run.swap_average(); }) == 0);
}

TEST_CASE_TEMPLATE("a step of several threads allocates nothing after the first", Arithmetic, float32,
                   trainable<int8>) {
  typename networks::branches::template in<Arithmetic> net{seed{1}};
  std::vector<std::uint8_t> const bytes(6 * net.input_size, 100);
  std::vector<int> const labels(6, 2);
  batch const samples{.bytes = bytes, .labels = labels, .sample_size = net.input_size};
  training run{net, adam{}, seed{2}};
  run.threads = 2;
  CHECK(count([&] { run.step(samples, cross_entropy{}); }) > 0);
  CHECK(count([&] { run.step(samples, cross_entropy{}); }) == 0);
  CHECK(count([&] { net.forward({.shared = run.shared()}, {bytes.data(), nullptr, 5}); }) == 0);
}

TEST_CASE("fit allocates nothing from one batch to the next") {
  using net = networks::branches;
  net::in<trainable<int8>> network{seed{1}};
  data_set data;
  data.sample_size = network.input_size;
  data.bytes.assign(24 * data.sample_size, 100);
  data.labels.assign(24, 1);
  std::vector<std::size_t> seen;
  seen.reserve(8);
  fit_options options{
      .batch_size = 4, .average = {.decay = 0.9}, .augment = {.mirrored = flip::horizontal, .shift = 1}};
  options.at_batch = [&](batch_report const&) { seen.push_back(allocations); };
  fit(network, data, adam{}, options);
  REQUIRE(seen.size() == 6);
  CHECK(seen.back() == seen.front());
}

TEST_CASE("integer inference allocates nothing") {
  using net = networks::branches::in<trainable<int8>>;
  net trained{seed{1}};
  std::vector<std::uint8_t> const bytes(5 * net::input_size, 100);
  trained.forward({.observe = true}, {bytes.data(), nullptr, 5});
  using engine = networks::branches::in<integer<int8>>;
  auto const edge = std::make_unique<engine>(to_integer(trained).value());
  std::vector<engine::output_code> outputs(5 * engine::output_size);
  engine::scratch<2> room;
  std::span<std::uint8_t const, engine::input_size> const image(bytes.data(), engine::input_size);
  CHECK(count([&] {
          edge->infer_bytes(std::span<std::uint8_t const>(bytes), std::span(outputs), room);
          edge->classify(image);
          std::array<engine::code, engine::input_size> codes;
          edge->encode(std::span<std::uint8_t const>(image), std::span<engine::code>(codes));
          edge->infer(std::span<engine::code const, engine::input_size>(codes));
          edge->infer(std::span<engine::code const>(codes), std::span(outputs), room, kernel::reference{});
        }) == 0);
}
