#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/matmul.hpp>
#include <dyadic/kernel/pack.hpp>
#include <dyadic/kernel/reference.hpp>
#include <dyadic/kernel/shape.hpp>

/// Matmuls of weights 1 and -1, a bit each, with activations 0 and -1, which become bits: a sum of products
/// is the number of weights that are -1 less the number of bits that differ.
namespace dyadic::kernel {

/// The signs of `count` codes, the first in the lowest bit of the first byte, filled up with zeros to a
/// multiple of four bytes. Overloads know more; they may read `read_slack` codes past the end.
inline void sign_bits(portable, std::int8_t const* codes, std::size_t count, std::int8_t* bits) noexcept {
  constexpr std::size_t together = unit_inputs * place_inputs<1>;
  for (std::size_t k = 0; k < (count + together - 1) / together * together; k += 8)
    bits[k / 8] =
        k < count ? static_cast<std::int8_t>(detail::signs_of(codes + k, count - k)) : std::int8_t{0};
}

namespace detail {

/// Bytes of activations at a time, in bits; rows of more take plain loops.
inline constexpr std::size_t bits_together = 8192;

constexpr std::size_t segment_bit_bytes(matmul_shape const& shape) noexcept {
  return depth_units(in_places<1>(weights_of(shape))) * unit_inputs;
}
constexpr bool bits_fit(matmul_shape const& shape) noexcept {
  return shape.segments * segment_bit_bytes(shape) <= bits_together;
}

/// Elements from the first that rows read to the last.
constexpr std::size_t span_of(matmul_shape const& shape) noexcept {
  return static_cast<std::size_t>(shape.row_offset(shape.rows - 1) +
                                  shape.segment_offset(shape.segments - 1)) +
         shape.depth;
}
/// Rows that begin one distance after the other: one, or those of a group.
constexpr std::size_t line_rows(matmul_shape const& shape) noexcept {
  return shape.rows_per_group == 0 ? 1 : shape.rows_per_group;
}
constexpr std::ptrdiff_t line_step(matmul_shape const& shape) noexcept {
  return shape.rows_per_group == 0 ? shape.row_stride : shape.group_stride;
}

/// Can rows be read from x as bits, where those of an image lie? Segments begin with a byte and fill their
/// words, and that is less to make bits of than all rows are.
constexpr bool bits_in_place(matmul_shape const& shape) noexcept {
  for (std::ptrdiff_t const step :
       {shape.row_stride, shape.group_stride, shape.segment_stride, shape.line_gap})
    if (step < 0 || step % 8 != 0) return false;
  matmul_shape line = shape;
  line.rows = line_rows(shape);
  return shape.depth % 32 == 0 && line_step(shape) > 0 && shape.rows % line.rows == 0 &&
         span_of(line) <= 8 * bits_together && span_of(shape) <= shape.rows * shape.segments * shape.depth;
}

/// Some lines of rows at a time.
template <class Arch, class Output, class Code>
void bit_matmul_in_place(Arch arch, matmul_shape const& shape, std::int8_t const* x,
                         std::uint8_t const* weights, std::int32_t const* weight_sums, Output const& output,
                         Code* y) noexcept {
  alignas(64) std::int8_t bits[bits_together];
  matmul_shape codes = shape, some = shape;
  some.row_stride /= 8;
  some.group_stride /= 8;
  some.segment_stride /= 8;
  some.line_gap /= 8;
  std::size_t const in_line = codes.rows = line_rows(shape);
  std::size_t const lines =
      (8 * bits_together - span_of(codes)) / static_cast<std::size_t>(line_step(shape)) + 1;
  balanced_rows rest(shape.rows / in_line, lines);
  for (std::size_t row = 0; row < shape.rows; row += some.rows) {
    some.rows = codes.rows = rest.next() * in_line;
    sign_bits(arch, x + shape.row_offset(row), span_of(codes), bits);
    tiled_matmul<1>(typename bit_instructions<Arch>::type{}, some, bits, weights, weight_sums, output,
                    y + static_cast<std::ptrdiff_t>(row) * shape.output_stride);
  }
}

/// Some rows at a time become bits, which all outputs then read.
template <class Arch, class Output, class Code>
void bit_matmul(Arch arch, matmul_shape const& shape, std::int8_t const* x, std::uint8_t const* weights,
                std::int32_t const* weight_sums, Output const& output, Code* y) noexcept {
  if (bits_in_place(shape)) return bit_matmul_in_place(arch, shape, x, weights, weight_sums, output, y);
  std::size_t const segment_bytes = segment_bit_bytes(shape), row_bytes = shape.segments * segment_bytes;
  alignas(64) std::int8_t bits[bits_together];
  matmul_shape some = shape;
  some.row_stride = static_cast<std::ptrdiff_t>(row_bytes);
  some.segment_stride = static_cast<std::ptrdiff_t>(segment_bytes);
  some.rows_per_group = some.segments_per_line = 0;
  balanced_rows rest(shape.rows, bits_together / row_bytes);
  row_walk<std::int8_t> walk(shape, x);
  for (std::size_t row = 0; row < shape.rows; row += some.rows) {
    some.rows = rest.next();
    std::int8_t* to = bits;
    for (std::size_t r = 0; r < some.rows; ++r) {
      std::int8_t const* const from = walk.next();
      for (std::size_t s = 0; s < shape.segments; ++s, to += segment_bytes)
        sign_bits(arch, from + shape.segment_offset(s), shape.depth, to);
    }
    tiled_matmul<1>(typename bit_instructions<Arch>::type{}, some, bits, weights, weight_sums, output,
                    y + static_cast<std::ptrdiff_t>(row) * shape.output_stride);
  }
}

}  // namespace detail

/// `matmul` of weights of one bit; the activations are 0 and -1.
template <int StorageBits, class Sum = std::int32_t, compiled Arch, class Output, class Code>
  requires(StorageBits == 1)
constexpr void matmul([[maybe_unused]] Arch arch, matmul_shape const& shape, std::int8_t const* x,
                      std::uint8_t const* weights, [[maybe_unused]] std::int32_t const* weight_sums,
                      Output const& output, Code* y) noexcept {
  if constexpr (std::derived_from<Arch, portable> && sizeof(Sum) == 4) {
    if (!std::is_constant_evaluated() && detail::bits_fit(shape)) {
      detail::bit_matmul(arch, shape, x, weights, weight_sums, output, y);
      return;
    }
  }
  reference_matmul<1, Sum>(shape, x, weights, output, y);
}

}  // namespace dyadic::kernel
