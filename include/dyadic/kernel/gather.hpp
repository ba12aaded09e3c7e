#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/matmul.hpp>
#include <dyadic/kernel/shape.hpp>

namespace dyadic::kernel {

namespace detail {

/// Copies the segments of `count` rows, each at most `Room` elements, one behind the other to rows `stride`
/// apart. It reads and writes `Room` elements at a time: both sides have `read_slack`, and a row is followed
/// by rows yet to be written.
template <std::size_t Room, class Activation>
void gather_rows(matmul_shape const& from, std::size_t count, std::size_t stride, row_walk<Activation>& walk,
                 Activation* to) noexcept {
  row_walk<Activation> rows = walk;  // stores of codes might change what is not a local variable
  std::size_t const segments = from.segments, depth = from.depth;
  std::ptrdiff_t const step = from.segment_stride;
  for (std::size_t row = 0; row < count; ++row, to += stride) {
    Activation const* x = rows.next();
    Activation* at = to;
    for (std::size_t s = 0; s < segments; ++s, at += depth, x += step)
      __builtin_memcpy(at, x, Room * sizeof *at);
  }
  walk = rows;
}

/// In constant expressions.
template <class Activation>
constexpr void gather_rows_one_by_one(matmul_shape const& from, std::size_t count, std::size_t stride,
                                      row_walk<Activation>& rows, Activation* to) noexcept {
  for (std::size_t row = 0; row < count; ++row, to += stride) {
    Activation const* const x = rows.next();
    for (std::size_t s = 0; s < from.segments; ++s)
      for (std::size_t k = 0; k < from.depth; ++k)
        to[s * from.depth + k] = x[from.segment_offset(s) + static_cast<std::ptrdiff_t>(k)];
  }
}

}  // namespace detail

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
  row_walk<Activation> rows(shape, x);
  for (std::size_t row = 0; row < shape.rows; row += together.rows) {
    std::size_t const left = shape.rows - row, most = room / stride;
    together.rows = left < most ? left : most;
    if (std::is_constant_evaluated())
      detail::gather_rows_one_by_one(shape, together.rows, stride, rows, gathered);
    else if (shape.depth <= 8)
      detail::gather_rows<8>(shape, together.rows, stride, rows, gathered);
    else
      detail::gather_rows<16>(shape, together.rows, stride, rows, gathered);
    matmul<StorageBits, Sum>(arch, together, gathered, weights, weight_sums, output,
                             y + static_cast<std::ptrdiff_t>(row) * shape.output_stride);
  }
}

}  // namespace dyadic::kernel
