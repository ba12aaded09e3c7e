#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/core/exact.hpp>
#include <dyadic/core/functions.hpp>
#include <dyadic/quantize/range.hpp>

/// Ranges that are observed, beside those of range.hpp.
namespace dyadic::range {

/// The bounds of everything seen so far, under the name that TensorFlow's toolkit has for them.
using all_values = min_max;

/// The bounds of the last batch.
struct last_value : min_max {
  static constexpr auto name = fixed_string("last_value");

  template <grid_rule Grid> static constexpr void observe(float* state, observation const& batch) noexcept {
    if (batch.empty()) return;
    state[0] = finite(batch.low);
    state[1] = finite(batch.high);
    state[2] = 1;
  }
};

/// The grid's scale is in its type: nothing is observed or remembered.
struct in_type {
  static constexpr auto name = fixed_string("in_type");
  static constexpr std::size_t state_size = 0;
  static constexpr bool learned = false;
  static constexpr bool needs_values(float const*) noexcept { return false; }
  static constexpr bool ready(float const*) noexcept { return true; }
  template <grid_rule Grid> static constexpr void observe(float*, observation const&) noexcept {}
  template <grid_rule Grid> static constexpr code_grid place(float const*) noexcept { return Grid::fit({}); }
};

/// A number that a statistic is multiplied by.
struct times {
  double value = 1;
};

/// Factor times the mean magnitude of everything seen, on both sides of zero. With factor 1 the scale of
/// binary weights (Rastegari et al. 2016), with 1.4 that of ternary ones: half of it is the threshold 0.7
/// mean|w| of Li et al. 2016. State: sum of magnitudes, values seen.
template <times Factor = times{}> struct mean_magnitude {
  static constexpr bool in_bounds = 0 < Factor.value && Factor.value <= 1000;
  static constexpr auto name =
      "mean_magnitude<" + decimal_fraction<static_cast<int>(Factor.value * 10000 + 0.5), 4>() + ">";
  static constexpr std::size_t state_size = 2;
  static constexpr bool learned = false;
  static constexpr bool needs_values(float const*) noexcept { return true; }
  static constexpr bool ready(float const* state) noexcept { return state[1] > 0; }

  template <grid_rule Grid> static constexpr void observe(float* state, observation const& batch) noexcept {
    if (batch.empty()) return;
    double sum = double{state[0]};
    std::size_t seen = 0;
    for (std::size_t i = 0; i < batch.count; ++i) {
      if (!is_finite(batch.values[i])) continue;
      float const value = finite(batch.values[i]);
      sum += static_cast<double>(value < 0 ? -value : value);
      ++seen;
    }
    state[0] = finite(exact::round_to_float(sum));
    state[1] += static_cast<float>(seen);
  }
  template <grid_rule Grid> static constexpr code_grid place(float const* state) noexcept {
    static_assert(in_bounds, "mean_magnitude: a factor above 0, up to 1000");
    if (!ready(state)) return Grid::fit({});
    double const mean = exact::divide(double{state[0]}, double{state[1]});
    float const bound = finite(exact::round_to_float(exact::multiply(mean, Factor.value)));
    return Grid::fit({-bound, bound});
  }
};

/// The mean of everything seen, and `Deviations` standard deviations to either side, within the bounds of
/// what was seen. State: low, high, values seen, mean, mean squared deviation.
template <times Deviations = times{.value = 3}> struct sigma {
  static constexpr bool in_bounds = 0 < Deviations.value && Deviations.value <= 1000;
  static constexpr auto name =
      "sigma<" + decimal_fraction<static_cast<int>(Deviations.value * 10000 + 0.5), 4>() + ">";
  static constexpr std::size_t state_size = 5;
  static constexpr bool learned = false;
  static constexpr bool needs_values(float const*) noexcept { return true; }
  static constexpr bool ready(float const* state) noexcept { return state[2] > 0; }

  template <grid_rule Grid> static constexpr void observe(float* state, observation const& batch) noexcept {
    if (batch.empty()) return;
    float const low = finite(batch.low), high = finite(batch.high);
    if (!ready(state) || low < state[0]) state[0] = low;
    if (!ready(state) || high > state[1]) state[1] = high;
    double sum = 0, squares = 0, fresh = 0;
    for (std::size_t i = 0; i < batch.count; ++i) {
      if (!is_finite(batch.values[i])) continue;
      sum += static_cast<double>(finite(batch.values[i]));
      ++fresh;
    }
    double const mean = exact::divide(sum, fresh);
    for (std::size_t i = 0; i < batch.count; ++i) {
      if (!is_finite(batch.values[i])) continue;
      double const off = exact::subtract(static_cast<double>(finite(batch.values[i])), mean);
      squares = exact::add(squares, exact::multiply(off, off));
    }
    double const past = double{state[2]}, all = past + fresh;
    double const step = exact::subtract(mean, double{state[3]});
    double const between = exact::multiply(exact::multiply(step, step), exact::divide(past, all));
    double const kept = exact::multiply(double{state[4]}, past);
    double const total = exact::add(exact::add(kept, squares), exact::multiply(between, fresh));
    state[3] = finite(exact::round_to_float(
        exact::add(double{state[3]}, exact::multiply(step, exact::divide(fresh, all)))));
    state[4] = finite(exact::round_to_float(exact::divide(total, all)));
    state[2] = static_cast<float>(all);
  }
  template <grid_rule Grid> static constexpr code_grid place(float const* state) noexcept {
    static_assert(in_bounds, "sigma: a number above 0, up to 1000");
    double const variance = state[4] > 0 ? double{state[4]} : 0.0;
    double const reach = exact::multiply(exact::square_root(variance), Deviations.value);
    float const low = finite(exact::round_to_float(exact::subtract(double{state[3]}, reach)));
    float const high = finite(exact::round_to_float(exact::add(double{state[3]}, reach)));
    return Grid::fit({low > state[0] ? low : state[0], high < state[1] ? high : state[1]});
  }
};

/// The threshold whose quantized histogram of magnitudes has the least Kullback-Leibler divergence from the
/// histogram that is cut at it (TensorRT's calibration): 512 bins of magnitudes, thresholds every eighth.
/// One-sided values on a grid with a zero point get all codes, others as many on either side of zero.
struct entropy : histogram {
  static constexpr auto name = fixed_string("entropy");
  static constexpr bool needs_every_code = true;
  static constexpr int magnitudes = bins / 2;

