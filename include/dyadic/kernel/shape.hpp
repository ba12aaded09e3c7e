#pragma once

#include <cstddef>

namespace dyadic::kernel {

/// Elements that a kernel may read (never use) past the end of an int8 input: buffers handed to a kernel
/// other than the reference hold this many more.
inline constexpr std::size_t read_slack = 16;

/// A window that slides over one image, rows by columns by channels (NHWC without the N). A dense layer is a
/// 1 x 1 window on a 1 x 1 image.
struct window_shape {
  int in_height = 1, in_width = 1, in_channels = 1;
  int out_height = 1, out_width = 1, out_channels = 1;
  int kernel_height = 1, kernel_width = 1;
  int stride_height = 1, stride_width = 1;
  int pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;

  constexpr bool padded() const noexcept { return (pad_top | pad_left | pad_bottom | pad_right) != 0; }
  constexpr int padded_height() const noexcept { return in_height + pad_top + pad_bottom; }
  constexpr int padded_width() const noexcept { return in_width + pad_left + pad_right; }
  constexpr int taps() const noexcept { return kernel_height * kernel_width; }
};

/// y[row, output] = sum over segments and k of x[row, segment, k] * w[output, segment, k].
/// Row r starts at x + (r / rows_per_group) * group_stride + (r % rows_per_group) * row_stride, its segment s
/// segment_stride further on: a dense layer has one segment, a convolution one a kernel row.
struct matmul_shape {
  std::size_t rows = 1, outputs = 1, segments = 1, depth = 1;
  std::ptrdiff_t row_stride = 0, segment_stride = 0;  ///< in elements of x
  std::ptrdiff_t output_stride = 0;                   ///< in elements of y, from row to row
  std::size_t rows_per_group = 0;                     ///< 0: all rows are one group
  std::ptrdiff_t group_stride = 0;                    ///< in elements of x

  constexpr std::ptrdiff_t row_offset(std::size_t row) const noexcept {
    if (rows_per_group == 0) return static_cast<std::ptrdiff_t>(row) * row_stride;
    return static_cast<std::ptrdiff_t>(row / rows_per_group) * group_stride +
           static_cast<std::ptrdiff_t>(row % rows_per_group) * row_stride;
  }
};

/// Weights of a matmul in logical order: [outputs][segments][depth].
struct weight_shape {
  std::size_t outputs = 1, segments = 1, depth = 1;
};

constexpr weight_shape weights_of(matmul_shape const& shape) noexcept {
  return {shape.outputs, shape.segments, shape.depth};
}

/// Weights of a convolution: one segment of kernel_width * in_channels elements a kernel row.
constexpr weight_shape convolution_weights(window_shape const& shape) noexcept {
  return {static_cast<std::size_t>(shape.out_channels), static_cast<std::size_t>(shape.kernel_height),
          static_cast<std::size_t>(shape.kernel_width) * static_cast<std::size_t>(shape.in_channels)};
}

/// Weights of a depthwise convolution: the logical order is [channels][kernel_height * kernel_width].
constexpr weight_shape depthwise_weights(window_shape const& shape) noexcept {
  return {static_cast<std::size_t>(shape.in_channels), 1, static_cast<std::size_t>(shape.taps())};
}

}  // namespace dyadic::kernel
