#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <dyadic/core/result.hpp>
#include <dyadic/train/data.hpp>

namespace dyadic::detail {

/// The data set of two arrays of `count` samples and their answers, which the caller has compared. Samples
/// that are not bytes become reals. Answers of one integer each become labels; all others become targets.
/// `name` names the source in errors.
template <class Array>
result<data_set> data_set_of(Array samples, Array const& answers, std::size_t count, bool samples_are_bytes,
                             bool answers_are_real, char const* name) {
  data_set made;
  made.sample_size = samples.count() / count;
  if (samples_are_bytes) {
    made.bytes = std::move(samples.bytes);
  } else {
    made.reals.resize(samples.count());
    for (std::size_t i = 0; i < made.reals.size(); ++i) made.reals[i] = static_cast<float>(samples[i]);
  }
  if (answers_are_real || answers.count() != count) {
    made.target_size = answers.count() / count;
    made.targets.resize(answers.count());
    for (std::size_t i = 0; i < made.targets.size(); ++i) made.targets[i] = static_cast<float>(answers[i]);
    return made;
  }
  made.labels.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (!(answers[i] >= -0x1p31 && answers[i] < 0x1p31))
      return make_error(fault::malformed, "%s: label %zu does not fit 32 bits", name, i);
    made.labels[i] = static_cast<std::int32_t>(answers[i]);
  }
  return made;
}

}  // namespace dyadic::detail