  template <grid_rule Grid> static constexpr code_grid place(float const* state) noexcept {
    bool const positive = state[0] >= 0, negative = state[1] <= 0;
    bool const one_sided = Grid::has_zero_point && (positive || negative);
    int const levels = one_sided ? Grid::high - Grid::low + 1 : (Grid::high - Grid::low + 2) / 2;
    float const largest = grid::largest_magnitude({state[0], state[1]});
    float counts[magnitudes]{};
    for (int bin = 0; bin < bins; ++bin) {
      float const at = centre(state, bin);
      int const to = largest > 0 ? static_cast<int>((at < 0 ? -at : at) / largest * magnitudes) : 0;
      counts[to < magnitudes ? to : magnitudes - 1] += state[3 + bin];
    }
    int best = magnitudes;
    double least = levels < magnitudes ? divergence(counts, magnitudes, levels) : 0;
    for (int kept = magnitudes - 8; kept >= levels; kept -= 8) {
      double const found = divergence(counts, kept, levels);
      if (found < least) {
        least = found;
        best = kept;
      }
    }
    float const bound = largest * (static_cast<float>(best) / magnitudes);
    if (one_sided) return Grid::fit({positive ? 0.0F : -bound, positive ? bound : 0.0F});
    return Grid::fit({-bound, bound});
  }

 private:
  /// Of the first `kept` bins, the rest counted in the last of them, from their average over `levels` groups.
  static constexpr double divergence(float const* counts, int kept, int levels) noexcept {
    double outside = 0, all = 0, inside = 0;
    for (int i = 0; i < magnitudes; ++i) (i < kept ? inside : outside) += double{counts[i]};
    all = inside + outside;
    if (!(inside > 0)) return 0x1p100;  // everything is cut
    double sum = 0;
    for (int level = 0; level < levels; ++level) {
      int const first = level * kept / levels, last = (level + 1) * kept / levels;
      double total = 0;
      int occupied = 0;
      for (int i = first; i < last; ++i) {
        total += double{counts[i]};
        occupied += counts[i] > 0 || (i + 1 == kept && outside > 0) ? 1 : 0;
      }
      for (int i = first; i < last; ++i) {
        double const count = i + 1 == kept ? double{counts[i]} + outside : double{counts[i]};
        if (!(count > 0)) continue;
        double const share = exact::divide(count, all);
        double const average = exact::divide(exact::divide(total, occupied), inside);
        double const quantized = average > 0x1p-40 ? average : 0x1p-40;
        sum = exact::add(sum, exact::multiply(share, exact::log(exact::divide(share, quantized))));
      }
    }
    return sum;
  }
};

}  // namespace dyadic::range
