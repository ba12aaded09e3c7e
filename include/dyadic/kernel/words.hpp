#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/dot.hpp>
#include <dyadic/kernel/finish.hpp>
#include <dyadic/kernel/native.hpp>
#include <dyadic/kernel/pack.hpp>
#include <dyadic/kernel/shape.hpp>
#include <dyadic/kernel/tile.hpp>
#include <dyadic/kernel/unroll.hpp>

/// Matmuls with a factor of 16 bits or with 64-bit sums, on 32-bit sums of two products each.
namespace dyadic::kernel::detail {

/// How the sums of an output are kept in 32 bits for as many units of four inputs as fit, from the factors'
/// types alone. Two products of 16 bits leave 32 bits in one case, -32768 * -32768 twice, which is 2^31:
/// their sum minus 1 always fits, and is split into its lower and its upper half, each added for itself.
template <class Activation, int StorageBits> struct word_sums {
  static constexpr std::int64_t unit =
      4 * (std::int64_t{1} << (sizeof(Activation) * 8 - 1)) * (std::int64_t{1} << (StorageBits - 1));
  static constexpr bool halves = unit > INT32_MAX;
  static constexpr auto units =
      static_cast<std::size_t>(INT32_MAX / (halves ? std::int64_t{2 * 65535} : unit));
};

/// sums[row][16] of one block of outputs: with `Halves` the lower halves, and the upper ones in `upper`.
template <class Arch, int StorageBits, bool Halves, std::size_t Rows, class Activation>
[[gnu::noinline]] void accumulate_words(tile_walk const& walk, Activation const* const* rows,
                                        std::uint8_t const* weights, std::int32_t* sums,
                                        [[maybe_unused]] std::int32_t* upper) noexcept {
  using units = word_units<Arch>;
  using lanes = typename units::sums;
  constexpr std::size_t registers = units::registers;
  lanes low[Rows][registers], high[Halves ? Rows : 1][registers];
  DYADIC_UNROLL for (std::size_t r = 0; r < Rows; ++r)
      DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i) {
    low[r][i] = lanes(0);
    if constexpr (Halves) high[r][i] = lanes(0);
  }
  segment_walk segments(walk);
  for (std::size_t segment = 0; segment < walk.segments; ++segment) {
    std::ptrdiff_t const offset = segments.next();
    Activation const* x[Rows];
    DYADIC_UNROLL for (std::size_t r = 0; r < Rows; ++r) x[r] = rows[r] + offset;
    for (std::size_t k = 0; k < walk.units; ++k, weights += unit_bytes<StorageBits>) {
      typename units::factors weight[registers];
      units::template load<StorageBits>(weights, weight);
      DYADIC_UNROLL for (std::size_t r = 0; r < Rows; ++r) {
        auto const activation = units::broadcast(x[r] + k * unit_inputs);
        DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i) {
          lanes const even = units::pairs(activation.even, weight[i].even);
          lanes const odd = units::pairs(activation.odd, weight[i].odd);
          if constexpr (Halves) {
            lanes const a = even - lanes(1), b = odd - lanes(1);
            low[r][i] = low[r][i] + ((a & lanes(0xFFFF)) + (b & lanes(0xFFFF)));
            high[r][i] = high[r][i] + ((a >> 16) + (b >> 16));
          } else {
            low[r][i] = low[r][i] + (even + odd);
          }
        }
      }
    }
  }
  DYADIC_UNROLL for (std::size_t r = 0; r < Rows; ++r)
      DYADIC_UNROLL for (std::size_t i = 0; i < registers; ++i) {
    low[r][i].store_unaligned(sums + r * unit_outputs + i * units::width);
    if constexpr (Halves) high[r][i].store_unaligned(upper + r * unit_outputs + i * units::width);
  }
}

