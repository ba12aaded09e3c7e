#pragma once

#include <algorithm>
#include <cmath>

/// What a straight-through estimator differentiates.
namespace surrogates {

/// The reals of a fake quantizer with codes 0 .. steps above an offset, as a function of its step and offset
/// while what rounding adds (at `held_step`, `held_offset`) is held.
struct quantizer {
  double value, steps, held_step, held_offset;

  double operator()(double step, double offset) const {
    double const held = (value - held_offset) / held_step;
    double const added = std::nearbyint(held) - held;
    double const place = (value - offset) / step;
    if (held <= 0 || held >= steps) return offset + step * std::clamp(place, 0.0, steps);
    return offset + step * (place + added);
  }
};

/// The derivative of `function` by its argument.
double slope(double at, auto const& function) {
  constexpr double h = 1e-6;
  return (function(at + h) - function(at - h)) / (2 * h);
}

}  // namespace surrogates
