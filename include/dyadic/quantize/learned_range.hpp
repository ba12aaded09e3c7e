#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/quantize/range.hpp>

/// Learned ranges beside `range::lsq`. What is learned is stored as itself and stays positive by its update.
namespace dyadic::range {

/// LSQ+ (Bhalgat et al. 2020): step and offset are learned; the offset is rounded to a zero point in the
/// forward pass. Started at the first batch's bounds (the paper minimizes a squared error). State: step,
/// offset, ready. For activations on a grid with a zero point.
struct lsq_plus {
  static constexpr auto name = fixed_string("lsq_plus");
  static constexpr std::size_t state_size = 3;
  static constexpr bool learned = true;
  static constexpr bool learns_offset = true;
  static constexpr bool activations_only = true;
  static constexpr bool needs_zero_point = true;
  static constexpr bool needs_values(float const*) noexcept { return false; }
  static constexpr bool ready(float const* state) noexcept { return state[2] > 0; }

  template <grid_rule Grid> static constexpr void observe(float* state, observation const& batch) noexcept {
    if (ready(state) || batch.empty()) return;
    code_grid const where = Grid::fit({finite(batch.low), finite(batch.high)});
    state[0] = where.scale > smallest_step ? where.scale : smallest_step;
    state[1] = state[0] * static_cast<float>(Grid::low - where.zero);
    state[2] = 1;
  }
  /// The offset is the real of the lowest code.
  template <grid_rule Grid> static constexpr code_grid place(float const* state) noexcept {
    float const scale = positive(state[0]);
    float steps = -finite(state[1]) / scale;
    steps = clamp(steps, 0.0F, static_cast<float>(Grid::high - Grid::low));
    auto const whole = static_cast<std::int32_t>(steps);
    return {scale, Grid::low + whole + (steps - static_cast<float>(whole) >= 0.5F ? 1 : 0)};
  }

  /// With the offset held: rounded - unrounded inside, outside the number of steps above the offset.
  template <grid_rule Grid>
  static constexpr float step_gradient(float unrounded, std::int32_t zero) noexcept {
    constexpr float steps = static_cast<float>(Grid::high - Grid::low);
    if (unrounded < static_cast<float>(Grid::low)) return 0;
    return unrounded > static_cast<float>(Grid::high) ? steps : lsq::step_gradient<Grid>(unrounded, zero);
  }
  /// d(quantized value) / d(offset): 0 inside, 1 where clipped.
  template <grid_rule Grid> static constexpr float offset_gradient(float unrounded) noexcept {
    return unrounded < static_cast<float>(Grid::low) || unrounded > static_cast<float>(Grid::high) ? 1.0F
                                                                                                   : 0.0F;
  }
  template <grid_rule Grid> static constexpr float gradient_scale(std::size_t count, float const*) noexcept {
    float const from_lowest[]{0, static_cast<float>(Grid::low)};
    return lsq::gradient_scale<Grid>(count, from_lowest);
  }
};

/// PACT (Choi et al. 2018): values from 0 to a learned bound, started at the first batch's largest value (the
/// paper: a constant). The bound's gradient is 1 where a value reaches it; the paper's L2 penalty on it is
/// not added. State: bound, ready. For activations on a grid with a zero point.
struct pact {
  static constexpr auto name = fixed_string("pact");
  static constexpr std::size_t state_size = 2;
  static constexpr bool learned = true;
  static constexpr bool activations_only = true;
  static constexpr bool needs_zero_point = true;
  static constexpr bool needs_values(float const*) noexcept { return false; }
  static constexpr bool ready(float const* state) noexcept { return state[1] > 0; }

  template <grid_rule Grid> static constexpr void observe(float* state, observation const& batch) noexcept {
    if (ready(state) || batch.empty()) return;
    float const high = finite(batch.high);
    state[0] = high > smallest_step ? high : 1.0F;
    state[1] = 1;
  }
  template <grid_rule Grid> static constexpr code_grid place(float const* state) noexcept {
    return Grid::fit({0, positive(state[0])});
  }
  template <grid_rule Grid> static constexpr float step_gradient(float unrounded, std::int32_t) noexcept {
    return unrounded >= static_cast<float>(Grid::high) ? 1.0F : 0.0F;
  }
  template <grid_rule Grid> static constexpr float gradient_scale(std::size_t, float const*) noexcept {
    return 1;
  }
};

/// Trained quantization thresholds (Jain et al. 2020): the scale is the power of two 2^ceil(log2 t) / 2^(b-1)
/// of a learned threshold t, started at the first batch's largest magnitude. t is stored itself, and the
/// power found by doubling; its gradient is the paper's by log2 t, divided by t ln 2. On a grid with a zero
/// point values that are not negative get all codes. State: threshold, zero point, ready.
struct tqt {
  static constexpr auto name = fixed_string("tqt");
  static constexpr bool power_of_two = true;
  static constexpr std::size_t state_size = 3;
  static constexpr bool learned = true;
  static constexpr bool needs_values(float const*) noexcept { return false; }
  static constexpr bool ready(float const* state) noexcept { return state[2] > 0; }

  template <grid_rule Grid> static constexpr void observe(float* state, observation const& batch) noexcept {
    if (ready(state) || batch.empty()) return;
    float const largest = grid::largest_magnitude({batch.low, batch.high});
    state[0] = largest > smallest_step ? largest : 1.0F;
    state[1] = lsq::zero_for<Grid>(batch);
    state[2] = 1;
  }
  template <grid_rule Grid> static constexpr code_grid place(float const* state) noexcept {
    float const threshold = positive(state[0]);
    auto const zero = static_cast<std::int32_t>(state[1]);
    float const steps = static_cast<float>(1 << (zero == 0 ? Grid::bits - 1 : Grid::bits));
    float scale = 0x1p-60F;
    while (scale * steps < threshold) scale *= 2;
    return {scale, zero};
  }
  template <grid_rule Grid>
  static constexpr float step_gradient(float unrounded, std::int32_t zero) noexcept {
    return lsq::step_gradient<Grid>(unrounded, zero);
  }
  template <grid_rule Grid> static constexpr float gradient_scale(std::size_t, float const* state) noexcept {
    return place<Grid>(state).scale / positive(state[0]);
  }
};

/// The second learned number of a rule, an offset.
template <class Rule> inline constexpr bool learns_offset = requires { Rule::learns_offset; };

}  // namespace dyadic::range
