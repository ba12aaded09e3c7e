#include <doctest/doctest.h>

#include <dyadic/train/callback.hpp>

#include <memory>
#include <utility>

using namespace dyadic;

TEST_CASE("a callback that gives nothing goes on, and one may stop") {
  int seen = 0;
  callback<int const&> const silent = [&seen](int const& number) { seen += number; };
  CHECK(silent(3) == verdict::go_on);
  CHECK(seen == 3);
  callback<int const&> const strict = [](int number) { return number > 2 ? verdict::stop : verdict::go_on; };
  CHECK(strict(2) == verdict::go_on);
  CHECK(strict(3) == verdict::stop);
}

TEST_CASE("no callback goes on") {
  callback<int> const none;
  CHECK(!none);
  CHECK(none(1) == verdict::go_on);
}

TEST_CASE("a copy has a state of its own, and a move takes it") {
  auto const alive = std::make_shared<int>(0);
  {
    callback<int> first = [alive, count = 0](int) mutable {
      return ++count > 1 ? verdict::stop : verdict::go_on;
    };
    CHECK(alive.use_count() == 2);
    CHECK(first(0) == verdict::go_on);
    callback<int> second = first;
    CHECK(alive.use_count() == 3);
    CHECK(second(0) == verdict::stop);
    callback<int> const third = std::move(first);
    CHECK(alive.use_count() == 3);
    CHECK(third(0) == verdict::stop);
    second = third;
    CHECK(alive.use_count() == 3);
    second = {};
    CHECK(alive.use_count() == 2);
  }
  CHECK(alive.use_count() == 1);
}
