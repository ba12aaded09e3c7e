#include "dyadic/quantize/rescale/multiplier.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>

#include "random_lines.hpp"

namespace rounding = dyadic::rounding;
using dyadic::multiplier;
using dyadic::rescale_line;
using rescale_test::any_accumulator;
using rescale_test::any_line;
using rescale_test::generator;

namespace {

__extension__ typedef __int128 wide;

/// numerator / 2^n rounded by the mode's definition in words, with division instead of shifts.
template <class Rounding> wide by_definition(wide numerator, int n) {
  wide const denominator = wide{1} << n;
  wide below = numerator / denominator;
  if (numerator % denominator < 0) --below;
  wide const rest = numerator - below * denominator;
  if (rest == 0) return below;
  wide const above = below + 1;
  wide const nearer = 2 * rest < denominator ? below : above;
  bool const tie = 2 * rest == denominator;
  wide const away = numerator < 0 ? below : above, towards = numerator < 0 ? above : below;
  if constexpr (std::is_same_v<Rounding, rounding::floor>) return below;
  if constexpr (std::is_same_v<Rounding, rounding::ceil>) return above;
  if constexpr (std::is_same_v<Rounding, rounding::toward_zero>) return towards;
  if constexpr (std::is_same_v<Rounding, rounding::half_even>)
    return !tie ? nearer : below % 2 == 0 ? below : above;
  if constexpr (std::is_same_v<Rounding, rounding::half_up>) return tie ? above : nearer;
  if constexpr (std::is_same_v<Rounding, rounding::half_down>) return tie ? below : nearer;
  if constexpr (std::is_same_v<Rounding, rounding::half_away>) return tie ? away : nearer;
  if constexpr (std::is_same_v<Rounding, rounding::half_to_zero>) return tie ? towards : nearer;
}

/// What the mode adds to B, from the table of the numeric contract.
template <class Rounding> wide constant_in_offset(int n) {
  if (n == 0) return 0;
  if constexpr (std::is_same_v<Rounding, rounding::half_up>) return wide{1} << (n - 1);
  if constexpr (std::is_same_v<Rounding, rounding::half_down>) return (wide{1} << (n - 1)) - 1;
  if constexpr (std::is_same_v<Rounding, rounding::ceil>) return (wide{1} << n) - 1;
  return 0;
}

int bit_width(wide value) {
  int width = 0;
  for (wide rest = value < 0 ? -value : value; rest != 0; rest /= 2) ++width;
  return width;
}

/// m, n and B from their definition: long double holds factor * 2^n exactly, and every n is tried.
struct defined {
  wide multiplier, offset;
  int shift;
};
template <int Bits, class Rounding> defined from_definition(rescale_line const& line) {
  double volatile product = double{line.input_scale} * double{line.weight_scale};
  double volatile gained = line.gain * product;
  double volatile factor = gained / double{line.output_scale};
  double volatile code_offset = line.offset / double{line.output_scale};
  int const free = 62 - bit_width(line.accumulator_bound);
  int const bits = free < Bits ? free : Bits;
  long double const saturated = 0x1p100L;
  for (int n = 62; n >= 0; --n) {
    long double const m = std::rint(std::ldexp(static_cast<long double>(factor), n));
    long double b = std::rint(std::ldexp(static_cast<long double>(code_offset), n));
    if (!(std::fabs(m) < std::ldexp(1.0L, bits)) && n > 0) continue;
    b = b > saturated ? saturated : b < -saturated ? -saturated : b;
    wide kept = static_cast<wide>(std::fabs(m) < saturated ? m : std::copysign(saturated, m));
    wide const largest = (wide{1} << bits) - 1, largest_offset = (wide{1} << 62) - (n == 0 ? 65537 : 1);
    kept = kept > largest ? largest : kept < -largest ? -largest : kept;
    wide offset = static_cast<wide>(b);
    offset += constant_in_offset<Rounding>(n) - line.zero_shift * kept;
    if (bit_width(offset) > 62 && n > 0) continue;
    offset = offset > largest_offset ? largest_offset : offset < -largest_offset ? -largest_offset : offset;
    return {kept, offset, n};
  }
  return {};
}

template <int Bits, class Rounding> void check_definition(std::uint64_t seed) {
  using policy = multiplier<Bits, Rounding>;
  INFO("policy " << policy::name.c_str() << ", seed " << seed);
  generator random{seed};
  int shifts_below_32 = 0, shifts_from_32 = 0, zero_multipliers = 0;
  for (int i = 0; i < 3000; ++i) {
    rescale_line const line = any_line(random);
    auto const channel = policy::linear(line);
    defined const expected = from_definition<Bits, Rounding>(line);
    INFO("line " << i);
    REQUIRE(channel.multiplier == static_cast<std::int64_t>(expected.multiplier));
    REQUIRE(channel.shift == expected.shift);
    REQUIRE(channel.offset == static_cast<std::int64_t>(expected.offset));
    ++(channel.shift < 32 ? shifts_below_32 : shifts_from_32);
    if (channel.multiplier == 0) ++zero_multipliers;
    for (int j = 0; j < 4; ++j) {
      std::int64_t const accumulator = any_accumulator(random, line.accumulator_bound);
      auto const zero = static_cast<int>(random.between(-128, 127));
      wide const x =
          accumulator * expected.multiplier + expected.offset - constant_in_offset<Rounding>(expected.shift);
      REQUIRE(policy::apply(channel, accumulator, zero) ==
              static_cast<std::int64_t>(by_definition<Rounding>(x, expected.shift)) + zero);
    }
  }
  CHECK(shifts_below_32 > 50);
  CHECK(shifts_from_32 > 50);
  CHECK(zero_multipliers > 10);
}

template <class Rounding> void check_small_numbers() {
  using policy = multiplier<31, Rounding>;
  INFO("rounding " << Rounding::name.c_str());
  for (int n = 0; n <= 5; ++n)
    for (int m = -7; m <= 7; ++m)
      for (int b = -11; b <= 11; ++b)
        for (int x = -40; x <= 40; ++x) {
          std::int64_t const offset = b + static_cast<std::int64_t>(constant_in_offset<Rounding>(n));
          typename policy::channel const channel{offset, m, static_cast<std::uint8_t>(n)};
          auto const expected = static_cast<std::int64_t>(by_definition<Rounding>(x * m + b, n)) - 3;
          REQUIRE(policy::apply(channel, x, -3) == expected);
        }
}

template <class Function> void for_each_rounding(Function function) {
  function(rounding::half_up{});
  function(rounding::half_down{});
  function(rounding::half_even{});
  function(rounding::half_away{});
  function(rounding::half_to_zero{});
  function(rounding::floor{});
  function(rounding::ceil{});
  function(rounding::toward_zero{});
}

constexpr rescale_line plain{
    .input_scale = 0.05f, .weight_scale = 0.01f, .output_scale = 0.1f, .accumulator_bound = 100000};

}  // namespace

