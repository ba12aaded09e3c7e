#pragma once

#include <bit>
#include <cstdint>

#include "dyadic/core/exact.hpp"
#include "dyadic/quantize/rescale/line.hpp"

/// Seeded channels as networks have them, and some as only a broken one has them.
namespace rescale_test {

/// A generator whose numbers are the same everywhere (splitmix64).
struct generator {
  std::uint64_t state;

  constexpr std::uint64_t operator()() noexcept {
    state += 0x9E3779B97F4A7C15u;
    std::uint64_t x = state;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
  }
  constexpr std::int64_t between(std::int64_t lowest, std::int64_t highest) noexcept {
    return lowest + static_cast<std::int64_t>((*this)() % static_cast<std::uint64_t>(highest - lowest + 1));
  }
  /// A positive float with a random mantissa and an exponent in the range given.
  constexpr float real(int lowest, int highest) noexcept {
    auto const exponent = static_cast<std::uint32_t>(between(lowest, highest) + 127);
    return std::bit_cast<float>((exponent << 23) | static_cast<std::uint32_t>((*this)() >> 41));
  }
  constexpr double wide_real(int lowest, int highest) noexcept {
    auto const exponent = static_cast<std::uint64_t>(between(lowest, highest) + 1023);
    return std::bit_cast<double>((exponent << 52) | ((*this)() >> 12));
  }
};

/// One channel: mostly plausible, every eighth extreme (gain 0, tiny, huge; offset huge; a wide accumulator).
constexpr dyadic::rescale_line any_line(generator& random) noexcept {
  dyadic::rescale_line line{
      .input_scale = random.real(-9, 0),
      .weight_scale = random.real(-12, -3),
      .output_scale = random.real(-9, 1),
      .accumulator_bound = random.between(100, std::int64_t{1} << random.between(8, 30))};
  int const gain_sign = random.between(0, 3) == 0 ? -1 : 1, offset_sign = random.between(0, 1) == 0 ? -1 : 1;
  line.gain = random.between(0, 2) == 0 ? 1.0 : random.wide_real(-6, 4) * gain_sign;
  line.offset = random.between(0, 3) == 0 ? 0.0 : random.wide_real(-8, 5) * offset_sign;
  line.zero_shift = random.between(-line.accumulator_bound, line.accumulator_bound);
  switch (random.between(0, 55)) {
    case 0:
      line.gain = 0;
      break;
    case 1:
      line.gain = 1e-30;
      break;
    case 2:
      line.gain = -1e30;
      break;
    case 3:
      line.offset = random.wide_real(40, 300);
      break;
    case 4:
      line.offset = -random.wide_real(10, 30);
      break;
    case 5:
      line.accumulator_bound = std::int64_t{1} << random.between(31, 61);
      break;
    case 6:
      line.gain = 1e-300;
      break;
    default:
      break;
  }
  return line;
}

/// An accumulator within the bound; large and small ones.
constexpr std::int64_t any_accumulator(generator& random, std::int64_t bound) noexcept {
  if (random.between(0, 7) == 0) return random.between(0, 1) == 0 ? bound : -bound;
  std::int64_t const within = bound >> random.between(0, 12);
  return random.between(-within, within);
}

}  // namespace rescale_test
