#include <doctest/doctest.h>

#include <dyadic/deploy/walk.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engines.hpp"

using namespace dyadic;

namespace {

/// Marks the bytes of an engine that a walk shows.
class marking {
 public:
  marking(void const* engine, std::size_t size)
      : start_{static_cast<std::byte const*>(engine)}, seen_(size) {}

  template <class Inside> void group(char const* name, Inside const& inside) {
    names.push_back(name);
    inside();
  }
  template <class Inside> void list(char const* name, std::size_t count, Inside const& inside) {
    names.push_back(name);
    for (std::size_t i = 0; i < count; ++i) inside(i);
  }
  template <class Inside> void stage(char const* name, Inside const& inside) {
    names.push_back(name);
    inside();
  }
  template <class Number> void number(char const*, Number const& value, integer_range allowed) {
    numbers("", &value, 1, allowed);
  }
  template <class Number>
  void numbers(char const*, Number const* values, std::size_t count, integer_range allowed) {
    for (std::size_t i = 0; i < count; ++i) {
      CHECK(allowed.low <= values[i]);
      CHECK(values[i] <= allowed.high);
    }
    mark(values, count);
  }
  template <class Code>
  void tables(char const*, Code const* codes, std::size_t rows, std::size_t columns, integer_range allowed) {
    numbers("", codes, rows * columns, allowed);
  }
  void real_bits(char const*, std::uint32_t const* bits, std::size_t count, interval) {
    mark(bits, count == 0 ? 1 : count);
  }
  void reals(char const*, float const* values, std::size_t count, interval) { mark(values, count); }
  template <class Bound, class Slot> void weights(Slot const& slot) {
    mark(slot.weights, sizeof slot.weights);
    if constexpr (requires { slot.factors; }) mark(slot.factors, sizeof slot.factors);
    mark(slot.weight_sums, Bound::channels);
  }

  std::vector<std::string> names;
  std::size_t marked = 0, twice = 0;

 private:
  template <class Number> void mark(Number const* values, std::size_t count) {
    auto const at = static_cast<std::size_t>(reinterpret_cast<std::byte const*>(values) - start_);
    for (std::size_t i = 0; i < count * sizeof(Number); ++i) {
      twice += seen_[at + i] ? 1U : 0U;
      marked += seen_[at + i] ? 0U : 1U;
      seen_[at + i] = true;
    }
  }

  std::byte const* start_;
  std::vector<bool> seen_;
};

/// The bytes of an engine that are padding: those that stay as they were when every member is assigned.
template <class Net, class Scheme> void check_walk(std::size_t numbers) {
  auto const engine =
      std::make_unique<integer_engine<Net, Scheme>>(to_integer(engines::trained<Net, Scheme>()).value());
  marking seen(engine.get(), sizeof *engine);
  walk(std::as_const(*engine), seen);
  CHECK(seen.marked == numbers);
  CHECK(seen.twice == 0);
}

}  // namespace

TEST_CASE("a walk shows every number once, each in its range") {
  using body = engines::tiny::in<integer<engines::int8>>::body;
  std::size_t const input = 256 + 16, output = 16;
  std::size_t const convolution = 16 * 3 * 8 + 5 * (4 + 8 + 4 + 1) + 4 + 16;
  std::size_t const head = 16 * 20 + 3 * (4 + 8 + 4 + 1) + 4 + 16;
  static_assert(body::size == 2);
  check_walk<engines::tiny, engines::int8>(input + convolution + head + output);
}

TEST_CASE("a walk reaches the numbers of branches, averages, lone norms and clamps") {
  auto const engine = std::make_unique<integer_engine<networks::operations, engines::as_tflite>>(
      to_integer(engines::trained<networks::operations, engines::as_tflite>()).value());
  marking seen(engine.get(), sizeof *engine);
  walk(std::as_const(*engine), seen);
  std::size_t const channel = 4 + 4 + 1, output = 16, linear = 4 + output;
  std::size_t const addition = 4 + 4 + 3 * 5 + 1;
  std::size_t const expected = 256 + output + output +                 // input, outputs
                               16 * 28 + 9 * (4 + channel) + linear +  // convolution, windows of 3 x 3 x 3
                               16 * 12 + 9 * (4 + channel) + linear + addition + output  // residual
                               + 9 * channel + output                                    // lone batch norm
                               + 4 * 4 + output                                          // average
                               + 16 * 84 + 5 * (4 + channel) + linear;                   // dense of 3 x 3 x 9
  CHECK(seen.marked == expected);
  CHECK(seen.twice == 0);
}

TEST_CASE("within its ranges no product and no sum overflows") {
  for (std::int64_t const bound :
       {std::int64_t{1}, std::int64_t{127} * 127 * 1000, std::int64_t{INT32_MAX}}) {
    auto const m = walks::multiplier(bound);
    std::int64_t product = 0, sum = 0;
    CHECK(!__builtin_mul_overflow(m.high, bound, &product));
    CHECK(product < std::int64_t{1} << 62);
    CHECK(!__builtin_add_overflow(product, walks::offset.high + 32767, &sum));
    CHECK(!__builtin_add_overflow(-product, walks::offset.low - 32768, &sum));
    CHECK(m.low == -m.high);
    auto const b = walks::bias(bound);
    CHECK(b.high + bound == INT32_MAX);
    CHECK(b.low - bound == -INT32_MAX);
  }
}