static_assert(dyadic::rescale_policy<multiplier<>>);
static_assert(multiplier<31, rounding::half_even>::name == dyadic::fixed_string("multiplier<31,half_even>"));

TEST_CASE(
    "one rounding is exact for every rounding mode: all small multipliers, offsets, shifts and "
    "accumulators") {
  for_each_rounding([]<class Rounding>(Rounding) { check_small_numbers<Rounding>(); });
}

TEST_CASE("m, n and B are what the contract defines, and codes follow, for every rounding mode") {
  for_each_rounding([]<class Rounding>(Rounding) { check_definition<31, Rounding>(21); });
  check_definition<8, rounding::half_up>(22);
  check_definition<1, rounding::half_even>(23);
  check_definition<16, rounding::ceil>(24);
}

TEST_CASE("a code is the real value rounded") {
  generator random{25};
  int compared = 0;
  for (int i = 0; i < 20000; ++i) {
    rescale_line const line = any_line(random);
    std::int64_t const accumulator = any_accumulator(random, line.accumulator_bound);
    long double const real = (static_cast<long double>(line.gain) * line.input_scale * line.weight_scale *
                                  static_cast<long double>(accumulator - line.zero_shift) +
                              line.offset) /
                             line.output_scale;
    if (std::fabs(real) > 40000 || line.accumulator_bound > INT32_MAX) continue;
    ++compared;
    auto const code = multiplier<>::apply(multiplier<>::linear(line), accumulator, 0);
    INFO("seed 25, line " << i);
    REQUIRE(std::fabs(static_cast<long double>(code) - real) <= 0.5L + 0x1p-12L);
  }
  CHECK(compared > 5000);
}

