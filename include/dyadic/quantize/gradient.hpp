#pragma once

#include <concepts>

#include <dyadic/core/functions.hpp>
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

/// 1 where the value itself lies between the grid's ends, 0 beyond: half a step narrower on either side than
/// `clipped` (TensorFlow's fake quantization).
struct clipped_before_rounding {
  static constexpr auto name = fixed_string("clipped_before_rounding");
  static constexpr float pass(float code, float low, float high) noexcept {
    return code >= low && code <= high ? 1.0F : 0.0F;
  }
};

/// 1 everywhere: clipped values keep their gradient (QKeras).
struct identity {
  static constexpr auto name = fixed_string("identity");
  static constexpr float pass(float, float, float) noexcept { return 1.0F; }
};

/// How steep the steps of soft quantization are: 0 is a straight line, 10 nearly a staircase.
struct steepness {
  double value = 4;
};

/// The slope of differentiable soft quantization (Gong et al. 2019): between two codes the staircase is taken
/// for tanh(k d) / (2 tanh(k / 2)), d the distance from the middle between them, k the steepness; so the
/// slope is k / (2 tanh(k / 2) cosh^2(k d)), large where the code is about to change. 0 beyond the grid's
/// ends. The forward pass rounds as ever.
template <steepness Steepness = steepness{}> struct soft {
  static constexpr bool in_bounds = 0 < Steepness.value && Steepness.value <= 32;
  static constexpr auto name =
      "soft<" + decimal_fraction<static_cast<int>(Steepness.value * 1000 + 0.5), 3>() + ">";
  static constexpr float pass(float code, float low, float high) noexcept {
    static_assert(in_bounds, "soft: a steepness above 0, up to 32");
    if (!(code >= low && code <= high)) return 0;
    constexpr double k = Steepness.value;
    constexpr double half_tanh = exact::tanh(k / 2);
    double const below = static_cast<double>(static_cast<int>(code - low)) + double{low};
    double const square = exact::exp(-2 * k * (double{code} - below - 0.5));
    return static_cast<float>(k / (2 * half_tanh) * 4 * square / ((1 + square) * (1 + square)));
  }
};

/// The sign's slope as 1 for |x| <= 1 (Hubara et al. 2016), x the weight in units of its scale. For `binary`.
struct sign {
  static constexpr auto name = fixed_string("sign");
  static constexpr float pass(float code, float, float) noexcept {
    return code >= -1 && code <= 1 ? 1.0F : 0.0F;
  }
};

/// The sign's slope as 2 - 2|x| for |x| <= 1, else 0 (Liu et al. 2018, Bi-Real Net; larq's approx_sign). For
/// `binary`.
struct approx_sign {
  static constexpr auto name = fixed_string("approx_sign");
  static constexpr float pass(float code, float, float) noexcept {
    float const magnitude = code < 0 ? -code : code;
    return magnitude <= 1 ? 2 - 2 * magnitude : 0.0F;
  }
};

/// The sign's slope as b (2 - b x tanh(b x / 2)) / (1 + cosh(b x)) with b = 5 (Darabi et al. 2018; larq's
/// swish_sign). For `binary`.
struct swish_sign {
  static constexpr auto name = fixed_string("swish_sign");
  static constexpr float pass(float code, float, float) noexcept {
    constexpr double beta = 5;
    double const magnitude = beta * double{code < 0 ? -code : code};
    if (!(magnitude < 80)) return 0;
    double const rise = exact::exp(-magnitude);
    double const tanh_of_half = (1 - rise) / (1 + rise);
    double const cosh = (1 / rise + rise) / 2;
    return static_cast<float>(beta * (2 - magnitude * tanh_of_half) / (1 + cosh));
  }
};

}  // namespace ste

}  // namespace dyadic
