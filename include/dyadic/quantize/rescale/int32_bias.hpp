#pragma once

#include <cstdint>

#include <dyadic/core/exact.hpp>
#include <dyadic/fixed/rounding.hpp>
#include <dyadic/quantize/rescale/line.hpp>

namespace dyadic {

/// What policies share that add an int32 bias to the accumulator before they scale it: the weight scale with
/// the gain in it, as a file for such a runtime would carry it, and the bias on the accumulator's grid.
struct int32_bias {
  /// Smaller gains count as this one, in training as in deployment: at 2^-16 a channel's own contribution is
  /// far below an output step, while the bias (offset / accumulator step) still fits in 32 bits.
  static constexpr double smallest_gain = 0x1p-16;

  /// float32(weight_scale * max(|gain|, smallest_gain)), at most 2^64.
  static constexpr float weight_scale(float weight_scale, double gain) noexcept {
    double const magnitude = gain < 0 ? -gain : gain;
    double const kept = magnitude < smallest_gain ? smallest_gain : magnitude > 0x1p128 ? 0x1p128 : magnitude;
    double const scale = exact::multiply(double{weight_scale}, kept);
    return exact::round_to_float(scale > 0x1p64 ? 0x1p64 : scale);
  }

  /// offset / (input_scale * weight_scale), rounded half away from zero, minus zero_shift; saturated so that
  /// the sum of accumulator and bias is an int32 that is not INT32_MIN. `weight_scale` is the one with the
  /// gain in it; the bound of the accumulator is below 2^31.
  static constexpr std::int32_t bias(rescale_line const& line, float weight_scale) noexcept {
    double const step = exact::multiply(double{line.input_scale}, double{weight_scale});
    double const largest_offset = exact::scale_by_power_of_two(step, 40);
    double const offset = line.offset > largest_offset    ? largest_offset
                          : line.offset < -largest_offset ? -largest_offset
                                                          : line.offset;
    std::int64_t const real = rounding::half_away::from_real(exact::divide(offset, step));
    std::int64_t const room = line.accumulator_bound < INT32_MAX ? INT32_MAX - line.accumulator_bound : 0;
    std::int64_t const sum = real - line.zero_shift;
    return static_cast<std::int32_t>(sum > room ? room : sum < -room ? -room : sum);
  }

  /// The sum as an int32. The saturation is a promise kept: within the bound that the bias was made for it
  /// never acts.
  static constexpr std::int32_t add(std::int64_t accumulator, std::int32_t bias) noexcept {
    std::int64_t const sum = accumulator + bias;
    return static_cast<std::int32_t>(sum > INT32_MAX ? INT32_MAX : sum < -INT32_MAX ? -INT32_MAX : sum);
  }
};

/// The integer mean of codes, ties away from code 0 (not from the zero point): the average of runtimes that
/// keep the input's scale and zero point.
struct integer_mean {
  std::int32_t count;

  constexpr std::int64_t of(std::int64_t sum_of_codes) const noexcept {
    std::int64_t const half = count / 2;
    return (sum_of_codes > 0 ? sum_of_codes + half : sum_of_codes - half) / count;
  }
  constexpr bool operator==(integer_mean const&) const noexcept = default;
};

}  // namespace dyadic
