#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <dyadic/core/name.hpp>
#include <dyadic/core/parameter.hpp>
#include <dyadic/quantize/grid.hpp>

namespace dyadic {

/// What one batch shows of the values that are to be quantized. `values` is null unless the rule asked for
/// it; a batch of no values is not seen.
struct observation {
  float low = 0;
  float high = 0;
  float const* values = nullptr;
  std::size_t count = 0;
};

/// Decides where a grid lies. Its memory is `state_size` floats that start as zeros and are saved with the
/// network. `observe` takes one batch in; `ready` says whether anything was seen; `place` gives the grid. A
/// learned rule's first float is a parameter that the optimizer trains, with `step_gradient` for its
/// gradient.
template <class Rule>
concept range_rule = requires(float* state, float const* seen, observation batch) {
  { Rule::state_size } -> std::convertible_to<std::size_t>;
  { Rule::learned } -> std::convertible_to<bool>;
  { Rule::needs_values(seen) } -> std::convertible_to<bool>;
  { Rule::ready(seen) } -> std::convertible_to<bool>;
  Rule::template observe<grid::symmetric<8>>(state, batch);
  { Rule::template place<grid::symmetric<8>>(seen) } -> std::same_as<code_grid>;
  Rule::name.size();
};

/// A finite bound: not-a-number counts as 0, infinities as the largest bound.
constexpr float finite(float value) noexcept {
  if (!(value == value)) return 0;
  return clamp(value, -largest_bound, largest_bound);
}

namespace range {

/// The bounds of everything seen so far.
struct min_max {
  static constexpr auto name = fixed_string("min_max");
  static constexpr std::size_t state_size = 3;  // low, high, batches
  static constexpr bool learned = false;
  static constexpr bool needs_values(float const*) noexcept { return false; }
  static constexpr bool ready(float const* state) noexcept { return state[2] > 0; }

  template <grid_rule Grid> static constexpr void observe(float* state, observation const& batch) noexcept {
    if (batch.count == 0) return;
    float const low = finite(batch.low);
    float const high = finite(batch.high);
    if (!ready(state) || low < state[0]) state[0] = low;
    if (!ready(state) || high > state[1]) state[1] = high;
    state[2] = 1;
  }
  template <grid_rule Grid> static constexpr code_grid place(float const* state) noexcept {
    return Grid::fit({state[0], state[1]});
  }
};

/// The largest magnitude seen so far, on both sides of zero.
struct max_abs : min_max {
  static constexpr auto name = fixed_string("max_abs");

  template <grid_rule Grid> static constexpr code_grid place(float const* state) noexcept {
    float const largest = grid::largest_magnitude({state[0], state[1]});
    return Grid::fit({-largest, largest});
  }
};

/// How much of the past a moving average keeps per batch.
struct momentum {
  double value = 0.99;
};

/// A moving average of each batch's bounds. The first batch sets it; while fewer than 1 / (1 - momentum)
/// batches were seen it is their plain mean, so that no start value has to be forgotten.
template <momentum Momentum = momentum{}> struct moving_average : min_max {
  static_assert(0 <= Momentum.value && Momentum.value < 1, "moving_average: the momentum is in [0, 1)");
  static constexpr auto name =
      "moving_average<" + decimal_fraction<static_cast<int>(Momentum.value * 10000 + 0.5), 4>() + ">";

  template <grid_rule Grid> static constexpr void observe(float* state, observation const& batch) noexcept {
    if (batch.count == 0) return;
    float const count = state[2] + 1;
    constexpr float fresh = static_cast<float>(1 - Momentum.value);
    float const weight = 1 / count > fresh ? 1 / count : fresh;
    state[0] += weight * (finite(batch.low) - state[0]);
    state[1] += weight * (finite(batch.high) - state[1]);
    state[2] = count < 0x1p20F ? count : state[2];
  }
};

/// Counts of values in equal bins over the bounds of what was seen: what percentile and mean_squared_error
/// read. When a batch goes beyond the bounds they are widened and the old counts move to the bin of their
/// centre.
struct histogram {
  static constexpr int bins = 1024;
  static constexpr std::size_t state_size = 3 + bins;  // low, high, values, counts
  static constexpr bool learned = false;
  static constexpr bool needs_values(float const*) noexcept { return true; }
  static constexpr bool ready(float const* state) noexcept { return state[2] > 0; }

  static constexpr float centre(float const* state, int bin) noexcept {
    return state[0] + (state[1] - state[0]) * ((static_cast<float>(bin) + 0.5F) / bins);
  }
  static constexpr int bin_of(float low, float high, float value) noexcept {
    if (!(high > low)) return 0;
    return static_cast<int>(clamp((value - low) / (high - low) * bins, 0.0F, bins - 1.0F));
  }

  template <grid_rule Grid> static constexpr void observe(float* state, observation const& batch) noexcept {
    if (batch.count == 0) return;
    widen(state, finite(batch.low), finite(batch.high));
    std::uint32_t fresh[bins]{};  // to a float of 2^24 nothing can be added one by one
    for (std::size_t i = 0; i < batch.count; ++i)
      ++fresh[bin_of(state[0], state[1], finite(batch.values[i]))];
    for (int bin = 0; bin < bins; ++bin) state[3 + bin] += static_cast<float>(fresh[bin]);
    state[2] += static_cast<float>(batch.count);
  }

