#include <doctest/doctest.h>

#include <cstdint>

#include "dyadic/quantize/rescale.hpp"
#include "random_lines.hpp"

/// Parameters are the same bits from every compiler, flag set and optimization level, and at compile time.

using dyadic::multiplier;
using dyadic::power_of_two;
using dyadic::tflite_reference;
using dyadic::xnnpack_fp32;
namespace rounding = dyadic::rounding;

namespace {

struct hash {
  std::uint64_t value = 0xCBF29CE484222325u;
  constexpr void take(std::int64_t number) noexcept {
    for (int byte = 0; byte < 8; ++byte) {
      value ^= (static_cast<std::uint64_t>(number) >> (8 * byte)) & 0xFF;
      value *= 0x100000001B3u;
    }
  }
  constexpr void take(multiplier<>::channel const& c) noexcept {
    take(c.offset), take(c.multiplier), take(c.shift);
  }
  constexpr void take(multiplier<16, rounding::half_even>::channel const& c) noexcept {
    take(c.offset), take(c.multiplier), take(c.shift);
  }
  constexpr void take(multiplier<31, rounding::ceil>::channel const& c) noexcept {
    take(c.offset), take(c.multiplier), take(c.shift);
  }
  constexpr void take(tflite_reference::channel const& c) noexcept {
    take(c.bias), take(c.multiplier), take(c.exponent);
  }
  constexpr void take(xnnpack_fp32::channel const& c) noexcept {
    take(c.bias), take(std::int64_t{c.scale_bits});
  }
  constexpr void take(multiplier<>::addition const& s) noexcept {
    take(s.offset), take(s.multiplier_a), take(s.multiplier_b), take(s.shift);
  }
  constexpr void take(xnnpack_fp32::addition const& s) noexcept {
    take(s.offset), take(s.multiplier_a), take(s.multiplier_b), take(s.shift);
  }
  constexpr void take(tflite_reference::factor const& f) noexcept { take(f.multiplier), take(f.exponent); }
  constexpr void take(tflite_reference::addition const& s) noexcept {
    take(s.zero_a), take(s.zero_b), take(s.left_shift);
    take(s.a), take(s.b), take(s.sum);
  }
};

/// All parameters of `count` seeded channels, additions, averages and requantizations.
constexpr std::uint64_t hash_of_parameters(std::uint64_t seed, int count) noexcept {
  rescale_test::generator random{seed};
  hash all;
  for (int i = 0; i < count; ++i) {
    dyadic::rescale_line const line = rescale_test::any_line(random);
    all.take(multiplier<>::linear(line));
    all.take(multiplier<16, rounding::half_even>::linear(line));
    all.take(multiplier<31, rounding::ceil>::linear(line));
    all.take(power_of_two<>::linear(line));
    all.take(tflite_reference::linear(line));
    all.take(xnnpack_fp32::linear(line));
    dyadic::rescale_operand const a{line.input_scale, static_cast<int>(random.between(-128, 127))};
    dyadic::rescale_operand const b{line.weight_scale, static_cast<int>(random.between(-128, 127))};
    all.take(multiplier<>::add(a, b, line.output_scale));
    all.take(power_of_two<>::add(a, b, line.output_scale));
    all.take(tflite_reference::add(a, b, line.output_scale, i % 2 == 0 ? 8 : 16));
    all.take(xnnpack_fp32::add(a, b, line.output_scale));
    std::int64_t const pixels = random.between(1, 4096);
    all.take(multiplier<>::average(a.scale, a.zero, pixels, line.output_scale).sum);
    all.take(power_of_two<>::average(a.scale, a.zero, pixels, line.output_scale).sum);
    all.take(multiplier<>::requantize(a.scale, a.zero, line.output_scale, line.gain, line.offset));
    all.take(tflite_reference::requantize(a.scale, a.zero, line.output_scale, line.gain, line.offset));
    all.take(xnnpack_fp32::requantize(a.scale, a.zero, line.output_scale, line.gain, line.offset));
  }
  return all.value;
}

/// Batch norm's gain and offset as training computes them: five operations that contraction would like to
/// merge.
constexpr std::uint64_t hash_of_batch_norm(std::uint64_t seed, int count) noexcept {
  namespace exact = dyadic::exact;
  rescale_test::generator random{seed};
  hash all;
  for (int i = 0; i < count; ++i) {
    double const gamma = random.wide_real(-4, 2), variance = random.wide_real(-10, 4),
                 mean = random.wide_real(-4, 4);
    double const gain = exact::divide(gamma, exact::square_root(exact::add(variance, 1e-5)));
    double const offset = exact::subtract(0.1, exact::multiply(gain, mean));
    all.take(std::bit_cast<std::int64_t>(gain));
    all.take(std::bit_cast<std::int64_t>(offset));
  }
  return all.value;
}

}  // namespace

TEST_CASE("the parameters of a fixed set of channels have the same hash everywhere") {
  std::uint64_t volatile seed = 61;
  std::uint64_t const parameters = hash_of_parameters(seed, 20000);
  std::uint64_t const batch_norm = hash_of_batch_norm(seed, 20000);
  MESSAGE("parameters " << parameters << ", batch norm " << batch_norm);
  CHECK(parameters == 16198058514873330218u);
  CHECK(batch_norm == 1238269064895642706u);
}

TEST_CASE("parameters computed at compile time are those of run time") {
  constexpr std::uint64_t parameters = hash_of_parameters(62, 24);
  constexpr std::uint64_t batch_norm = hash_of_batch_norm(62, 50);
  std::uint64_t volatile seed = 62;
  CHECK(hash_of_parameters(seed, 24) == parameters);
  CHECK(hash_of_batch_norm(seed, 50) == batch_norm);
}
