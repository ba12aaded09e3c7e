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
  /// The height of the last tile, which is the least.
  constexpr std::size_t least() const noexcept { return rows / tiles; }
  /// Takes the next tile's height off the rest.
  constexpr std::size_t next() noexcept {
    std::size_t const height = (rows + tiles - 1) / tiles;
    rows -= height;
    --tiles;
    return height;
  }
};

/// What the sums of `Blocks` blocks of outputs start from, so that the activations' offset cancels; where
/// weights are bits, the number of those that are -1.
template <class Arch, int StorageBits, std::size_t Blocks>
void compensate(std::int32_t const* weight_sums, std::size_t outputs, [[maybe_unused]] std::size_t inputs,
                std::int32_t (&initial)[Blocks * unit_outputs]) noexcept {
  constexpr auto offset =
      static_cast<std::uint32_t>(weighted_dot_product<Arch, StorageBits>::activation_offset);
  constexpr std::size_t width = Blocks * unit_outputs;
  constexpr bool from_zero = offset == 0 && StorageBits != 1;
  auto const start_of = [&](std::int32_t sum) {
    if constexpr (StorageBits == 1)
      return (static_cast<std::int32_t>(inputs) - sum) / 2;
    else
      return static_cast<std::int32_t>(0U - offset * static_cast<std::uint32_t>(sum));
  };
  if (!from_zero && outputs == width) {
    for (std::size_t o = 0; o < width; ++o) initial[o] = start_of(weight_sums[o]);
    return;
  }
  for (std::size_t o = 0; o < width; ++o)
    initial[o] = from_zero || o >= outputs ? 0 : start_of(weight_sums[o]);
}

/// Calls `tile(rows, count, first row)` for tiles of nearly equal height.
template <std::size_t MostRows, class Tile>
void for_each_tile(matmul_shape const& shape, std::int8_t const* x, Tile const& tile) noexcept {
  balanced_rows rest(shape.rows, MostRows);
  row_walk<std::int8_t> walk(shape, x);
  for (std::size_t row = 0; row < shape.rows;) {
    std::size_t const height = rest.next();
    std::int8_t const* rows[MostRows];
    for (std::size_t r = 0; r < height; ++r) rows[r] = walk.next();
    tile(rows, height, row);
    row += height;
  }
}

/// All rows against the blocks of outputs from `first` on.
template <int StorageBits, std::size_t Blocks, std::size_t MostRows, class Arch, class Sums, class Output,
          class Code>
void matmul_panel(Arch arch, matmul_shape const& shape, std::size_t first, std::int8_t const* x,
                  std::uint8_t const* weights, Sums weight_sums, Output const& output, Code* y) noexcept {
  constexpr std::size_t width = Blocks * unit_outputs;
  auto const packed = in_places<StorageBits>(weights_of(shape));
  std::size_t const block_bytes = block_units(packed) * unit_bytes<StorageBits>;
  tile_walk const walk{shape.segments, depth_units(packed),     shape.segment_stride,
                       block_bytes,    shape.segments_per_line, shape.line_gap};
  std::size_t const outputs = shape.outputs - first < width ? shape.outputs - first : width;
  std::size_t const channel = shape.first_channel + first;
  std::uint8_t const* const panel = weights + first / unit_outputs * block_bytes;
  alignas(64) std::int32_t initial[width];
  auto const sums_of_panel = weight_sums + first;
  compensate<Arch, StorageBits, Blocks>(code_sums(sums_of_panel), outputs, shape.segments * shape.depth,
                                        initial);
  y += first;

  using lines_of_panel = panel_lines<Arch, Output, width>;
  constexpr bool whole = StorageBits == 8 || StorageBits == 1;
  if constexpr (whole && std::convertible_to<Sums, std::int32_t const*> && lines_of_panel::exist) {
    constexpr std::size_t least_rows = MostRows - MostRows / 3;  // lower tiles are not worth compiling twice
    if (outputs == width && shape.rows >= least_rows &&
        balanced_rows(shape.rows, MostRows).least() >= least_rows && lines_of_panel::takes(output, channel)) {
      lines_of_panel const lines(output, channel, initial);
      for_each_tile<MostRows>(
          shape, x, [&](std::int8_t const* const* rows, std::size_t height, std::size_t row) {
            typename lines_of_panel::tile const codes{
                lines, y + static_cast<std::ptrdiff_t>(row) * shape.output_stride, shape.output_stride};
            accumulate_rows<Arch, StorageBits, least_rows, MostRows, Blocks>(height, walk, rows, panel,
                                                                             initial, codes);
          });
      return;
    }
  }
  for_each_tile<MostRows>(shape, x, [&](std::int8_t const* const* rows, std::size_t height, std::size_t row) {
    alignas(64) std::int32_t sums[MostRows * width];
    accumulate_panel<Arch, StorageBits, MostRows, Blocks>(height, shape, walk, rows, panel, initial,
                                                          sums_of_panel, sums);
    finish<false>(
        arch, finish_shape{height, outputs, channel, static_cast<std::ptrdiff_t>(width), shape.output_stride},
        sums, output, y + static_cast<std::ptrdiff_t>(row) * shape.output_stride, nullptr);
  });
}

/// Calls `panel.template operator()<Blocks, MostRows>(first output)` for panels of 4, 2 and 1 blocks.
template <class Arch, class Panel> void for_each_panel(std::size_t outputs, Panel const& panel) noexcept {
  constexpr tile_limits limits = tile_rows<Arch>;
  std::size_t first = 0;
  auto const blocks_left = [&] { return (outputs - first + unit_outputs - 1) / unit_outputs; };
  if constexpr (limits.four_blocks != 0)
    for (; first < outputs && blocks_left() >= 4; first += 4 * unit_outputs)
      panel.template operator()<4, limits.four_blocks>(first);
  if constexpr (limits.two_blocks != 0)
    for (; first < outputs && blocks_left() >= 2; first += 2 * unit_outputs)
      panel.template operator()<2, limits.two_blocks>(first);
  for (; first < outputs; first += unit_outputs) panel.template operator()<1, limits.one_block>(first);
}

/// The loop nest: for each panel of outputs, whose weights stay in the cache, all rows.
template <int StorageBits, class Arch, class Sums, class Output, class Code>
void tiled_matmul(Arch arch, matmul_shape const& shape, std::int8_t const* x, std::uint8_t const* weights,
                  Sums weight_sums, Output const& output, Code* y) noexcept {
  for_each_panel<Arch>(shape.outputs, [&]<std::size_t Blocks, std::size_t MostRows>(std::size_t first) {
    matmul_panel<StorageBits, Blocks, MostRows>(arch, shape, first, x, weights, weight_sums, output, y);
  });
}

}  // namespace detail

/// y[row * output_stride + o] = output(sum over s and k of x[row, s, k] * w[o, s, k], o).
/// Activations are int8 or int16; `weights` as `pack<StorageBits>` laid them out, `weight_sums[o]` the sum of
/// output o's weight codes. The caller proves that no sum leaves `Sum`, int32 or int64. All but the reference
/// may read `read_slack` elements past a segment's end.
template <int StorageBits, class Sum = std::int32_t, compiled Arch, class Activation, class Output,
          class Code>
  requires(StorageBits >= 2)
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