TEST_CASE("a channel with gain 0 gives its offset") {
  rescale_line line = plain;
  line.gain = 0;
  line.offset = 1.27;
  line.zero_shift = -4000;
  auto const channel = multiplier<>::linear(line);
  CHECK(channel.multiplier == 0);
  CHECK(multiplier<>::apply(channel, 0, 5) == 13 + 5);
  CHECK(multiplier<>::apply(channel, 100000, 5) == 13 + 5);
  line.offset = 0;
  CHECK(multiplier<>::apply(multiplier<>::linear(line), -100000, -7) == -7);
}

TEST_CASE("a tiny gain loses bits of m and never fails, a huge one saturates the code") {
  rescale_line line = plain;
  line.gain = 1e-30;
  CHECK(multiplier<>::linear(line).multiplier == 0);
  line.gain = 1e-8;
  CHECK(multiplier<>::linear(line).shift == 62);
  CHECK(multiplier<>::linear(line).multiplier > 0);
  line.gain = 1e30;
  CHECK(multiplier<>::apply(multiplier<>::linear(line), 1, 0) > 32767);
  CHECK(multiplier<>::apply(multiplier<>::linear(line), -100000, 0) < -32768);
  CHECK(multiplier<>::apply(multiplier<>::linear(line), 0, 0) == 0);
  line.gain = -1e300;
  CHECK(multiplier<>::apply(multiplier<>::linear(line), 1, 0) < -32768);
}

TEST_CASE("a huge offset saturates the code") {
  rescale_line line = plain;
  line.zero_shift = 100000;
  line.offset = 1e300;
  CHECK(multiplier<>::apply(multiplier<>::linear(line), -100000, 0) > 32767);
  line.offset = -1e300;
  CHECK(multiplier<31, rounding::ceil>::apply(multiplier<31, rounding::ceil>::linear(line), 100000, 0) <
        -32768);
}

TEST_CASE("a wide accumulator keeps a shorter multiplier") {
  rescale_line line = plain;
  for (int bits = 31; bits <= 62; ++bits) {
    line.accumulator_bound = (std::int64_t{1} << bits) - 1;
    auto const channel = multiplier<>::linear(line);
    INFO("bits " << bits);
    CHECK(channel.multiplier < std::int64_t{1} << (62 - bits));
    CHECK(channel.multiplier >= (std::int64_t{1} << (62 - bits)) / 2);
  }
}

TEST_CASE("the least accumulator and the largest sum do not overflow") {
  // The sum of product and offset is close to 2^63 and the mode adds to it.
  using policy = multiplier<31, rounding::half_away>;
  std::int64_t const bound = INT32_MAX;
  policy::channel const channel{(std::int64_t{1} << 62) - 1, INT32_MAX, 62};
  CHECK(policy::apply(channel, bound, 0) == 2);
  CHECK(policy::apply(channel, -bound, 0) == 0);
}

