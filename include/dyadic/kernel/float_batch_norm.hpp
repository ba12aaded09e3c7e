#pragma once

#include <cstddef>
#include <type_traits>

#include <dyadic/kernel/float_blocks.hpp>

/// Batch norm of x[rows][channels], every channel by itself. Ioffe and Szegedy 2015; the backward pass is
/// that of statistics which are functions of the batch.
namespace dyadic::kernel {

/// Mean and biased variance of each column, rows >= 1: two passes, the sums in double.
template <instruction_set Arch>
void batch_statistics(Arch, std::ptrdiff_t rows, std::ptrdiff_t channels, float const* x, float* mean,
                      float* variance, shared_rows shared = {}) noexcept {
  for_each_block<Arch>(channels, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t c) {
    double sum[Batch::size];
    auto const value = [&](std::ptrdiff_t r, Batch* total) {
      total[0] = total[0] + Batch::load_unaligned(x + r * channels + c);
    };
    sum_rows<Batch, 1>(rows, sum, value, shared);
    for (std::size_t i = 0; i < Batch::size; ++i)
      mean[c + static_cast<std::ptrdiff_t>(i)] = static_cast<float>(sum[i] / static_cast<double>(rows));
    Batch const center = Batch::load_unaligned(mean + c);
    auto const square = [&](std::ptrdiff_t r, Batch* total) {
      Batch const difference = Batch::load_unaligned(x + r * channels + c) - center;
      total[0] = multiply_add(difference, difference, total[0]);
    };
    sum_rows<Batch, 1>(rows, sum, square, shared);
    for (std::size_t i = 0; i < Batch::size; ++i)
      variance[c + static_cast<std::ptrdiff_t>(i)] = static_cast<float>(sum[i] / static_cast<double>(rows));
  });
}

/// rstd = 1 / sqrt(variance + epsilon), for each channel. rstd may be variance.
template <instruction_set Arch>
void reciprocal_deviation(Arch, std::ptrdiff_t channels, float const* variance, float epsilon,
                          float* rstd) noexcept {
  for (std::ptrdiff_t c = 0; c < channels; ++c) rstd[c] = 1.0f / __builtin_sqrtf(variance[c] + epsilon);
}

/// y = gamma * (x - mean) * rstd + beta, by whatever statistics are given. y may be x.
template <instruction_set Arch>
void batch_norm_forward(Arch, std::ptrdiff_t rows, std::ptrdiff_t channels, float const* x, float const* mean,
                        float const* rstd, float const* gamma, float const* beta, float* y) noexcept {
  for_each_block<Arch>(channels, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t c) {
    Batch const center = Batch::load_unaligned(mean + c), offset = Batch::load_unaligned(beta + c);
    Batch const factor = Batch::load_unaligned(rstd + c) * Batch::load_unaligned(gamma + c);
    for (std::ptrdiff_t r = 0; r < rows; ++r) {
      Batch const difference = Batch::load_unaligned(x + r * channels + c) - center;
      multiply_add(difference, factor, offset).store_unaligned(y + r * channels + c);
    }
  });
}

namespace float_detail {

// The sums over the rows of dy and, behind them, of dy * xhat.
template <class Batch>
void gradient_sums(std::ptrdiff_t rows, std::ptrdiff_t channels, float const* x, float const* dy,
                   float const* mean, float const* rstd, double* sums, shared_rows const& shared) noexcept {
  Batch const center = Batch::load_unaligned(mean), scale = Batch::load_unaligned(rstd);
  auto const term = [=](std::ptrdiff_t r, Batch* total) {
    Batch const gradient = Batch::load_unaligned(dy + r * channels);
    Batch const normalized = (Batch::load_unaligned(x + r * channels) - center) * scale;
    total[0] = total[0] + gradient;
    total[1] = multiply_add(gradient, normalized, total[1]);
  };
  sum_rows<Batch, 2>(rows, sums, term, shared);
}

}  // namespace float_detail

/// The backward pass for statistics of this very batch: dgamma += sum(dy * xhat), dbeta += sum(dy),
/// dx = gamma * rstd * (dy - mean(dy) - xhat * mean(dy * xhat)), with xhat = (x - mean) * rstd. dx may be dy.
template <instruction_set Arch>
void batch_norm_backward(Arch, std::ptrdiff_t rows, std::ptrdiff_t channels, float const* x, float const* dy,
                         float const* mean, float const* rstd, float const* gamma, float* dx, float* dgamma,
                         float* dbeta, shared_rows shared = {}) noexcept {
  for_each_block<Arch>(channels, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t c) {
    double sum[2 * Batch::size];
    double const* const product = sum + Batch::size;
    float_detail::gradient_sums<Batch>(rows, channels, x + c, dy + c, mean + c, rstd + c, sum, shared);
    // dx = dy * factor + x * slope + offset.
    float slope[Batch::size], offset[Batch::size], factor[Batch::size];
    for (std::size_t i = 0; i < Batch::size; ++i) {
      std::ptrdiff_t const at = c + static_cast<std::ptrdiff_t>(i);
      dgamma[at] += static_cast<float>(product[i]);
      dbeta[at] += static_cast<float>(sum[i]);
      double const outer = static_cast<double>(gamma[at]) * static_cast<double>(rstd[at]);
      factor[i] = static_cast<float>(outer);
      slope[i] =
          static_cast<float>(-outer * static_cast<double>(rstd[at]) * product[i] / static_cast<double>(rows));
      offset[i] = static_cast<float>(-outer * sum[i] / static_cast<double>(rows));
    }
    Batch const center = Batch::load_unaligned(mean + c), factors = Batch::load_unaligned(factor),
                slopes = Batch::load_unaligned(slope), offsets = Batch::load_unaligned(offset);
    for_each_row(rows, shared, [=](std::ptrdiff_t r) {
      std::ptrdiff_t const at = r * channels + c;
      Batch const inner = multiply_add(Batch::load_unaligned(x + at) - center, slopes, offsets);
      multiply_add(Batch::load_unaligned(dy + at), factors, inner).store_unaligned(dx + at);
    });
  });
}

/// The backward pass for given (frozen) statistics: dgamma and dbeta as above; dx = gamma * rstd * dy. dx may
/// be dy.
template <instruction_set Arch>
void batch_norm_backward_frozen(Arch, std::ptrdiff_t rows, std::ptrdiff_t channels, float const* x,
                                float const* dy, float const* mean, float const* rstd, float const* gamma,
                                float* dx, float* dgamma, float* dbeta, shared_rows shared = {}) noexcept {
  for_each_block<Arch>(channels, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t c) {
    double sum[2 * Batch::size];
    double const* const product = sum + Batch::size;
    float_detail::gradient_sums<Batch>(rows, channels, x + c, dy + c, mean + c, rstd + c, sum, shared);
    for (std::size_t i = 0; i < Batch::size; ++i) {
      dgamma[c + static_cast<std::ptrdiff_t>(i)] += static_cast<float>(product[i]);
      dbeta[c + static_cast<std::ptrdiff_t>(i)] += static_cast<float>(sum[i]);
    }
    Batch const factor = Batch::load_unaligned(rstd + c) * Batch::load_unaligned(gamma + c);
    for_each_row(rows, shared, [=](std::ptrdiff_t r) {
      (Batch::load_unaligned(dy + r * channels + c) * factor).store_unaligned(dx + r * channels + c);
    });
  });
}

}  // namespace dyadic::kernel
