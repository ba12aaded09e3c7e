#pragma once

#include <cstddef>
#include "dyadic/kernel/float_source.hpp"

namespace dyadic::kernel {

/// Floats of workspace that `float_matmul` of these sizes needs, for every architecture.
constexpr std::ptrdiff_t float_matmul_workspace(std::ptrdiff_t, std::ptrdiff_t, std::ptrdiff_t) noexcept {
  return 0;
}

/// C = A * B, or C += A * B when `accumulate`: A is rows x depth, B is depth x columns, each a source with a
/// stride for each of its directions (a transpose is an exchange of strides and, for a source with scales,
/// `transposed`); the columns of C are adjacent. C overlaps neither A nor B. `workspace` holds
/// `float_matmul_workspace` floats.
template <class Arch, class SourceA, class SourceB>
void float_matmul(Arch, std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t depth, SourceA a,
                  std::ptrdiff_t a_row_stride, std::ptrdiff_t a_column_stride, SourceB b,
                  std::ptrdiff_t b_row_stride, std::ptrdiff_t b_column_stride, float* c,
                  std::ptrdiff_t c_row_stride, float*, bool accumulate) noexcept {
  for (std::ptrdiff_t m = 0; m < rows; ++m)
    for (std::ptrdiff_t n = 0; n < columns; ++n) {
      float sum = accumulate ? c[m * c_row_stride + n] : 0.0f;
      for (std::ptrdiff_t k = 0; k < depth; ++k)
        sum += float_at(a, m * a_row_stride + k * a_column_stride, m, k) *
               float_at(b, k * b_row_stride + n * b_column_stride, k, n);
      c[m * c_row_stride + n] = sum;
    }
}

}  // namespace dyadic::kernel