TEST_CASE("an addition rounds once") {
  generator random{26};
  for_each_rounding([&]<class Rounding>(Rounding) {
    using policy = multiplier<31, Rounding>;
    for (int i = 0; i < 500; ++i) {
      dyadic::rescale_operand const a{random.real(-9, 3), static_cast<int>(random.between(-128, 127))};
      dyadic::rescale_operand const b{random.real(-9, 3), static_cast<int>(random.between(-128, 127))};
      float const output = random.real(-8, 2);
      auto const sum = policy::add(a, b, output);
      double volatile ratio_a = double{a.scale} / double{output}, ratio_b = double{b.scale} / double{output};
      long double const larger = ratio_a > ratio_b ? ratio_a : ratio_b;
      int n = 62;
      while (std::rint(std::ldexp(larger, n)) >= 0x1p31L) --n;
      INFO("seed 26, " << policy::name.c_str() << " addition " << i);
      REQUIRE(sum.shift == n);
      auto const ma = static_cast<std::int64_t>(std::rint(std::ldexp(static_cast<long double>(ratio_a), n)));
      auto const mb = static_cast<std::int64_t>(std::rint(std::ldexp(static_cast<long double>(ratio_b), n)));
      REQUIRE(sum.multiplier_a == ma);
      REQUIRE(sum.multiplier_b == mb);
      for (int j = 0; j < 8; ++j) {
        auto const code_a = static_cast<int>(random.between(-128, 127));
        auto const code_b = static_cast<int>(random.between(-128, 127));
        wide const x = wide{code_a - a.zero} * ma + wide{code_b - b.zero} * mb;
        REQUIRE(policy::apply(sum, code_a, code_b, 9) ==
                static_cast<std::int64_t>(by_definition<Rounding>(x, n)) + 9);
      }
    }
  });
  auto const extreme = multiplier<>::add({1e-30f, 3}, {1e-30f, 4}, 1e30f);
  CHECK(multiplier<>::apply(extreme, 127, 127, 1) == 1);
  auto const huge = multiplier<>::add({1e30f, 3}, {1e-30f, 4}, 1e-30f);
  CHECK(multiplier<>::apply(huge, 4, 127, 1) > 32767);
  auto const wide_codes = multiplier<>::add({1.0f, -32768}, {1.0f, -32768}, 1.0f, 16);
  CHECK(multiplier<>::apply(wide_codes, 32767, 32767, 0) == 131070);
}

TEST_CASE("an average is the mean of the real values, rounded once") {
  generator random{27};
  for (int i = 0; i < 5000; ++i) {
    std::int64_t const count = random.between(1, 64);
    float const input = random.real(-8, 0), output = random.real(-8, 0);
    auto const zero_in = static_cast<int>(random.between(-128, 127));
    std::int64_t const sum = random.between(-128 * count, 127 * count);
    auto const average = multiplier<>::average(input, zero_in, count, output);
    long double const real = static_cast<long double>(input) *
                             static_cast<long double>(sum - zero_in * count) /
                             (static_cast<long double>(output) * static_cast<long double>(count));
    INFO("seed 27, average " << i);
    REQUIRE(std::fabs(static_cast<long double>(multiplier<>::apply(average, sum, 0)) - real) <=
            0.5L + 0x1p-16L);
  }
  auto const same = multiplier<31, rounding::half_even>::average(0.5f, 0, 4, 0.5f);
  CHECK(multiplier<31, rounding::half_even>::apply(same, 10, 0) == 2);
  CHECK(multiplier<31, rounding::half_even>::apply(same, 14, 0) == 4);
}

TEST_CASE(
    "a requantization to the same grid keeps every code, a lone batch norm is the linear formula on a code") {
  auto const same = multiplier<>::requantize(0.3f, 17, 0.3f);
  for (int code = -128; code <= 127; ++code) CHECK(multiplier<>::apply(same, code, 17) == code);
  auto const norm = multiplier<>::requantize(0.5f, 2, 0.25f, -1.5, 0.75);
  for (int code = -128; code <= 127; ++code)
    CHECK(multiplier<>::apply(norm, code, 1) == (code - 2) * -3 + 3 + 1);
}

TEST_CASE("stored channels come back") {
  multiplier<>::channels<5> stored{};
  for (std::size_t i = 0; i < 5; ++i)
    stored.set(i, {static_cast<std::int64_t>(i) - 2, 7, static_cast<std::uint8_t>(i)});
  CHECK(stored.view().from(2).get(1) == stored.get(3));
  CHECK(stored.get(4) == multiplier<>::channel{2, 7, 4});
}
