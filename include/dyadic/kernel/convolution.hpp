#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/matmul.hpp>
#include <dyadic/kernel/shape.hpp>

namespace dyadic::kernel {

/// Elements of the buffer that `pad` writes, slack included.
constexpr std::size_t padded_size(window_shape const& shape) noexcept {
  return static_cast<std::size_t>(shape.padded_height()) * static_cast<std::size_t>(shape.padded_width()) *
             static_cast<std::size_t>(shape.in_channels) +
         read_slack;
}

/// Copies one image into a frame of the code that means zero. Every element of `padded` is written, so that
/// nothing a kernel reads is indeterminate.
template <class Code>
constexpr void pad(window_shape const& shape, Code const* x, Code zero, Code* padded) noexcept {
  auto const fill = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) padded[i] = zero;
    padded += count;
  };
  auto const channels = static_cast<std::size_t>(shape.in_channels);
  std::size_t const line = static_cast<std::size_t>(shape.padded_width()) * channels;
  std::size_t const left = static_cast<std::size_t>(shape.pad_left) * channels;
  std::size_t const right = static_cast<std::size_t>(shape.pad_right) * channels;
  std::size_t const middle = static_cast<std::size_t>(shape.in_width) * channels;
  fill(static_cast<std::size_t>(shape.pad_top) * line + left);
  for (int row = 0; row < shape.in_height; ++row) {
    for (std::size_t i = 0; i < middle; ++i) padded[i] = x[i];
    padded += middle;
    x += middle;
    if (row + 1 < shape.in_height) fill(right + left);
  }
  fill(right + static_cast<std::size_t>(shape.pad_bottom) * line + read_slack);
}

/// A convolution of one padded image as a matmul: a row an output pixel, a segment a kernel row.
constexpr matmul_shape convolution_matmul(window_shape const& shape) noexcept {
  auto const channels = static_cast<std::ptrdiff_t>(shape.in_channels);
  auto const line = static_cast<std::ptrdiff_t>(shape.padded_width()) * channels;
  auto const weights = convolution_weights(shape);
  matmul_shape result{
      .rows = static_cast<std::size_t>(shape.out_height) * static_cast<std::size_t>(shape.out_width),
      .outputs = weights.outputs,
      .segments = weights.segments,
      .depth = weights.depth,
      .row_stride = shape.stride_width * channels,
      .segment_stride = line,
      .output_stride = static_cast<std::ptrdiff_t>(weights.outputs),
      .rows_per_group = static_cast<std::size_t>(shape.out_width),
      .group_stride = shape.stride_height * line};
  bool const flat =
      result.group_stride == static_cast<std::ptrdiff_t>(result.rows_per_group) * result.row_stride;
  if (flat) result.rows_per_group = 0;
  return result;
}

/// Convolves one image, padded if the shape pads: y is [out_height][out_width][out_channels]. Weights and
/// slack as for `matmul`.
template <int StorageBits, compiled Arch, class Activation, class Output, class Code>
constexpr void convolution(Arch arch, window_shape const& shape, Activation const* padded,
                           std::uint8_t const* weights, std::int32_t const* weight_sums, Output const& output,
                           Code* y) noexcept {
  matmul<StorageBits>(arch, convolution_matmul(shape), padded, weights, weight_sums, output, y);
}

}  // namespace dyadic::kernel
