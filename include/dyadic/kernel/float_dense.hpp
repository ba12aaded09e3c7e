#pragma once

#include <cstddef>
#include <dyadic/kernel/float_matmul.hpp>

namespace dyadic::kernel {

/// Floats of workspace that each of the three dense functions needs.
constexpr std::ptrdiff_t dense_workspace(std::ptrdiff_t rows, std::ptrdiff_t inputs,
                                         std::ptrdiff_t outputs) noexcept {
  std::ptrdiff_t const forward = float_matmul_workspace(rows, outputs, inputs);
  std::ptrdiff_t const input = float_matmul_workspace(rows, inputs, outputs);
  std::ptrdiff_t const weights = float_matmul_workspace(outputs, inputs, rows);
  std::ptrdiff_t const larger = forward < input ? input : forward;
  return larger < weights ? weights : larger;
}

/// y[rows][outputs] = x[rows][inputs] times the transpose of weights[outputs][inputs]; only the columns `of`.
template <class Arch, class Source, class Weights>
void dense_forward(Arch arch, std::ptrdiff_t rows, std::ptrdiff_t inputs, std::ptrdiff_t outputs, Source x,
                   Weights weights, float* y, float* workspace, result_range of = {}) noexcept {
  auto const [first, count] = of.within(outputs);
  float_matmul(arch, rows, count, inputs, x, inputs, 1, transposed(from_row(weights, first, first * inputs)),
               1, inputs, y + first, outputs, workspace, false);
}

/// dx[rows][inputs] = dy[rows][outputs] * weights[outputs][inputs]; only the columns `of`.
template <class Arch, class Weights>
void dense_backward_input(Arch arch, std::ptrdiff_t rows, std::ptrdiff_t inputs, std::ptrdiff_t outputs,
                          float const* dy, Weights weights, float* dx, float* workspace,
                          result_range of = {}) noexcept {
  auto const [first, count] = of.within(inputs);
  float_matmul(arch, rows, count, outputs, dy, outputs, 1, advanced(weights, first), inputs, 1, dx + first,
               inputs, workspace, false);
}

/// dw[outputs][inputs] += the transpose of dy[rows][outputs] times x[rows][inputs]; only the columns `of`.
template <class Arch, class Source>
void dense_backward_weights(Arch arch, std::ptrdiff_t rows, std::ptrdiff_t inputs, std::ptrdiff_t outputs,
                            Source x, float const* dy, float* dw, float* workspace,
                            result_range of = {}) noexcept {
  auto const [first, count] = of.within(inputs);
  float_matmul(arch, outputs, count, rows, dy, 1, outputs, advanced(x, first), inputs, 1, dw + first, inputs,
               workspace, true);
}

}  // namespace dyadic::kernel
