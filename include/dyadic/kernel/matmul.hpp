#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/finish.hpp>
#include <dyadic/kernel/native.hpp>
#include <dyadic/kernel/pack.hpp>
#include <dyadic/kernel/reference.hpp>
#include <dyadic/kernel/shape.hpp>
#include <dyadic/kernel/tile.hpp>
#include <dyadic/kernel/words.hpp>

namespace dyadic::kernel {

/// The sums of codes in what a matmul is given of its weights' sums.
constexpr std::int32_t const* code_sums(std::int32_t const* sums) noexcept { return sums; }

/// The sums of `count` rows with `Blocks` blocks of outputs; overloads know other weights than plain codes.
template <class Arch, int StorageBits, std::size_t MostRows, std::size_t Blocks>
void accumulate_panel(std::size_t count, matmul_shape const&, tile_walk const& walk,
                      std::int8_t const* const* rows, std::uint8_t const* weights,
                      std::int32_t const* initial, std::int32_t const*, std::int32_t* sums) noexcept {
  accumulate_rows<Arch, StorageBits, MostRows, Blocks>(count, walk, rows, weights, initial, sums);
}

namespace detail {

/// Tiles of nearly equal height: 8 rows at most 6 high are 4 + 4, not 6 + 2.
struct balanced_rows {
  std::size_t rows, tiles;

  constexpr balanced_rows(std::size_t count, std::size_t most) noexcept
      : rows(count), tiles((count + most - 1) / most) {}
  /// Takes the next tile's height off the rest.
  constexpr std::size_t next() noexcept {
    std::size_t const height = (rows + tiles - 1) / tiles;
    rows -= height;
    --tiles;
    return height;
  }
};

/// What the sums of `Blocks` blocks of outputs start from, so that the activations' offset cancels.
template <class Arch, int StorageBits, std::size_t Blocks>
void compensate(std::int32_t const* weight_sums, std::size_t outputs,
                std::int32_t (&initial)[Blocks * unit_outputs]) noexcept {
  constexpr auto offset =
      static_cast<std::uint32_t>(weighted_dot_product<Arch, StorageBits>::activation_offset);
  for (std::size_t o = 0; o < Blocks * unit_outputs; ++o)
    initial[o] = offset == 0 || o >= outputs
                     ? 0
                     : static_cast<std::int32_t>(0U - offset * static_cast<std::uint32_t>(weight_sums[o]));
}

/// All rows against the blocks of outputs from `first` on.
template <int StorageBits, std::size_t Blocks, std::size_t MostRows, class Arch, class Sums, class Output,
          class Code>
void matmul_panel(Arch arch, matmul_shape const& shape, std::size_t first, std::int8_t const* x,
                  std::uint8_t const* weights, Sums weight_sums, Output const& output, Code* y) noexcept {
  constexpr std::size_t width = Blocks * unit_outputs;
  auto const packed = weights_of(shape);
  std::size_t const block_bytes = block_units(packed) * unit_bytes<StorageBits>;
  tile_walk const walk{shape.segments, depth_units(packed),     shape.segment_stride,
                       block_bytes,    shape.segments_per_line, shape.line_gap};
  std::size_t const outputs = shape.outputs - first < width ? shape.outputs - first : width;
  std::uint8_t const* const panel = weights + first / unit_outputs * block_bytes;
  std::int32_t initial[width];
  auto const sums_of_panel = weight_sums + first;
  compensate<Arch, StorageBits, Blocks>(code_sums(sums_of_panel), outputs, initial);

  balanced_rows rest(shape.rows, MostRows);
  for (std::size_t row = 0; row < shape.rows;) {
    std::size_t const height = rest.next();
    std::int8_t const* rows[MostRows];
    for (std::size_t r = 0; r < height; ++r) rows[r] = x + shape.row_offset(row + r);
    alignas(64) std::int32_t sums[MostRows * width];
    accumulate_panel<Arch, StorageBits, MostRows, Blocks>(height, shape, walk, rows, panel, initial,
                                                          sums_of_panel, sums);
    finish<false>(
        arch,
        finish_shape{height, outputs, shape.first_channel + first, static_cast<std::ptrdiff_t>(width),
                     shape.output_stride},
        sums, output,
        y + static_cast<std::ptrdiff_t>(row) * shape.output_stride + static_cast<std::ptrdiff_t>(first),
        nullptr);
    row += height;
  }
}

/// The loop nest: for each panel of outputs, whose weights stay in the cache, all rows.
template <int StorageBits, class Arch, class Sums, class Output, class Code>
void tiled_matmul(Arch arch, matmul_shape const& shape, std::int8_t const* x, std::uint8_t const* weights,
                  Sums weight_sums, Output const& output, Code* y) noexcept {
  constexpr tile_limits limits = tile_rows<Arch>;
  std::size_t first = 0;
  auto const blocks_left = [&] { return (shape.outputs - first + unit_outputs - 1) / unit_outputs; };
  if constexpr (limits.four_blocks != 0)
    for (; first < shape.outputs && blocks_left() >= 4; first += 4 * unit_outputs)
      matmul_panel<StorageBits, 4, limits.four_blocks>(arch, shape, first, x, weights, weight_sums, output,
                                                       y);
  if constexpr (limits.two_blocks != 0)
    for (; first < shape.outputs && blocks_left() >= 2; first += 2 * unit_outputs)
      matmul_panel<StorageBits, 2, limits.two_blocks>(arch, shape, first, x, weights, weight_sums, output, y);
  for (; first < shape.outputs; first += unit_outputs)
    matmul_panel<StorageBits, 1, limits.one_block>(arch, shape, first, x, weights, weight_sums, output, y);
}

}  // namespace detail

/// y[row * output_stride + o] = output(sum over s and k of x[row, s, k] * w[o, s, k], o).
/// Activations are int8 or int16; `weights` as `pack<StorageBits>` laid them out, `weight_sums[o]` the sum of
/// output o's weight codes. The caller proves that no sum leaves `Sum`, int32 or int64. All but the reference
/// may read `read_slack` elements past a segment's end.
template <int StorageBits, class Sum = std::int32_t, compiled Arch, class Activation, class Output,
          class Code>
constexpr void matmul([[maybe_unused]] Arch arch, matmul_shape const& shape, Activation const* x,
                      std::uint8_t const* weights, [[maybe_unused]] std::int32_t const* weight_sums,
                      Output const& output, Code* y) noexcept {
  constexpr bool bytes = std::same_as<Activation, std::int8_t> && StorageBits <= 8 && sizeof(Sum) == 4;
  if (!std::is_constant_evaluated()) {
    if constexpr (std::derived_from<Arch, portable> && bytes) {
      detail::tiled_matmul<StorageBits>(arch, shape, x, weights, weight_sums, output, y);
      return;
    } else if constexpr (word_units<Arch>::exist) {
      detail::words_matmul<StorageBits, Sum>(arch, shape, x, weights, output, y);
      return;
    }
  }
  reference_matmul<StorageBits, Sum>(shape, x, weights, output, y);
}

}  // namespace dyadic::kernel
