#include <doctest/doctest.h>

#include <dyadic/core/result.hpp>

#include <cstring>
#include <memory>
#include <string>
#include <utility>

using namespace dyadic;

namespace {

result<int> halved(int number) {
  if (number % 2 != 0) return make_error(fault::malformed, "%d is odd", number);
  return number / 2;
}

/// Counts the objects alive, so that a destructor left out or called twice shows.
struct counted {
  int* alive;
  explicit counted(int& count) : alive{&count} { ++*alive; }
  counted(counted&& other) noexcept : alive{other.alive} { ++*alive; }
  ~counted() { --*alive; }
};

}  // namespace

TEST_CASE("a result holds a value or says why not") {
  auto const good = halved(8);
  REQUIRE(good);
  CHECK(*good == 4);
  CHECK(good.error().kind == fault::none);

  auto const bad = halved(7);
  CHECK_FALSE(bad.has_value());
  CHECK(bad.error().kind == fault::malformed);
  CHECK(std::string(bad.error().what()) == "7 is odd");
}

TEST_CASE("a sentence that is too long is cut, one with per cent signs and no values is taken as it is") {
  std::string const much(1000, 'x');
  auto const cut = make_error(fault::truncated, "%s", much.c_str());
  CHECK(std::strlen(cut.what()) == sizeof(error::message) - 1);
  CHECK(std::string(make_error(fault::malformed, "100 %d").what()) == "100 %d");
}

TEST_CASE("a value that can only be moved is taken out") {
  result<std::unique_ptr<int>> made = std::make_unique<int>(5);
  REQUIRE(made.has_value());
  std::unique_ptr<int> const taken = std::move(made).value();
  CHECK(*taken == 5);
}

TEST_CASE("every value that a result makes is destroyed once") {
  int alive = 0;
  {
    result<counted> first = counted(alive);
    result<counted> const second = std::move(first);
    CHECK(alive == 2);
    result<counted> const none = make_error(fault::cannot_open, "nothing");
    CHECK_FALSE(none.has_value());
  }
  CHECK(alive == 0);
}

TEST_CASE("success without a value") {
  result<void> const fine;
  CHECK(fine);
  result<void> const wrong = make_error(fault::wrong_size, "%d images, not %d", 3, 4);
  CHECK_FALSE(wrong);
  CHECK(std::string(wrong.error().what()) == "3 images, not 4");
}
