#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <dyadic/layer/activation.hpp>
#include <dyadic/layer/stage.hpp>
#include <dyadic/quantize/learned_range.hpp>

namespace dyadic {

/// Where a stage's output codes lie, as integers: the bounds include the activation's; the scale is the bits
/// of a float, for `decode` alone.
struct code_output {
  std::int32_t zero;
  std::int32_t low;
  std::int32_t high;
  std::uint32_t scale_bits;

  constexpr code_grid where() const noexcept { return {std::bit_cast<float>(scale_bits), zero}; }
};

/// The code of a number of another scale: the policy's formula, within the output's bounds.
template <class Policy, class Code, class Parameters, class Number>
constexpr Code requantized_code(Parameters const& by, Number number, code_output const& to) noexcept {
  return static_cast<Code>(clamp<std::int64_t>(Policy::apply(by, number, to.zero), to.low, to.high));
}

/// Does the rule ask for the values themselves, at least of the first batch?
template <class Range>
inline constexpr bool asks_for_values = [] {
  float const nothing_seen[Range::state_size + 1]{};
  return Range::needs_values(nothing_seen);
}();

/// The float block's segments for a range rule's memory: none where it remembers nothing. A learned rule's
/// first number is trained, and an offset behind it.
template <class Range> constexpr auto range_segments() noexcept {
  if constexpr (Range::state_size == 0)
    return std::array<segment, 0>{};
  else if constexpr (range::learns_offset<Range>)
    return std::array<segment, 3>{segment{"output_step", 1, true, parameter_kind::step},
                                  segment{"output_offset", 1, true, parameter_kind::bias},
                                  segment{"output_range", Range::state_size - 2}};
  else if constexpr (Range::learned)
    return std::array<segment, 2>{segment{"output_step", 1, true, parameter_kind::step},
                                  segment{"output_range", Range::state_size - 1}};
  else
    return std::array<segment, 1>{segment{"output_range", Range::state_size}};
}

template <std::size_t... Sizes>
constexpr auto joined_segments(std::array<segment, Sizes> const&... parts) noexcept {
  std::array<segment, (Sizes + ... + 0)> all{};
  std::size_t at = 0;
  auto const append = [&](auto const& part) {
    for (segment const& s : part) all[at++] = s;
  };
  (append(parts), ...);
  return all;
}

/// How reals become codes behind an activation, and what of a gradient passes back.
template <class Rule, class Activation> struct code_finish {
  using grid = typename Rule::grid;
  using gradient = typename Rule::gradient;
  using range = typename Rule::range;

  static constexpr float activate(float value) noexcept {
    return clamp(value, Activation::low, Activation::high);
  }

  static constexpr code_output output(code_grid where) noexcept {
    return {where.zero, encode(Activation::low, where, grid::low, grid::high),
            encode(Activation::high, where, grid::low, grid::high),
            std::bit_cast<std::uint32_t>(where.scale)};
  }

  /// With the clipped rule and a range that is not learned, the mask made with the codes says all.
  static constexpr bool mask_is_enough = std::is_same_v<gradient, ste::clipped> && !range::learned;

  /// The general rule, from the real values before activation and rounding; `features` numbers share the
  /// grid.
  class backward_pass {
   public:
    backward_pass(code_grid where, std::size_t features) noexcept
        : where_{where},
          active_low_{bound(Activation::low)},
          active_high_{bound(Activation::high)},
          features_{features} {}

    /// dy becomes the gradient before activation and rounding; a learned step's gradient is summed.
    void operator()(float const* values, float* dy, std::size_t count) noexcept {
      float const low = static_cast<float>(grid::low), high = static_cast<float>(grid::high);
      float const zero = static_cast<float>(where_.zero);
      float sums[lanes]{};
      auto const one = [&](std::size_t i, float& sum) {
        float const unrounded = values[i] / where_.scale + zero;
        if constexpr (range::learned) {
          float active = unrounded < active_low_ ? active_low_ : unrounded;
          active = active > active_high_ ? active_high_ : active;
          sum += dy[i] * range::template step_gradient<grid>(active, where_.zero);
          if constexpr (dyadic::range::learns_offset<range>)
            offset_ += static_cast<double>(dy[i] * range::template offset_gradient<grid>(active));
        }
        float const passed = dy[i] * gradient::pass(unrounded, low, high);
        bool const inside = unrounded >= active_low_ - 0.5F && unrounded <= active_high_ + 0.5F;
        dy[i] = inside ? passed : 0.0F;
      };
      std::size_t const rest = count % lanes;
      for (std::size_t i = 0; i < count - rest; i += lanes)
        for (std::size_t lane = 0; lane < lanes; ++lane) one(i + lane, sums[lane]);
      for (std::size_t lane = 0; lane < rest; ++lane) one(count - rest + lane, sums[lane]);
      for (float const sum : sums) step_ += double{sum};
    }

    /// Adds what another pass over the same tensor summed.
    void add(backward_pass const& other) noexcept {
      step_ += other.step_;
      offset_ += other.offset_;
    }

    /// Adds the gradients of a learned rule's numbers, scaled as the rule says, to those behind `gradients`;
    /// `state` is the rule's memory.
    void learn([[maybe_unused]] float const* state, [[maybe_unused]] float* gradients) const noexcept {
      if constexpr (range::learned) {
        float const scale = range::template gradient_scale<grid>(features_, state);
        gradients[0] += static_cast<float>(step_) * scale;
        if constexpr (dyadic::range::learns_offset<range>)
          gradients[1] += static_cast<float>(offset_) * scale;
      }
    }

   private:
    static constexpr std::size_t lanes = 16;

    /// An activation's bound as an unrounded code; none is beyond every code.
    float bound(float real_bound) const noexcept {
      constexpr float none = 0x1p20F;
      return clamp(unrounded_code(finite(real_bound), where_), -none, none);
    }

    code_grid where_;
    float active_low_;
    float active_high_;
    std::size_t features_;
    double step_ = 0;
    double offset_ = 0;
  };
};

}  // namespace dyadic
