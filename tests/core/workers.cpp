#include "dyadic/core/workers.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <vector>

using namespace dyadic;

namespace {

/// Workers that work one after the other.
struct in_turn final : workers {
  explicit in_turn(std::size_t number) : number_{number} {}
  std::size_t count() const noexcept override { return number_; }
  void run(task work, void const* what) noexcept override {
    for (std::size_t worker = 0; worker < number_; ++worker) work(what, worker);
  }

  void await_turns(std::size_t, std::size_t) noexcept override {}
  void pass_turn(std::size_t) noexcept override {}

 private:
  std::size_t number_;
};

}  // namespace

TEST_CASE("parts hold each element once, in order, and none is small where there are enough elements") {
  for (std::size_t number = 1; number <= 5; ++number)
    for (std::size_t step : {1U, 4U})
      for (std::size_t total = 0; total < 40; ++total) {
        in_turn crew{number};
        std::size_t next = 0, parts = 0, small = 0;
        std::vector<bool> worked(number);
        for_each_part(&crew, total, step, [&](work_part part) {
          CHECK(part.first == next);
          CHECK(!worked[part.worker]);
          worked[part.worker] = true;
          next += part.count;
          small += part.count < step ? 1 : 0;
          ++parts;
        });
        CHECK(next == total);
        CHECK(parts <= number);
        CHECK(small == (total < step ? 1 : 0));
        if (total >= number * step) CHECK(parts == number);
      }
}

TEST_CASE("without workers all is one part") {
  std::size_t calls = 0;
  for_each_part(nullptr, 17, 4, [&](work_part part) {
    CHECK(part.count == 17);
    ++calls;
  });
  CHECK(calls == 1);
}
