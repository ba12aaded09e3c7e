#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include <dyadic/core/exact.hpp>
#include <dyadic/core/name.hpp>
#include <dyadic/core/parameter.hpp>
#include <dyadic/quantize/grid.hpp>

namespace dyadic {

/// Neither not-a-number nor an infinity.
constexpr bool is_finite(float value) noexcept {
  return value >= -0x1.fffffep127F && value <= 0x1.fffffep127F;
}

/// What one batch shows of the values that are to be quantized: the bounds of its finite values, and the
/// values themselves, or null where the rule did not ask for them. Values that are not finite are ignored
/// everywhere, and a batch of no others is not seen.
struct observation {
  float low = 0;
  float high = 0;
  float const* values = nullptr;
  std::size_t count = 0;

  /// Nothing to see: no values, or bounds that are not finite.
  constexpr bool empty() const noexcept { return count == 0 || !is_finite(low) || !is_finite(high); }
};

/// The bounds of the finite ones of some numbers; not finite before there was one.
struct finite_bounds {
  float low = std::bit_cast<float>(0x7F80'0000U);
  float high = -low;

  constexpr void add(float value) noexcept {
    if (!is_finite(value)) return;
    low = value < low ? value : low;
    high = value > high ? value : high;
  }
};

/// What a batch of reals shows.
constexpr observation seen_in(float const* values, std::size_t count) noexcept {
  finite_bounds bounds;
  for (std::size_t i = 0; i < count; ++i) bounds.add(values[i]);
  return {bounds.low, bounds.high, values, count};
}

/// Decides where a grid lies. Its memory is `state_size` floats that start as zeros and are saved with the
/// network. `observe` takes one batch in; `ready` says whether anything was seen; `place` gives the grid. A
/// learned rule's first float is a parameter that the optimizer trains: its gradient is the sum of
/// dy * step_gradient<Grid>(unrounded code, zero point), times gradient_scale<Grid>(count, state), count
/// being how many numbers share the grid.
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

/// A number as a bound: not-a-number counts as 0, what is beyond the largest bound as that.
constexpr float finite(float value) noexcept {
  if (!(value == value)) return 0;
  return clamp(value, -largest_bound, largest_bound);
}

namespace range {

/// A learned number that must be positive, as a grid takes it.
constexpr float positive(float number) noexcept {
  return number > smallest_step ? finite(number) : smallest_step;
}

/// The bounds of everything seen so far.
struct min_max {
  static constexpr auto name = fixed_string("min_max");
  static constexpr std::size_t state_size = 3;  // low, high, batches
  static constexpr bool learned = false;
  static constexpr bool needs_values(float const*) noexcept { return false; }
  static constexpr bool ready(float const* state) noexcept { return state[2] > 0; }

  template <grid_rule Grid> static constexpr void observe(float* state, observation const& batch) noexcept {
    if (batch.empty()) return;
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
  static constexpr bool in_bounds = 0 <= Momentum.value && Momentum.value < 1;
  static constexpr auto name =
      "moving_average<" + decimal_fraction<static_cast<int>(Momentum.value * 10000 + 0.5), 4>() + ">";

  template <grid_rule Grid> static constexpr void observe(float* state, observation const& batch) noexcept {
    static_assert(in_bounds, "moving_average: the momentum is in [0, 1)");
    if (batch.empty()) return;
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
    if (batch.empty()) return;
    widen(state, finite(batch.low), finite(batch.high));
    std::uint32_t fresh[bins]{};  // to a float of 2^24 nothing can be added one by one
    std::size_t seen = 0;
    for (std::size_t i = 0; i < batch.count; ++i) {
      if (!is_finite(batch.values[i])) continue;
      ++fresh[bin_of(state[0], state[1], finite(batch.values[i]))];
      ++seen;
    }
    for (int bin = 0; bin < bins; ++bin) state[3 + bin] += static_cast<float>(fresh[bin]);
    state[2] += static_cast<float>(seen);
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
  static constexpr bool in_bounds = 50 <= Percent.value && Percent.value <= 100;
  static constexpr auto name =
      "percentile<" + decimal_fraction<static_cast<int>(Percent.value * 1000 + 0.5), 3>() + ">";

  template <grid_rule Grid> static constexpr code_grid place(float const* state) noexcept {
    static_assert(in_bounds, "percentile: between 50 and 100 per cent");
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
      double const difference = double{value} - double{decode(code_on<Grid>(value, where), where)};
      sum += difference * difference * static_cast<double>(state[3 + bin]);
    }
    return sum;
  }
};

/// Learned step size (Esser et al. 2020): the scale is a parameter, started at 2 mean|v| / sqrt(highest code)
/// by the first batch, trained with the gradient below. Its zero point is fixed by the first batch: the
/// lowest code where the grid has a zero point and the values are not negative, or the grid one bit; else the
/// middle of the grid.
/// State: step, zero point, ready. The optimizer keeps the step at or above `smallest_step`.
struct lsq {
  static constexpr auto name = fixed_string("lsq");
  static constexpr std::size_t state_size = 3;
  static constexpr bool learned = true;
  static constexpr bool needs_values(float const* state) noexcept { return !ready(state); }
  static constexpr bool ready(float const* state) noexcept { return state[2] > 0; }

  template <grid_rule Grid> static constexpr void observe(float* state, observation const& batch) noexcept {
    if (ready(state) || batch.empty()) return;
    double sum = 0;
    std::size_t seen = 0;
    for (std::size_t i = 0; i < batch.count; ++i) {
      if (!is_finite(batch.values[i])) continue;
      float const value = finite(batch.values[i]);
      sum += static_cast<double>(value < 0 ? -value : value);
      ++seen;
    }
    float const mean = static_cast<float>(sum / static_cast<double>(seen));
    float const zero = zero_for<Grid>(batch);
    float const step = 2 * mean / square_root(static_cast<float>(Grid::high) - zero);
    state[0] = step > smallest_step ? step : 1.0F;
    state[1] = zero;
    state[2] = 1;
  }
  template <grid_rule Grid> static constexpr float zero_for(observation const& batch) noexcept {
    return Grid::has_zero_point && (batch.low >= 0 || Grid::high == 0) ? static_cast<float>(Grid::low) : 0.0F;
  }
  template <grid_rule Grid> static constexpr code_grid place(float const* state) noexcept {
    return {positive(state[0]), static_cast<std::int32_t>(state[1])};
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
  /// step, the highest code counted from the zero point.
  template <grid_rule Grid>
  static constexpr float gradient_scale(std::size_t count, float const* state) noexcept {
    return 1 / square_root(static_cast<float>(count) * (static_cast<float>(Grid::high) - state[1]));
  }

 private:
  static constexpr float square_root(float value) noexcept {
    return exact::round_to_float(exact::square_root(double{value}));
  }
};

}  // namespace range

}  // namespace dyadic
