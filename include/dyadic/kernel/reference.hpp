#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/output.hpp>
#include <dyadic/kernel/pack.hpp>
#include <dyadic/kernel/shape.hpp>

/// The oracle: every kernel in loops that a constant expression can run. A unit of four products is one
/// expression, since compilers count expressions when they limit constant evaluation.
namespace dyadic::kernel {

namespace detail {

/// The weights of one output in one unit, `first` being the place of the first.
template <int StorageBits, class Sum, class Activation>
constexpr Sum dot_unit(Activation const* x, std::uint8_t const* unit, std::size_t first) noexcept {
  if constexpr (sizeof(Sum) == 8) {  // a product of two 16-bit codes is an int, four of them are not
    return Sum{x[0] * unit_weight<StorageBits>(unit, first)} +
           x[1] * unit_weight<StorageBits>(unit, first + 1) +
           Sum{x[2] * unit_weight<StorageBits>(unit, first + 2)} +
           x[3] * unit_weight<StorageBits>(unit, first + 3);
  } else if constexpr (StorageBits == 8) {
    return x[0] * static_cast<std::int8_t>(unit[first]) + x[1] * static_cast<std::int8_t>(unit[first + 1]) +
           x[2] * static_cast<std::int8_t>(unit[first + 2]) +
           x[3] * static_cast<std::int8_t>(unit[first + 3]);
  } else {
    return x[0] * unit_weight<StorageBits>(unit, first) + x[1] * unit_weight<StorageBits>(unit, first + 1) +
           x[2] * unit_weight<StorageBits>(unit, first + 2) +
           x[3] * unit_weight<StorageBits>(unit, first + 3);
  }
}

template <int StorageBits, class Sum, class Activation>
constexpr Sum dot_segment(Activation const* x, std::uint8_t const* unit, std::size_t first,
                          std::size_t depth) noexcept {
  Sum sum = 0;
  std::size_t k = 0;
  if constexpr (StorageBits == 1) {
    for (; k < depth; ++k) sum += x[k] * bit_weight(unit + first, k);
  } else {
    for (; k + unit_inputs <= depth; k += unit_inputs, unit += unit_bytes<StorageBits>)
      sum += dot_unit<StorageBits, Sum>(x + k, unit, first);
    for (std::size_t i = 0; k + i < depth; ++i) sum += x[k + i] * unit_weight<StorageBits>(unit, first + i);
  }
  return sum;
}

}  // namespace detail

/// `matmul` in plain loops, in sums of type `Sum`. Reads nothing outside the segments.
template <int StorageBits, class Sum = std::int32_t, class Activation, class Output, class Code>
constexpr void reference_matmul(matmul_shape const& shape, Activation const* x, std::uint8_t const* weights,
                                Output const& output, Code* y) noexcept {
  std::size_t const segment_bytes =
      depth_units(in_places<StorageBits>(weights_of(shape))) * unit_bytes<StorageBits>;
  for (std::size_t row = 0; row < shape.rows; ++row) {
    Activation const* const start = x + shape.row_offset(row);
    Code* const target = y + static_cast<std::ptrdiff_t>(row) * shape.output_stride;
    for (std::size_t o = 0; o < shape.outputs; ++o) {
      std::uint8_t const* unit = weights + (o / unit_outputs) * shape.segments * segment_bytes;
      Sum sum = 0;
      for (std::size_t s = 0; s < shape.segments; ++s, unit += segment_bytes)
        sum += detail::dot_segment<StorageBits, Sum>(start + shape.segment_offset(s), unit,
                                                     (o % unit_outputs) * unit_inputs, shape.depth);
      target[o] = output(sum, shape.first_channel + o);
    }
  }
}

/// `depthwise` in plain loops, in sums of type `Sum`. `x` is padded.
template <int StorageBits, class Sum = std::int32_t, class Activation, class Output, class Code>
constexpr void reference_depthwise(window_shape const& shape, Activation const* x,
                                   std::uint8_t const* weights, Output const& output, Code* y) noexcept {
  auto const channels = static_cast<std::size_t>(shape.in_channels);
  auto const width = static_cast<std::size_t>(shape.padded_width());
  auto const packed = depthwise_weights(shape);
  for (int row = 0; row < shape.out_height; ++row)
    for (int column = 0; column < shape.out_width; ++column) {
      auto const corner = (static_cast<std::size_t>(row * shape.stride_height) * width +
                           static_cast<std::size_t>(column * shape.stride_width)) *
                          channels;
      for (std::size_t c = 0; c < channels; ++c) {
        Sum sum = 0;
        for (int i = 0; i < shape.kernel_height; ++i)
          for (int j = 0; j < shape.kernel_width; ++j)
            sum += x[corner +
                     (static_cast<std::size_t>(i * shape.dilation_height) * width +
                      static_cast<std::size_t>(j * shape.dilation_width)) *
                         channels +
                     c] *
                   get_weight<StorageBits>(weights, packed, c, 0,
                                           static_cast<std::size_t>(i * shape.kernel_width + j));
        *y++ = output(sum, c);
      }
    }
}

}  // namespace dyadic::kernel
