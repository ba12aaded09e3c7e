#include <doctest/doctest.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

#include <dyadic/deploy/to_integer.hpp>
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
