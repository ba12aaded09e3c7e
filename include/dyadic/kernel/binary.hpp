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

/// Some rows at a time become bits, which all outputs then read.
template <class Arch, class Output, class Code>
void bit_matmul(Arch arch, matmul_shape const& shape, std::int8_t const* x, std::uint8_t const* weights,
                std::int32_t const* weight_sums, Output const& output, Code* y) noexcept {
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
