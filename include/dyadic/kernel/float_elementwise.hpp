#pragma once

#include <cstddef>
#include "dyadic/kernel/float_batch_norm.hpp"
#include "dyadic/kernel/float_pool.hpp"

namespace dyadic::kernel {

/// y[rows][channels] += bias[channels], in place.
template <class Arch>
void bias_add(Arch, std::ptrdiff_t rows, std::ptrdiff_t channels, float const* bias, float* y) noexcept {
  for (std::ptrdiff_t r = 0; r < rows; ++r)
    for (std::ptrdiff_t c = 0; c < channels; ++c) y[r * channels + c] += bias[c];
}

/// dbias[channels] += the sums of the columns of dy[rows][channels].
template <class Arch>
void bias_gradient(Arch, std::ptrdiff_t rows, std::ptrdiff_t channels, float const* dy,
                   float* dbias) noexcept {
  for (std::ptrdiff_t c = 0; c < channels; ++c) {
    double sum = 0;
    for (std::ptrdiff_t r = 0; r < rows; ++r) sum += static_cast<double>(dy[r * channels + c]);
    dbias[c] += static_cast<float>(sum);
  }
}

/// y = x limited to [low, high]; relu is [0, infinity]. y may be x.
template <class Arch>
void clamp_forward(Arch, std::ptrdiff_t count, float low, float high, float const* x, float* y) noexcept {
  for (std::ptrdiff_t i = 0; i < count; ++i) y[i] = x[i] < low ? low : x[i] > high ? high : x[i];
}

/// dx = dy where low < y < high, else 0; y is the input or the output of the clamp, which answers the same.
/// dx may be dy.
template <class Arch>
void clamp_backward(Arch, std::ptrdiff_t count, float low, float high, float const* y, float const* dy,
                    float* dx) noexcept {
  for (std::ptrdiff_t i = 0; i < count; ++i) dx[i] = y[i] > low && y[i] < high ? dy[i] : 0.0f;
}

}  // namespace dyadic::kernel
