#pragma once

#include <concepts>

#include <dyadic/core/name.hpp>

namespace dyadic {

/// What passes straight through a quantizer in the backward pass: the factor on the gradient of a value whose
/// unrounded code is `code` on a grid of codes low .. high.
template <class Rule>
concept gradient_rule = requires(float code, float low, float high) {
  { Rule::pass(code, low, high) } -> std::convertible_to<float>;
  Rule::name.size();
};

namespace ste {

/// 1 where the rounded code is on the grid, 0 where it was clipped (Bengio et al. 2013; PyTorch's mask).
struct clipped {
  static constexpr auto name = fixed_string("clipped");
  static constexpr float pass(float code, float low, float high) noexcept {
    return code >= low - 0.5F && code <= high + 0.5F ? 1.0F : 0.0F;
  }
};

/// 1 everywhere: clipped values keep their gradient (QKeras).
struct identity {
  static constexpr auto name = fixed_string("identity");
  static constexpr float pass(float, float, float) noexcept { return 1.0F; }
};

}  // namespace ste

}  // namespace dyadic