 private:
  static constexpr void widen(float* state, float low, float high) noexcept {
    if (!ready(state)) {
      state[0] = low;
      state[1] = high;
      return;
    }
    if (low >= state[0] && high <= state[1]) return;
    low = low < state[0] ? low : state[0];
    high = high > state[1] ? high : state[1];
    float moved[bins]{};
    for (int bin = 0; bin < bins; ++bin) moved[bin_of(low, high, centre(state, bin))] += state[3 + bin];
    for (int bin = 0; bin < bins; ++bin) state[3 + bin] = moved[bin];
    state[0] = low;
    state[1] = high;
  }
};

/// The share of values, in per cent, that a range keeps; the rest is cut, half on each side.
struct percent {
  double value = 99.99;
};

/// Cuts the rarest values on both sides so that `Percent` of all remain.
template <percent Percent = percent{}> struct percentile : histogram {
  static_assert(50 <= Percent.value && Percent.value <= 100, "percentile: between 50 and 100 per cent");
  static constexpr auto name =
      "percentile<" + decimal_fraction<static_cast<int>(Percent.value * 1000 + 0.5), 3>() + ">";

  template <grid_rule Grid> static constexpr code_grid place(float const* state) noexcept {
    double const cut = static_cast<double>(state[2]) * (100 - Percent.value) / 200;
    int first = 0;
    int last = bins - 1;
    for (double below = state[3]; below <= cut && first < last; below += state[3 + first]) ++first;
    for (double above = state[3 + last]; above <= cut && first < last; above += state[3 + last]) --last;
    float const step = (state[1] - state[0]) / bins;
    return Grid::fit(
        {state[0] + step * static_cast<float>(first), state[1] - step * static_cast<float>(bins - 1 - last)});
  }
};

/// The range, shrunk from the full one in steps of a hundredth, whose grid has the least mean squared error.
struct mean_squared_error : histogram {
  static constexpr auto name = fixed_string("mean_squared_error");

  template <grid_rule Grid> static constexpr code_grid place(float const* state) noexcept {
    code_grid best = Grid::fit({state[0], state[1]});
    double least = error_of<Grid>(state, best);
    for (int share = 99; share >= 10; --share) {
      float const factor = static_cast<float>(share) / 100;
      code_grid const tried = Grid::fit({state[0] * factor, state[1] * factor});
      double const error = error_of<Grid>(state, tried);
      if (error < least) {
        least = error;
        best = tried;
      }
    }
    return best;
  }

 private:
  template <grid_rule Grid> static constexpr double error_of(float const* state, code_grid where) noexcept {
    double sum = 0;
    for (int bin = 0; bin < bins; ++bin) {
      if (state[3 + bin] == 0) continue;
      float const value = centre(state, bin);
      double const difference = value - decode(encode(value, where, Grid::low, Grid::high), where);
      sum += difference * difference * static_cast<double>(state[3 + bin]);
    }
    return sum;
  }
};

/// Learned step size (Esser et al. 2020): the scale is a parameter, started at 2 mean|v| / sqrt(highest code)
/// by the first batch, trained with the gradient below. Its zero point is fixed by the first batch: the
/// lowest code where the values are not negative and the grid has a zero point, else the middle of the grid.
/// State: step, zero point, ready. The optimizer keeps the step at or above `smallest_step`.
struct lsq {
  static constexpr auto name = fixed_string("lsq");
  static constexpr std::size_t state_size = 3;
  static constexpr bool learned = true;
  static constexpr bool needs_values(float const* state) noexcept { return !ready(state); }
  static constexpr bool ready(float const* state) noexcept { return state[2] > 0; }

  template <grid_rule Grid> static constexpr void observe(float* state, observation const& batch) noexcept {
    if (ready(state) || batch.count == 0) return;
    double sum = 0;
    for (std::size_t i = 0; i < batch.count; ++i) {
      float const value = finite(batch.values[i]);
      sum += value < 0 ? -value : value;
    }
    float const mean = static_cast<float>(sum / static_cast<double>(batch.count));
    float const zero = !Grid::has_zero_point ? 0.0F : batch.low >= 0 ? static_cast<float>(Grid::low) : 0.0F;
    float const step = 2 * mean / square_root(static_cast<float>(Grid::high) - zero);
    state[0] = step > smallest_step ? step : 1.0F;
    state[1] = zero;
    state[2] = 1;
  }
  template <grid_rule Grid> static constexpr code_grid place(float const* state) noexcept {
    return {state[0] > smallest_step ? state[0] : smallest_step, static_cast<std::int32_t>(state[1])};
  }

  /// d(quantized value) / d(step) at an unrounded code: rounded - unrounded inside the grid, the bound
  /// outside.
  template <grid_rule Grid>
  static constexpr float step_gradient(float unrounded, std::int32_t zero) noexcept {
    constexpr float low = static_cast<float>(Grid::low);
    constexpr float high = static_cast<float>(Grid::high);
    constexpr float to_integer = 12582912.0F;  // 1.5 * 2^23: adding it rounds half to even
    float const bounded = clamp(unrounded, low, high);
    float const offset = static_cast<float>(zero);
    float const rounded = ((bounded - offset + to_integer) - to_integer) + offset;  // ties as in `encode`
    return bounded == unrounded ? rounded - unrounded : bounded - offset;
  }
  /// The paper's gradient scale 1 / sqrt(count * highest code), count being the weights or features of one
  /// step.
  template <grid_rule Grid>
  static constexpr float gradient_scale(std::size_t count, std::int32_t zero) noexcept {
    return 1 / square_root(static_cast<float>(count) * static_cast<float>(Grid::high - zero));
  }

 private:
  static constexpr float square_root(float value) noexcept {
    double root = value > 1 ? value : 1;
    for (int i = 0; i < 64; ++i) root = (root + static_cast<double>(value) / root) / 2;
    return static_cast<float>(root);
  }
};

}  // namespace range

}  // namespace dyadic
