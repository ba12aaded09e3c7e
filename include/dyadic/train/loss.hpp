#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/core/index_of_largest.hpp>
#include <dyadic/core/name.hpp>
#include <dyadic/train/cross_entropy.hpp>
#include <dyadic/train/data.hpp>
#include <dyadic/train/errors.hpp>

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
concept sample_loss = requires(Loss const& loss, float const* outputs, std::size_t size, float* gradient) {
  Loss::name;
  loss.value_and_gradient(outputs, size, std::int32_t{}, gradient);
  loss.value_and_gradient(outputs, size, outputs, gradient);
};

/// A loss that has to see a batch's samples: `begin(samples)` before their outputs, which it then takes by
/// their number in the batch.
template <class Loss>
concept batch_loss =
    requires(Loss const& loss, batch const& samples, float const* outputs, float* gradient, std::size_t n) {
      Loss::name;
      loss.begin(samples);
      loss.value_and_gradient(n, outputs, n, std::int32_t{}, gradient);
      loss.value_and_gradient(n, outputs, n, outputs, gradient);
    };

template <class Loss>
concept loss_function = sample_loss<Loss> || batch_loss<Loss>;

/// A loss over a batch. `outputs` are [samples.count()][size]; `gradient` has their shape and receives the
/// gradient of the batch's mean loss; it may lie where the outputs lie, or be null. Real targets must be
/// `size` a sample.
template <loss_function Loss>
loss_value forward_backward(Loss const& loss, float const* outputs, std::size_t size, batch const& samples,
                            float* gradient) {
  auto const of_sample = [&](std::size_t i, float const* row, auto answer, float* to) {
    if constexpr (batch_loss<Loss>)
      return static_cast<double>(loss.value_and_gradient(i, row, size, answer, to));
    else
      return static_cast<double>(loss.value_and_gradient(row, size, answer, to));
  };
  if constexpr (batch_loss<Loss>) loss.begin(samples);
  loss_value found;
  found.count = samples.count();
  float const share = found.count == 0 ? 0 : 1 / static_cast<float>(found.count);
  for (std::size_t i = 0; i < found.count; ++i) {
    float const* const row = outputs + i * size;
    float* const to = gradient == nullptr ? nullptr : gradient + i * size;
    if (!samples.targets.empty()) {
      found.sum += of_sample(i, row, samples.targets.data() + i * samples.target_size, to);
    } else if (!samples.labels.empty()) {
      std::int32_t const label = samples.labels[i];
      ++found.labelled;
      if (label >= 0 && size > 0 && index_of_largest(row, size) == static_cast<std::size_t>(label))
        ++found.correct;
      found.sum += of_sample(i, row, label, to);
    }
    for (std::size_t j = 0; to != nullptr && j < size; ++j) to[j] *= share;
  }
  return found;
}

}  // namespace dyadic
