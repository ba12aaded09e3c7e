#pragma once

#include <cstddef>
#include <type_traits>

#include <dyadic/kernel/float_batch_norm.hpp>
#include <dyadic/kernel/float_blocks.hpp>
#include <dyadic/kernel/float_pool.hpp>

namespace dyadic::kernel {

/// y[rows][channels] += bias[channels], in place.
template <instruction_set Arch>
void bias_add(Arch, std::ptrdiff_t rows, std::ptrdiff_t channels, float const* bias, float* y) noexcept {
  for_each_block<Arch>(channels, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t c) {
    Batch const offset = Batch::load_unaligned(bias + c);
    for (std::ptrdiff_t r = 0; r < rows; ++r) {
      float* const at = y + r * channels + c;
      (Batch::load_unaligned(at) + offset).store_unaligned(at);
    }
  });
}

/// dbias[channels] += the sums of the columns of dy[rows][channels].
template <instruction_set Arch>
void bias_gradient(Arch, std::ptrdiff_t rows, std::ptrdiff_t channels, float const* dy, float* dbias,
                   shared_rows shared = {}) noexcept {
  for_each_block<Arch>(channels, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t c) {
    double sum[Batch::size];
    auto const value = [&](std::ptrdiff_t r, Batch* total) {
      total[0] = total[0] + Batch::load_unaligned(dy + r * channels + c);
    };
    sum_rows<Batch, 1>(rows, sum, value, shared);
    for (std::size_t i = 0; i < Batch::size; ++i)
      dbias[c + static_cast<std::ptrdiff_t>(i)] += static_cast<float>(sum[i]);
  });
}

/// y = x limited to [low, high]; relu is [0, infinity]. y may be x.
template <instruction_set Arch>
void clamp_forward(Arch, std::ptrdiff_t count, float low, float high, float const* x, float* y) noexcept {
  for_each_block<Arch>(count, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t i) {
    Batch const value = Batch::load_unaligned(x + i), least(low), most(high);
    Batch const raised = select_less(value, least, least, value);
    select_less(most, raised, most, raised).store_unaligned(y + i);
  });
}

/// dx = dy where low < y < high, else 0; y is the input or the output of the clamp, which answers the same.
/// dx may be dy.
template <instruction_set Arch>
void clamp_backward(Arch, std::ptrdiff_t count, float low, float high, float const* y, float const* dy,
                    float* dx) noexcept {
  for_each_block<Arch>(count, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t i) {
    Batch const value = Batch::load_unaligned(y + i), gradient = Batch::load_unaligned(dy + i), zero(0.0f);
    Batch const above = select_less(Batch(low), value, gradient, zero);
    select_less(value, Batch(high), above, zero).store_unaligned(dx + i);
  });
}

}  // namespace dyadic::kernel
