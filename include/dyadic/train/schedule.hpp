#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <numbers>

#include <dyadic/core/name.hpp>

namespace dyadic {

/// A schedule gives the factor of an optimizer's rate for an update: `progress` is the part of the run that
/// is done, 0 before the first update and below 1 at the last; `step` the number of updates before it.
template <class Schedule>
concept schedule = requires(Schedule const plan) {
  { plan.factor(double{}, std::uint64_t{}) } -> std::convertible_to<float>;
  Schedule::name;
};

/// The same rate throughout.
struct constant {
  static constexpr auto name = fixed_string{"constant"};

  constexpr float factor(double, std::uint64_t) const noexcept { return 1; }
};

/// The full rate until `begin` of the run, then half a cosine's wave down to `floor` at its end.
struct cosine {
  static constexpr auto name = fixed_string{"cosine"};

  double begin = 0;  ///< 0 to 1: 0.6 keeps the full rate for three epochs of five
  double floor = 0;  ///< part of the full rate that is left at the end

  float factor(double progress, std::uint64_t) const noexcept {
    if (progress <= begin) return 1;
    if (progress >= 1) return static_cast<float>(floor);
    double const fallen = (progress - begin) / (1 - begin);
    return static_cast<float>(floor + (1 - floor) * 0.5 * (1 + std::cos(std::numbers::pi * fallen)));
  }
};

/// A rate that rises evenly from nearly 0, over `steps` updates or over a `fraction` of the run (the longer
/// of both), times the factor of what follows: `warm_up<cosine>{.steps = 100}`.
template <schedule Then = constant> struct warm_up {
  static constexpr auto name = fixed_string{"warm_up<"} + Then::name + ">";

  std::uint64_t steps = 0;
  double fraction = 0;
  Then then{};

  float factor(double progress, std::uint64_t step) const noexcept {
    double risen = 1;
    if (step < steps) risen = static_cast<double>(step + 1) / static_cast<double>(steps);
    if (progress < fraction && progress / fraction < risen) risen = progress / fraction;
    return static_cast<float>(risen * static_cast<double>(then.factor(progress, step)));
  }
};

}  // namespace dyadic
