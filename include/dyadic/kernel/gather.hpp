#pragma once

#include <concepts>
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

/// Can windows become codes as `gathered_codes` has it?
template <class Arch, class Output>
bool takes_gathered(matmul_shape const& shape, Output const& output) noexcept {
  if (shape.rows < tile_rows<Arch>.one_block || shape.outputs % unit_outputs != 0 ||
      !gathered_rows<Arch>::take(shape))
    return false;
  for (std::size_t o = 0; o < shape.outputs; o += unit_outputs)
    if (!panel_lines<Arch, Output, unit_outputs>::takes(output, shape.first_channel + o)) return false;
  return true;
}

/// Rows gathered as the instruction set likes them best, from tiles of one height in registers to codes. The
/// last tile of some rows begins so early that it ends with them.
template <int StorageBits, class Arch, class Output, class Code>
void gathered_codes(matmul_shape const& shape, std::int8_t const* x, std::uint8_t const* weights,
                    std::int32_t const* weight_sums, Output const& output, Code* y) noexcept {
  using gathered = gathered_rows<Arch>;
  constexpr std::size_t together = 4 * most_gathered / gathered::row_bytes;
  std::size_t const units = (shape.segments * shape.depth + unit_inputs - 1) / unit_inputs;
  typename gathered::segments const segments(shape);
  for_each_panel<Arch>(shape.outputs, [&]<std::size_t Blocks, std::size_t Rows>(std::size_t first) {
    constexpr std::size_t most = together / Rows * Rows;
    static_assert(most > Rows);
    constexpr std::size_t width = Blocks * unit_outputs;
    alignas(64) std::int32_t initial[width];
    compensate<Arch, 8, Blocks>(weight_sums + first, width, shape.segments * shape.depth, initial);
    using lines_of_panel = panel_lines<Arch, Output, width>;
    lines_of_panel const lines(output, shape.first_channel + first, initial);
    gathered_weights<Arch, Blocks> panel;
    panel.template load<StorageBits>(units, weights + first / unit_outputs * units * unit_bytes<StorageBits>);
    alignas(64) std::int8_t rows[most * gathered::row_bytes];
    row_walk<std::int8_t> walk(shape, x);
    Code* to = y + first;
    for (std::size_t left = shape.rows; left != 0;) {
      bool const whole_tiles = left >= most + Rows;  // and no less than one tile after them
      std::size_t const count = whole_tiles ? most : left <= most ? left : most - Rows;
      gathered::gather(segments, count, walk, rows);
      for (std::size_t r = 0; r < count; r += Rows) {
        std::size_t const begin = r + Rows <= count ? r : count - Rows;
        typename lines_of_panel::tile const codes{
            lines, to + static_cast<std::ptrdiff_t>(begin) * shape.output_stride, shape.output_stride};
        accumulate_gathered<Arch, Rows, Blocks>(units, rows + begin * gathered::row_bytes, panel, initial,
                                                codes);
      }
      to += static_cast<std::ptrdiff_t>(count) * shape.output_stride;
      left -= count;
    }
  });
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
  if constexpr (2 <= StorageBits && StorageBits <= 8 && sizeof(Sum) == 4 &&
                std::same_as<Activation, std::int8_t> && std::convertible_to<Sums, std::int32_t const*> &&
                gathered_rows<Arch>::exist && panel_lines<Arch, Output, unit_outputs>::exist) {
    if (!std::is_constant_evaluated() && detail::takes_gathered<Arch>(shape, output)) {
      detail::gathered_codes<StorageBits, Arch>(shape, x, weights, weight_sums, output, y);
      return;
    }
  }
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
