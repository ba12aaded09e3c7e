#pragma once

#include <cmath>
#include <cstddef>

namespace dyadic::kernel {

/// Mean and biased variance of each column of x[rows][channels], rows >= 1.
template <class Arch>
void batch_statistics(Arch, std::ptrdiff_t rows, std::ptrdiff_t channels, float const* x, float* mean,
                      float* variance) noexcept {
  for (std::ptrdiff_t c = 0; c < channels; ++c) {
    double sum = 0, square = 0;
    for (std::ptrdiff_t r = 0; r < rows; ++r) sum += static_cast<double>(x[r * channels + c]);
    double const average = sum / static_cast<double>(rows);
    for (std::ptrdiff_t r = 0; r < rows; ++r) {
      double const difference = static_cast<double>(x[r * channels + c]) - average;
      square += difference * difference;
    }
    mean[c] = static_cast<float>(average);
    variance[c] = static_cast<float>(square / static_cast<double>(rows));
  }
}

/// rstd = 1 / sqrt(variance + epsilon), for each channel. rstd may be variance.
template <class Arch>
void reciprocal_deviation(Arch, std::ptrdiff_t channels, float const* variance, float epsilon,
                          float* rstd) noexcept {
  for (std::ptrdiff_t c = 0; c < channels; ++c) rstd[c] = 1.0f / std::sqrt(variance[c] + epsilon);
}

/// y = gamma * (x - mean) * rstd + beta, by whatever statistics are given. y may be x.
template <class Arch>
void batch_norm_forward(Arch, std::ptrdiff_t rows, std::ptrdiff_t channels, float const* x, float const* mean,
                        float const* rstd, float const* gamma, float const* beta, float* y) noexcept {
  for (std::ptrdiff_t r = 0; r < rows; ++r)
    for (std::ptrdiff_t c = 0; c < channels; ++c)
      y[r * channels + c] = gamma[c] * ((x[r * channels + c] - mean[c]) * rstd[c]) + beta[c];
}

/// dgamma += sum of dy * (x - mean) * rstd, dbeta += sum of dy, over the rows.
template <class Arch>
void batch_norm_backward_parameters(Arch, std::ptrdiff_t rows, std::ptrdiff_t channels, float const* x,
                                    float const* dy, float const* mean, float const* rstd, float* dgamma,
                                    float* dbeta) noexcept {
  for (std::ptrdiff_t c = 0; c < channels; ++c) {
    double sum = 0, product = 0;
    for (std::ptrdiff_t r = 0; r < rows; ++r) {
      double const gradient = static_cast<double>(dy[r * channels + c]);
      sum += gradient;
      product += gradient * static_cast<double>((x[r * channels + c] - mean[c]) * rstd[c]);
    }
    dgamma[c] += static_cast<float>(product);
    dbeta[c] += static_cast<float>(sum);
  }
}

/// The whole backward pass for statistics of this very batch: dgamma and dbeta are added to; dx = gamma *
/// rstd * (dy - mean(dy) - xhat * mean(dy * xhat)), xhat = (x - mean) * rstd. dx may be dy. `workspace`: 2 *
/// channels.
template <class Arch>
void batch_norm_backward(Arch arch, std::ptrdiff_t rows, std::ptrdiff_t channels, float const* x,
                         float const* dy, float const* mean, float const* rstd, float const* gamma, float* dx,
                         float* dgamma, float* dbeta, float* workspace) noexcept {
  float* const product = workspace;
  float* const sum = workspace + channels;
  for (std::ptrdiff_t c = 0; c < 2 * channels; ++c) workspace[c] = 0;
  batch_norm_backward_parameters(arch, rows, channels, x, dy, mean, rstd, product, sum);
  float const reciprocal = 1.0f / static_cast<float>(rows);
  for (std::ptrdiff_t r = 0; r < rows; ++r)
    for (std::ptrdiff_t c = 0; c < channels; ++c) {
      float const normalized = (x[r * channels + c] - mean[c]) * rstd[c];
      dx[r * channels + c] =
          gamma[c] * rstd[c] * (dy[r * channels + c] - (sum[c] + normalized * product[c]) * reciprocal);
    }
  for (std::ptrdiff_t c = 0; c < channels; ++c) {
    dgamma[c] += product[c];
    dbeta[c] += sum[c];
  }
}

/// The whole backward pass for given (frozen) statistics: dgamma and dbeta are added to; dx = gamma * rstd *
/// dy. dx may be dy.
template <class Arch>
void batch_norm_backward_frozen(Arch arch, std::ptrdiff_t rows, std::ptrdiff_t channels, float const* x,
                                float const* dy, float const* mean, float const* rstd, float const* gamma,
                                float* dx, float* dgamma, float* dbeta) noexcept {
  batch_norm_backward_parameters(arch, rows, channels, x, dy, mean, rstd, dgamma, dbeta);
  for (std::ptrdiff_t r = 0; r < rows; ++r)
    for (std::ptrdiff_t c = 0; c < channels; ++c)
      dx[r * channels + c] = gamma[c] * rstd[c] * dy[r * channels + c];
}

}  // namespace dyadic::kernel
