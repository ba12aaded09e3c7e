#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <dyadic/layer/activation.hpp>
#include <dyadic/layer/stage.hpp>

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

/// Does the rule ask for the values themselves, at least of the first batch?
template <class Range>
inline constexpr bool asks_for_values = [] {
  float const nothing_seen[Range::state_size]{};
  return Range::needs_values(nothing_seen);
}();

/// What a batch of reals shows.
inline observation seen_in(float const* values, std::size_t count) noexcept {
  observation seen{values[0], values[0], values, count};
  for (std::size_t i = 1; i < count; ++i) {
    seen.low = values[i] < seen.low ? values[i] : seen.low;
    seen.high = values[i] > seen.high ? values[i] : seen.high;
  }
  return seen;
}

/// The float block's segments for a range rule's memory. A learned rule's first number is trained.
template <class Range> constexpr auto range_segments() noexcept {
  if constexpr (Range::learned)
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

  /// The general rule, element by element, from the real value before activation and rounding.
  class backward_pass {
   public:
    backward_pass(code_grid where, std::size_t features) noexcept
        : where_{where}, bounds_{code_finish::output(where)}, features_{features} {}

    float operator()(float value, float dy) noexcept {
      float const unrounded = unrounded_code(value, where_);
      if constexpr (range::learned) {
        std::int32_t const code = encode(activate(value), where_, grid::low, grid::high);
        float const active = unrounded_code(activate(value), where_);
        step_ += double{dy * range::template step_gradient<grid>(active, code, where_.zero)};
      }
      if (unrounded < static_cast<float>(bounds_.low) - 0.5F && Activation::low > -largest_bound) return 0;
      if (unrounded > static_cast<float>(bounds_.high) + 0.5F && Activation::high < largest_bound) return 0;
      return dy * gradient::pass(unrounded, float{grid::low}, float{grid::high});
    }

    void add_step_gradient(float* gradient_of_step) const noexcept {
      if constexpr (range::learned)
        *gradient_of_step +=
            static_cast<float>(step_) * range::template gradient_scale<grid>(features_, where_.zero);
    }

   private:
    code_grid where_;
    code_output bounds_;
    std::size_t features_;
    double step_ = 0;
  };
};

}  // namespace dyadic
