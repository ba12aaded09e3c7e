#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <dyadic/core/index_of_largest.hpp>
#include <dyadic/core/name.hpp>
#include <dyadic/train/data.hpp>

namespace dyadic {

/// What a loss found over some samples; sums of batches add up to those of an epoch.
struct loss_value {
  double sum = 0;  ///< of the samples' losses
  std::size_t correct =
      0;  ///< samples whose largest output is that of their label; the first of equal ones counts
  std::size_t labelled = 0;
  std::size_t count = 0;

  double mean() const noexcept { return count == 0 ? 0 : sum / static_cast<double>(count); }
  /// The part of labelled samples that is correct, 0 to 1; 0 without labels.
  double accuracy() const noexcept {
    return labelled == 0 ? 0 : static_cast<double>(correct) / static_cast<double>(labelled);
  }
  loss_value& operator+=(loss_value const& other) noexcept {
    sum += other.sum;
    correct += other.correct;
    labelled += other.labelled;
    count += other.count;
    return *this;
  }
};

/// A loss of one sample's outputs: `value_and_gradient` for a label and for real targets returns the loss and
/// writes its gradient, which may lie where the outputs lie, or nowhere (a null pointer: evaluation).
template <class Loss>
concept loss_function = requires(float const* outputs, std::size_t size, float* gradient) {
  Loss::name;
  { Loss::value_and_gradient(outputs, size, std::int32_t{}, gradient) };
  { Loss::value_and_gradient(outputs, size, outputs, gradient) };
};

/// Minus the logarithm of the softmax probability of the right class. Outputs are logits: any real numbers,
/// in natural units. Real targets are the probabilities of the classes. Stable: only differences from the
/// largest logit are exponentiated.
struct cross_entropy {
  static constexpr auto name = fixed_string{"cross_entropy"};

  /// A label that is no class has no loss and no gradient (data_view::check finds those beforehand).
  template <class Real>
  static Real value_and_gradient(Real const* logits, std::size_t classes, std::int32_t label,
                                 Real* gradient) noexcept {
    if (label < 0 || static_cast<std::size_t>(label) >= classes) return no_loss(classes, gradient);
    Real const right = logits[label];
    Real const log_sum = softmax(logits, classes, gradient);
    if (gradient != nullptr) gradient[label] -= 1;
    return log_sum - right;
  }

  template <class Real>
  static Real value_and_gradient(Real const* logits, std::size_t classes, Real const* targets,
                                 Real* gradient) noexcept {
    Real weighted = 0;
    Real total = 0;
    for (std::size_t i = 0; i < classes; ++i) {
      weighted += targets[i] * logits[i];
      total += targets[i];
    }
    Real const log_sum = softmax(logits, classes, gradient);
    if (gradient != nullptr)
      for (std::size_t i = 0; i < classes; ++i) gradient[i] = total * gradient[i] - targets[i];
    return total * log_sum - weighted;
  }

 private:
  template <class Real> static Real no_loss(std::size_t classes, Real* gradient) noexcept {
    for (std::size_t i = 0; gradient != nullptr && i < classes; ++i) gradient[i] = 0;
    return 0;
  }

  // Writes the probabilities, unless to nowhere; returns log(sum(exp(logits))).
  template <class Real>
  static Real softmax(Real const* logits, std::size_t classes, Real* probabilities) noexcept {
    if (classes == 0) return 0;
    Real const largest = logits[index_of_largest(logits, classes)];
    Real sum = 0;
    for (std::size_t i = 0; i < classes; ++i) {
      Real const power = std::exp(logits[i] - largest);
      if (probabilities != nullptr) probabilities[i] = power;
      sum += power;
    }
    if (probabilities != nullptr)
      for (std::size_t i = 0; i < classes; ++i) probabilities[i] /= sum;
    return largest + std::log(sum);
  }
};

/// The mean over a sample's outputs of the squared difference from its targets. A label stands for targets
/// that are 1 at its class and 0 elsewhere.
struct mean_squared_error {
  static constexpr auto name = fixed_string{"mean_squared_error"};

  template <class Real>
  static Real value_and_gradient(Real const* outputs, std::size_t size, std::int32_t label,
                                 Real* gradient) noexcept {
    return against(outputs, size, gradient, [label](std::size_t i) {
      return label >= 0 && static_cast<std::size_t>(label) == i ? Real{1} : Real{0};
    });
  }

  template <class Real>
  static Real value_and_gradient(Real const* outputs, std::size_t size, Real const* targets,
                                 Real* gradient) noexcept {
    return against(outputs, size, gradient, [targets](std::size_t i) { return targets[i]; });
  }

 private:
  template <class Real, class Target>
  static Real against(Real const* outputs, std::size_t size, Real* gradient, Target target) noexcept {
    if (size == 0) return 0;
    Real const share = 1 / static_cast<Real>(size);
    Real sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
      Real const difference = outputs[i] - target(i);
      sum += difference * difference;
      if (gradient != nullptr) gradient[i] = 2 * share * difference;
    }
    return share * sum;
  }
};

/// A loss over a batch. `outputs` are [samples.count()][size]; `gradient` has their shape and receives the
/// gradient of the batch's mean loss; it may lie where the outputs lie, or be null. Real targets must be
/// `size` a sample.
template <loss_function Loss>
loss_value forward_backward(Loss, float const* outputs, std::size_t size, batch const& samples,
                            float* gradient) noexcept {
  loss_value found;
  found.count = samples.count();
  float const share = found.count == 0 ? 0 : 1 / static_cast<float>(found.count);
  for (std::size_t i = 0; i < found.count; ++i) {
    float const* const row = outputs + i * size;
    float* const to = gradient == nullptr ? nullptr : gradient + i * size;
    if (!samples.targets.empty()) {
      found.sum += static_cast<double>(
          Loss::value_and_gradient(row, size, samples.targets.data() + i * samples.target_size, to));
    } else if (!samples.labels.empty()) {
      std::int32_t const label = samples.labels[i];
      ++found.labelled;
      if (label >= 0 && size > 0 && index_of_largest(row, size) == static_cast<std::size_t>(label))
        ++found.correct;
      found.sum += static_cast<double>(Loss::value_and_gradient(row, size, label, to));
    }
    for (std::size_t j = 0; to != nullptr && j < size; ++j) to[j] *= share;
  }
  return found;
}

}  // namespace dyadic
