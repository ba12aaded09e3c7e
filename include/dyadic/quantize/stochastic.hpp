#pragma once

#include <cstdint>
#include <type_traits>

#include <dyadic/core/name.hpp>
#include <dyadic/quantize/gradient.hpp>
#include <dyadic/quantize/grid.hpp>

namespace dyadic {

/// The code of a real whose quotient by the scale is rounded up with the probability of its fraction, so that
/// the mean over all chances is the quotient itself (Gupta et al. 2015): the integer below, and one more if
/// `chance`, uniform in [0, 1), is less than the fraction. Clamped; not-a-number gives the zero point.
constexpr std::int32_t encode_by_chance(float value, code_grid where, std::int32_t low, std::int32_t high,
                                        float chance) noexcept {
  if (!(value == value)) return where.zero;
  constexpr float limit = 0x1p20F;  // beyond every code
  float const quotient = clamp(value / where.scale, -limit, limit);
  auto below = static_cast<std::int32_t>(quotient);
  if (static_cast<float>(below) > quotient) --below;
  float const fraction = quotient - static_cast<float>(below);  // exact
  return clamp(below + (chance < fraction ? 1 : 0) + where.zero, low, high);
}

namespace ste {

/// Weights rounded by chance in training (`encode_by_chance`, by the run's generator, whose state is part of
/// a checkpoint); evaluation and deployment round to nearest. Gradients pass as by `Rule`. For weights whose
/// range is observed, on grids of all integers.
template <gradient_rule Rule = clipped> struct stochastic {
  static constexpr auto name = "stochastic<" + Rule::name + ">";
  using passes = Rule;
  static constexpr float pass(float code, float low, float high) noexcept {
    return Rule::pass(code, low, high);
  }
};

}  // namespace ste

/// Is a weight's code drawn in training?
template <class Gradient> inline constexpr bool is_drawn = false;
template <class Rule> inline constexpr bool is_drawn<ste::stochastic<Rule>> = true;

/// The rule by which gradients pass.
template <class Gradient> struct passing {
  using type = Gradient;
};
template <class Rule> struct passing<ste::stochastic<Rule>> {
  using type = Rule;
};

}  // namespace dyadic
