#include <doctest/doctest.h>

#include <dyadic/core/boxed.hpp>

#include <type_traits>

using namespace dyadic;

namespace {

struct counted {
  int* alive;
  explicit counted(int& count) : alive{&count} { ++*alive; }
  ~counted() { --*alive; }
  counted(counted const&) = delete;
};

}  // namespace

TEST_CASE("a boxed value lives as long as its box, and moves without being copied") {
  int alive = 0;
  {
    boxed<counted> first(std::in_place, alive);
    CHECK(alive == 1);
    counted* const where = &*first;
    boxed<counted> second = std::move(first);
    CHECK(&*second == where);
    CHECK(second->alive == &alive);
    boxed<counted> third(std::in_place, alive);
    CHECK(alive == 2);
    third = std::move(second);
    CHECK(&*third == where);
  }
  CHECK(alive == 0);
}

TEST_CASE("a box cannot be copied, and without arguments holds a value-initialised value") {
  static_assert(!std::is_copy_constructible_v<boxed<int>>);
  CHECK(*boxed<int>{} == 0);
}
