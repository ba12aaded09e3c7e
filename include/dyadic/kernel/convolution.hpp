#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/gather.hpp>
#include <dyadic/kernel/matmul.hpp>
#include <dyadic/kernel/pad.hpp>
#include <dyadic/kernel/shape.hpp>

namespace dyadic::kernel {

/// A convolution of one padded image, or of its first group of channels, as a matmul: a row an output pixel,
/// a segment a kernel row, or a tap where taps are apart.
constexpr matmul_shape convolution_matmul(window_shape const& shape) noexcept {
  auto const channels = static_cast<std::ptrdiff_t>(shape.in_channels);
  auto const line = static_cast<std::ptrdiff_t>(shape.padded_width()) * channels;
  matmul_shape result{
      .rows = static_cast<std::size_t>(shape.out_height) * static_cast<std::size_t>(shape.out_width),
      .outputs = static_cast<std::size_t>(shape.group_outputs()),
      .segments = static_cast<std::size_t>(shape.kernel_height),
      .depth = static_cast<std::size_t>(shape.kernel_width) * static_cast<std::size_t>(shape.in_channels),
      .row_stride = shape.stride_width * channels,
      .segment_stride = shape.dilation_height * line,
      .output_stride = static_cast<std::ptrdiff_t>(shape.out_channels),
      .rows_per_group = static_cast<std::size_t>(shape.out_width),
      .group_stride = shape.stride_height * line};
  if (shape.taps_apart()) {
    result.segments = static_cast<std::size_t>(shape.taps());
    result.depth = static_cast<std::size_t>(shape.group_inputs());
    result.segment_stride = shape.dilation_width * channels;
    result.segments_per_line = static_cast<std::size_t>(shape.kernel_width);
    result.line_gap = shape.dilation_height * line - shape.kernel_width * result.segment_stride;
  }
  bool const flat =
      result.group_stride == static_cast<std::ptrdiff_t>(result.rows_per_group) * result.row_stride;
  if (flat || shape.out_height == 1) result.rows_per_group = 0;
  return result;
}

/// Convolves one image, padded if the shape pads: y is [out_height][out_width][out_channels]. Weights and
/// sums and slack as for `matmul`, group behind group.
template <int StorageBits, class Sum = std::int32_t, compiled Arch, class Activation, class Sums,
          class Output, class Code>
constexpr void convolution(Arch arch, window_shape const& shape, Activation const* padded,
                           std::uint8_t const* weights, Sums weight_sums, Output const& output,
                           Code* y) noexcept {
  matmul_shape one = convolution_matmul(shape);
  if (gathers(shape)) {
    gathered_matmul<StorageBits, Sum>(arch, one, padded, weights, weight_sums, output, y);
    return;
  }
  std::size_t const group_bytes = packed_weights_bytes<StorageBits>(weights_of(one));
  for (int group = 0; group < shape.groups; ++group, one.first_channel += one.outputs) {
    matmul<StorageBits, Sum>(arch, one, padded, weights, weight_sums, output, y);
    padded += shape.group_inputs();
    weights += group_bytes;
    weight_sums += one.outputs;
    y += one.outputs;
  }
}

}  // namespace dyadic::kernel
