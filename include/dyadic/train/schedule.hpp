#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numbers>

#include <dyadic/core/math.hpp>
#include <dyadic/core/name.hpp>

namespace dyadic {

/// A schedule gives the factor of an optimizer's rate for an update: `progress` is the part of the run that
/// is done, 0 before the first update and below 1 at the last; `step` the number of updates before it. A
/// schedule of `memory` doubles remembers: the run keeps them for it (and saves them), all 0 at first, and
/// `observe` is told a metric after each epoch, smaller being better.
template <class Schedule>
concept schedule = requires(Schedule const plan, double* memory) {
  Schedule::name;
  requires requires {
    { plan.factor(double{}, std::uint64_t{}) } -> std::convertible_to<float>;
  } || requires {
    { Schedule::memory } -> std::convertible_to<std::size_t>;
    { plan.factor(double{}, std::uint64_t{}, memory) } -> std::convertible_to<float>;
    plan.observe(double{}, memory);
  };
};

/// Doubles that a schedule remembers.
template <schedule Schedule> constexpr std::size_t memory_of() noexcept {
  if constexpr (requires { Schedule::memory; })
    return Schedule::memory;
  else
    return 0;
}

/// A schedule's factor, and what it makes of a metric, whether it remembers or not.
template <schedule Schedule>
constexpr float factor_of(Schedule const& plan, double progress, std::uint64_t step,
                          double const* memory) noexcept {
  if constexpr (memory_of<Schedule>() != 0)
    return plan.factor(progress, step, memory);
  else
    return plan.factor(progress, step);
}
template <schedule Schedule>
constexpr void observe(Schedule const& plan, double metric, double* memory) noexcept {
  if constexpr (memory_of<Schedule>() != 0) plan.observe(metric, memory);
}

/// The same rate throughout.
struct constant {
  static constexpr auto name = fixed_string{"constant"};

  constexpr float factor(double, std::uint64_t) const noexcept { return 1; }
};

/// Another factor after each `every` of the run: `step_decay{.every = 0.3}` trains three tenths at the full
/// rate, three at a tenth of it, three at a hundredth, and the rest at a thousandth.
struct step_decay {
  static constexpr auto name = fixed_string{"step_decay"};

  double every = 1.0 / 3;
  double factor_each = 0.1;

  constexpr float factor(double progress, std::uint64_t) const noexcept {
    double now = 1;
    for (double at = every; every > 0 && at <= progress && now > 0; at += every) now *= factor_each;
    return static_cast<float>(now);
  }
};

/// The same relative fall at each update, from 1 to `end` over the run.
struct exponential {
  static constexpr auto name = fixed_string{"exponential"};

  double end = 0.01;  ///< above 0

  float factor(double progress, std::uint64_t) const noexcept {
    return static_cast<float>(math::power(end, progress < 1 ? progress : 1.0));
  }
};

namespace detail {

/// Half a cosine's wave: `from` where `part` is 0, `to` where it is 1.
inline float half_wave(double from, double to, double part) noexcept {
  return static_cast<float>(to + (from - to) * 0.5 * (1 + math::cosine(std::numbers::pi * part)));
}

}  // namespace detail

/// The full rate until `begin` of the run, then half a cosine's wave down to `floor` at its end.
struct cosine {
  static constexpr auto name = fixed_string{"cosine"};

  double begin = 0;  ///< 0 to 1: 0.6 keeps the full rate for three epochs of five
  double floor = 0;  ///< part of the full rate that is left at the end

  float factor(double progress, std::uint64_t) const noexcept {
    if (progress <= begin) return 1;
    if (progress >= 1) return static_cast<float>(floor);
    return detail::half_wave(1, floor, (progress - begin) / (1 - begin));
  }
};

/// One wave of the rate (Smith, Topin 2018; PyTorch's cosine form): from `start` up to 1 in the first `rise`
/// of the run, then down to `floor`. The optimizer's rate is the largest.
struct one_cycle {
  static constexpr auto name = fixed_string{"one_cycle"};

  double rise = 0.3;
  double start = 1.0 / 25;
  double floor = 1.0 / 250'000;

  float factor(double progress, std::uint64_t) const noexcept {
    if (progress < rise) return detail::half_wave(start, 1, progress / rise);
    return progress >= 1 ? static_cast<float>(floor)
                         : detail::half_wave(1, floor, (progress - rise) / (1 - rise));
  }
};

/// A smaller rate each time the metric has not fallen for more than `patience` epochs. `fit` gives it the
/// validation loss, the training loss where there is no validation, or one minus the accuracy (its option
/// `watch`).
struct reduce_on_plateau {
  static constexpr auto name = fixed_string{"reduce_on_plateau"};
  static constexpr std::size_t memory = 4;  ///< epochs seen, best metric, epochs since then, reductions

  double factor_each = 0.1;
  std::size_t patience = 10;
  double least = 1e-4;  ///< a metric that is better by a smaller part of the best is no better
  double floor = 0;     ///< no factor is below

  constexpr float factor(double, std::uint64_t, double const* remembered) const noexcept {
    double now = 1;
    for (double i = 0; i < remembered[3] && now > floor; ++i) now *= factor_each;
    return static_cast<float>(now > floor ? now : floor);
  }

  constexpr void observe(double metric, double* remembered) const noexcept {
    double const size = remembered[1] < 0 ? -remembered[1] : remembered[1];
    bool const first = remembered[0]++ == 0 || remembered[1] != remembered[1];
    if (first || metric < remembered[1] - least * size) {
      remembered[1] = metric;
      remembered[2] = 0;
    } else if (++remembered[2] > static_cast<double>(patience)) {
      remembered[2] = 0;
      ++remembered[3];
    }
  }
};

/// A rate that rises evenly from nearly 0, over `steps` updates or over a `fraction` of the run (the longer
/// of both), times the factor of what follows: `warm_up<cosine>{.steps = 100}`.
template <schedule Then = constant> struct warm_up {
  static constexpr auto name = fixed_string{"warm_up<"} + Then::name + ">";
  static constexpr std::size_t memory = memory_of<Then>();

  std::uint64_t steps = 0;
  double fraction = 0;
  Then then{};

  float factor(double progress, std::uint64_t step, double const* remembered = nullptr) const noexcept {
    double risen = 1;
    if (step < steps) risen = static_cast<double>(step + 1) / static_cast<double>(steps);
    if (progress < fraction && progress / fraction < risen) risen = progress / fraction;
    return static_cast<float>(risen * static_cast<double>(factor_of(then, progress, step, remembered)));
  }
  void observe(double metric, double* remembered) const noexcept {
    dyadic::observe(then, metric, remembered);
  }
};

}  // namespace dyadic
