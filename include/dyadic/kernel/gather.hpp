#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/matmul.hpp>
#include <dyadic/kernel/shape.hpp>

namespace dyadic::kernel {

/// Copies the segments of one row, `depth` elements each, one behind the other. Outside constant expressions
/// it reads and writes up to 16 elements at a time: both sides have `read_slack`, and a row is followed by
/// rows yet to be written.
template <class Activation>
constexpr void gather_row(matmul_shape const& from, Activation const* x, Activation* to) noexcept {
  if (std::is_constant_evaluated()) {
    for (std::size_t s = 0; s < from.segments; ++s)
      for (std::size_t k = 0; k < from.depth; ++k)
        *to++ = x[from.segment_offset(s) + static_cast<std::ptrdiff_t>(k)];
    return;
  }
  for (std::size_t s = 0; s < from.segments; ++s, to += from.depth, x += from.segment_stride)
    if (from.depth <= 8)
      __builtin_memcpy(to, x, 8 * sizeof *to);
    else
      __builtin_memcpy(to, x, 16 * sizeof *to);
}

/// `matmul` of rows whose narrow segments are gathered into one, a group of rows at a time: `weights` are
/// packed with one segment of segments * depth inputs. A segment has at most 16 elements, all of a row's at
/// most `most_gathered`.
template <int StorageBits, class Sum = std::int32_t, compiled Arch, class Activation, class Sums,
          class Output, class Code>
constexpr void gathered_matmul(Arch arch, matmul_shape const& shape, Activation const* x,
                               std::uint8_t const* weights, Sums weight_sums, Output const& output,
                               Code* y) noexcept {
  constexpr std::size_t room = 4 * most_gathered;
  std::size_t const depth = shape.segments * shape.depth;
  std::size_t const stride = (depth + unit_inputs - 1) / unit_inputs * unit_inputs;
  matmul_shape together = shape;
  together.segments = 1;
  together.depth = depth;
  together.row_stride = static_cast<std::ptrdiff_t>(stride);
  together.rows_per_group = 0;
  alignas(64) Activation gathered[room + read_slack];
  for (std::size_t row = 0; row < shape.rows; row += together.rows) {
    std::size_t const left = shape.rows - row, most = room / stride;
    together.rows = left < most ? left : most;
    for (std::size_t r = 0; r < together.rows; ++r)
      gather_row(shape, x + shape.row_offset(row + r), gathered + r * stride);
    matmul<StorageBits, Sum>(arch, together, gathered, weights, weight_sums, output,
                             y + static_cast<std::ptrdiff_t>(row) * shape.output_stride);
  }
}

}  // namespace dyadic::kernel
