#include <doctest/doctest.h>

#include <dyadic/core/buffer.hpp>

#include <cstdint>
#include <numeric>
#include <utility>

using dyadic::buffer;

TEST_CASE("a buffer starts as zeros at a multiple of 64 bytes") {
  for (std::size_t count : {1u, 7u, 64u, 1000u}) {
    buffer<float> const numbers(count);
    CAPTURE(count);
    CHECK(numbers.size() == count);
    CHECK(reinterpret_cast<std::uintptr_t>(numbers.data()) % 64 == 0);
    CHECK(std::accumulate(numbers.begin(), numbers.end(), 0.0f) == 0.0f);
  }
}

TEST_CASE("an empty buffer owns nothing and can be copied") {
  buffer<int> const none;
  buffer<int> const copy = none;
  CHECK(copy.size() == 0);
  CHECK(copy.data() == nullptr);
  CHECK(buffer<int>(0).data() == nullptr);
}

TEST_CASE("a copy has its own numbers, a moved-from buffer none") {
  buffer<int> first(3);
  for (std::size_t i = 0; i < 3; ++i) first[i] = static_cast<int>(i) + 1;
  buffer<int> second = first;
  second[0] = 100;
  CHECK(first[0] == 1);
  CHECK(second[2] == 3);

  int const* const where = first.data();
  buffer<int> const third = std::move(first);
  CHECK(third.data() == where);

  second = third;
  CHECK(second[0] == 1);
  CHECK(second.data() != where);
  buffer<int>& itself = second;
  second = itself;
  CHECK(second[2] == 3);
}