/// sums[row][16] of one block of outputs in 64 bits: some units at a time in 32 bits.
template <class Arch, int StorageBits, std::size_t Rows, class Activation>
void accumulate_long(matmul_shape const& shape, Activation const* const* rows, std::uint8_t const* weights,
                     std::int64_t* sums) noexcept {
  using of = word_sums<Activation, StorageBits>;
  std::size_t const units = depth_units(weights_of(shape));
  std::size_t const together = shape.segments_per_line == 0 && units < of::units ? of::units / units : 1;
  for (std::size_t i = 0; i < Rows * unit_outputs; ++i) sums[i] = 0;
  for (std::size_t s = 0; s < shape.segments; s += together) {
    std::size_t const left = shape.segments - s, segments = left < together ? left : together;
    for (std::size_t unit = 0; unit < units; unit += of::units) {
      std::size_t const rest = units - unit, count = rest < of::units ? rest : of::units;
      Activation const* x[Rows];
      for (std::size_t r = 0; r < Rows; ++r)
        x[r] = rows[r] + shape.segment_offset(s) + static_cast<std::ptrdiff_t>(unit * unit_inputs);
      tile_walk const walk{segments, count, shape.segment_stride, 0, 0, 0};
      alignas(64) std::int32_t low[Rows * unit_outputs], high[Rows * unit_outputs];
      accumulate_words<Arch, StorageBits, of::halves, Rows>(walk, x, weights, low, high);
      weights += segments * count * unit_bytes<StorageBits>;
      for (std::size_t i = 0; i < Rows * unit_outputs; ++i)
        if constexpr (of::halves)
          sums[i] += std::int64_t{high[i]} * 65536 + low[i] + static_cast<std::int64_t>(2 * segments * count);
        else
          sums[i] += low[i];
    }
  }
}

/// `Rows` rows from `row` on against one block of outputs.
template <int StorageBits, class Sum, std::size_t Rows, class Arch, class Activation, class Output,
          class Code>
void finish_words(Arch arch, matmul_shape const& shape, std::size_t row, std::size_t first,
                  Activation const* x, std::uint8_t const* weights, Output const& output, Code* y) noexcept {
  Activation const* rows[Rows];
  for (std::size_t r = 0; r < Rows; ++r) rows[r] = x + shape.row_offset(row + r);
  alignas(64) Sum sums[Rows * unit_outputs];
  if constexpr (sizeof(Sum) == 8) {
    accumulate_long<Arch, StorageBits, Rows>(shape, rows, weights, sums);
  } else {
    tile_walk const walk{shape.segments,          depth_units(weights_of(shape)),
                         shape.segment_stride,    0,
                         shape.segments_per_line, shape.line_gap};
    accumulate_words<Arch, StorageBits, false, Rows>(walk, rows, weights, sums, nullptr);
  }
  std::size_t const left = shape.outputs - first;
  finish<false>(
      arch,
      finish_shape{Rows, left < unit_outputs ? left : unit_outputs, shape.first_channel + first,
                   static_cast<std::ptrdiff_t>(unit_outputs), shape.output_stride},
      static_cast<Sum const*>(sums), output,
      y + static_cast<std::ptrdiff_t>(row) * shape.output_stride + static_cast<std::ptrdiff_t>(first),
      nullptr);
}

/// `matmul` of any factors of at most 16 bits, block by block of 16 outputs, some rows at a time.
template <int StorageBits, class Sum, class Arch, class Activation, class Output, class Code>
void words_matmul(Arch arch, matmul_shape const& shape, Activation const* x, std::uint8_t const* weights,
                  Output const& output, Code* y) noexcept {
  constexpr std::size_t rows = 4 / word_units<Arch>::registers;
  std::size_t const block_bytes = block_units(weights_of(shape)) * unit_bytes<StorageBits>;
  for (std::size_t first = 0; first < shape.outputs; first += unit_outputs, weights += block_bytes) {
    std::size_t row = 0;
    for (; row + rows <= shape.rows; row += rows)
      finish_words<StorageBits, Sum, rows>(arch, shape, row, first, x, weights, output, y);
    for (; row < shape.rows; ++row)
      finish_words<StorageBits, Sum, 1>(arch, shape, row, first, x, weights, output, y);
  }
}

}  // namespace dyadic::kernel::detail
