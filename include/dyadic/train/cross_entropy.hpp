#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <dyadic/core/index_of_largest.hpp>
#include <dyadic/core/math.hpp>
#include <dyadic/core/name.hpp>

namespace dyadic {

/// Minus the logarithm of the softmax probability of the right class. Outputs are logits: any real numbers,
/// in natural units. Real targets are the probabilities of the classes. Stable: only differences from the
/// largest logit are exponentiated.
struct cross_entropy {
  static constexpr auto name = fixed_string{"cross_entropy"};

  /// 0 to 1: the right class's target is 1 - smoothing, and smoothing is spread evenly over all classes
  /// (Szegedy et al. 2016).
  float smoothing = 0;
  /// What the terms of a class count; 1 for classes beyond its end. Borrowed. A batch's loss is the mean over
  /// its samples, whatever their weights.
  std::span<float const> class_weights{};

  /// A label that is no class has no loss and no gradient (data_view::check finds those beforehand).
  template <class Real>
  Real value_and_gradient(Real const* logits, std::size_t classes, std::int32_t label,
                          Real* gradient) const noexcept {
    if (label < 0 || static_cast<std::size_t>(label) >= classes) {
      for (std::size_t i = 0; gradient != nullptr && i < classes; ++i) gradient[i] = 0;
      return 0;
    }
    auto const right = static_cast<std::size_t>(label);
    return against(logits, classes, gradient,
                   [right](std::size_t i) { return i == right ? Real{1} : Real{0}; });
  }

  template <class Real>
  Real value_and_gradient(Real const* logits, std::size_t classes, Real const* targets,
                          Real* gradient) const noexcept {
    return against(logits, classes, gradient, [targets](std::size_t i) { return targets[i]; });
  }

 private:
  template <class Real, class Target>
  Real against(Real const* logits, std::size_t classes, Real* gradient, Target target) const noexcept {
    if (classes == 0) return 0;
    auto const kept = static_cast<Real>(1 - smoothing);
    Real const spread = static_cast<Real>(smoothing) / static_cast<Real>(classes);
    auto const weighed = [&](std::size_t i) {
      Real const smooth = kept * target(i) + spread;
      return i < class_weights.size() ? static_cast<Real>(class_weights[i]) * smooth : smooth;
    };
    Real weighted = 0;
    Real total = 0;
    for (std::size_t i = 0; i < classes; ++i) {
      Real const share = weighed(i);
      weighted += share * logits[i];
      total += share;
    }
    Real const log_sum = softmax(logits, classes, gradient);
    if (gradient != nullptr)
      for (std::size_t i = 0; i < classes; ++i) gradient[i] = total * gradient[i] - weighed(i);
    return total * log_sum - weighted;
  }

  // Writes the probabilities, unless to nowhere; returns log(sum(exp(logits))).
  template <class Real>
  static Real softmax(Real const* logits, std::size_t classes, Real* probabilities) noexcept {
    Real const largest = logits[index_of_largest(logits, classes)];
    Real sum = 0;
    for (std::size_t i = 0; i < classes; ++i) {
      Real const power = math::exp(logits[i] - largest);
      if (probabilities != nullptr) probabilities[i] = power;
      sum += power;
    }
    if (probabilities != nullptr)
      for (std::size_t i = 0; i < classes; ++i) probabilities[i] /= sum;
    return largest + math::log(sum);
  }
};

}  // namespace dyadic
