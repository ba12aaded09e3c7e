#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

/// What a requantization policy is given, and what it must have. A policy turns accumulators into codes; the
/// caller clamps the codes to the output's range.
namespace dyadic {

/// One output channel of a linear operation, everything known when a network is converted. The real value of
/// the channel is gain * input_scale * weight_scale * (accumulator - zero_shift) + offset, where the
/// accumulator is the sum of code_x * code_w without any zero point. Scales are positive and finite.
struct rescale_line {
  float input_scale;
  float weight_scale;
  float output_scale;
  /// gamma / sqrt(variance + epsilon), 1 without batch norm; 0 and negative are allowed (see
  /// `positive_gain`).
  double gain = 1;
  /// The real value added after the gain: gain * (bias - mean) + beta, or the bias alone. Finite.
  double offset = 0;
  /// zero_in * (sum of the weight codes): at most `accumulator_bound` in magnitude, as the zero point is a
  /// code.
  std::int64_t zero_shift = 0;
  /// |accumulator| is proven not to exceed this. It decides how many bits a multiplier may have and how large
  /// an int32 bias, so it has no default.
  std::int64_t accumulator_bound;
};

/// One summand of an addition: the grid its codes stand on.
struct rescale_operand {
  float scale;
  int zero = 0;
};

/// A requantization policy. `linear`, `add`, `average` and `requantize` compute integer parameters once, in
/// double operations that every compiler rounds alike; `apply` is integer arithmetic that cannot overflow and
/// gives the code before the clamp, the zero point added.
///  - `positive_gain`: `linear` takes the gain's magnitude (at least `smallest_gain`); its sign goes into the
///  weights.
///  - `average_keeps_scale`: an average's codes stay on the input's grid; the output scale is not used.
///  - `channels<Count>` is the storage in an engine, arrays of integers; `view` is what a kernel reads.
template <class Policy>
concept rescale_policy =
    requires(rescale_line line, typename Policy::channel channel, typename Policy::addition addition,
             typename Policy::averaging averaging, typename Policy::template channels<3> stored,
             std::int64_t accumulator, int zero) {
      { Policy::name.size() } -> std::convertible_to<std::size_t>;
      requires std::same_as<decltype(Policy::positive_gain), bool const>;
      requires std::same_as<decltype(Policy::average_keeps_scale), bool const>;
      requires std::same_as<decltype(Policy::smallest_gain), double const>;
      { Policy::linear(line) } noexcept -> std::same_as<typename Policy::channel>;
      {
        Policy::requantize(1.0f, 0, 1.0f, 1.0, 0.0, accumulator)
      } noexcept -> std::same_as<typename Policy::channel>;
      { Policy::apply(channel, accumulator, zero) } noexcept -> std::same_as<std::int64_t>;
      {
        Policy::add(rescale_operand{}, rescale_operand{}, 1.0f, 8)
      } noexcept -> std::same_as<typename Policy::addition>;
      { Policy::apply(addition, 1, 1, zero) } noexcept -> std::same_as<std::int64_t>;
      { Policy::average(1.0f, 0, accumulator, 1.0f) } noexcept -> std::same_as<typename Policy::averaging>;
      { Policy::apply(averaging, accumulator, zero) } noexcept -> std::same_as<std::int64_t>;
      { stored.get(std::size_t{}) } noexcept -> std::same_as<typename Policy::channel>;
      { stored.set(std::size_t{}, channel) } noexcept;
      { stored.view().from(1).get(std::size_t{}) } noexcept -> std::same_as<typename Policy::channel>;
    };

}  // namespace dyadic
