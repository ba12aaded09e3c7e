#pragma once

#include <cstddef>

namespace dyadic::kernel {

/// Elements that a kernel may read (never use) past the end of an int8 input: buffers handed to a kernel
/// other than the reference hold this many more.
inline constexpr std::size_t read_slack = 16;

/// A window that slides over one image, rows by columns by channels (NHWC without the N). A dense layer is a
/// 1 x 1 window on a 1 x 1 image; a sequence is an image of height 1. Dilation: places from one tap to the
/// next. Spread: places from one input pixel to the next, zeros between them (a transposed convolution; its
/// stride is 1). Groups: the channels of each are convolved alone.
struct window_shape {
  int in_height = 1, in_width = 1, in_channels = 1;
  int out_height = 1, out_width = 1, out_channels = 1;
  int kernel_height = 1, kernel_width = 1;
  int stride_height = 1, stride_width = 1;
  int pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  int dilation_height = 1, dilation_width = 1;
  int spread_height = 1, spread_width = 1;
  int groups = 1;

  /// Do kernels read a copy with padding around and zeros between the pixels?
  constexpr bool padded() const noexcept {
    return (pad_top | pad_left | pad_bottom | pad_right) != 0 || spread_height != 1 || spread_width != 1;
  }
  constexpr int padded_height() const noexcept {
    return (in_height - 1) * spread_height + 1 + pad_top + pad_bottom;
  }
  constexpr int padded_width() const noexcept {
    return (in_width - 1) * spread_width + 1 + pad_left + pad_right;
  }
  constexpr int taps() const noexcept { return kernel_height * kernel_width; }
  /// Places that a window covers.
  constexpr int covered_height() const noexcept { return (kernel_height - 1) * dilation_height + 1; }
  constexpr int covered_width() const noexcept { return (kernel_width - 1) * dilation_width + 1; }
  constexpr int group_inputs() const noexcept { return in_channels / groups; }
  constexpr int group_outputs() const noexcept { return out_channels / groups; }
  /// Are the taps of a kernel row apart from one another in memory?
  constexpr bool taps_apart() const noexcept { return dilation_width != 1 || groups != 1; }
};

/// y[row, output] = sum over segments and k of x[row, segment, k] * w[output, segment, k].
/// Row r starts at x + (r / rows_per_group) * group_stride + (r % rows_per_group) * row_stride, its segment s
/// segment_stride further on: a dense layer has one segment, a convolution one a kernel row. Segments may
/// stand in lines: after each segments_per_line of them, line_gap more elements are skipped.
struct matmul_shape {
  std::size_t rows = 1, outputs = 1, segments = 1, depth = 1;
  std::ptrdiff_t row_stride = 0, segment_stride = 0;  ///< in elements of x
  std::ptrdiff_t output_stride = 0;                   ///< in elements of y, from row to row
  std::size_t rows_per_group = 0;                     ///< 0: all rows are one group
  std::ptrdiff_t group_stride = 0;                    ///< in elements of x
  std::size_t segments_per_line = 0;                  ///< 0: all segments are one line
  std::ptrdiff_t line_gap = 0;                        ///< in elements of x
  std::size_t first_channel = 0;                      ///< output 0's channel to the output function

  constexpr std::ptrdiff_t row_offset(std::size_t row) const noexcept {
    if (rows_per_group == 0) return static_cast<std::ptrdiff_t>(row) * row_stride;
    return static_cast<std::ptrdiff_t>(row / rows_per_group) * group_stride +
           static_cast<std::ptrdiff_t>(row % rows_per_group) * row_stride;
  }
  constexpr std::ptrdiff_t segment_offset(std::size_t segment) const noexcept {
    std::size_t const line = segments_per_line == 0 ? 0 : segment / segments_per_line;
    return static_cast<std::ptrdiff_t>(segment) * segment_stride +
           static_cast<std::ptrdiff_t>(line) * line_gap;
  }
};

/// The rows of a matmul, one after the other.
template <class Activation> class row_walk {
 public:
  constexpr row_walk(matmul_shape const& shape, Activation const* x) noexcept
      : next_(x),
        stride_(shape.row_stride),
        gap_(shape.group_stride - static_cast<std::ptrdiff_t>(shape.rows_per_group) * shape.row_stride),
        in_group_(shape.rows_per_group),
        left_(in_group_) {}

  constexpr Activation const* next() noexcept {
    Activation const* const row = next_;
    next_ += stride_;
    if (--left_ == 0) {  // never where all rows are one group
      left_ = in_group_;
      next_ += gap_;
    }
    return row;
  }

 private:
  Activation const* next_;
  std::ptrdiff_t stride_, gap_;
  std::size_t in_group_, left_;
};

/// Weights of a matmul in logical order: [outputs][segments][depth]. Each group of outputs is packed alone.
struct weight_shape {
  std::size_t outputs = 1, segments = 1, depth = 1, groups = 1;

  constexpr std::size_t group_outputs() const noexcept { return outputs / groups; }
};

constexpr weight_shape weights_of(matmul_shape const& shape) noexcept {
  return {shape.outputs, shape.segments, shape.depth};
}

/// Elements of a window that `gathers` at most.
inline constexpr std::size_t most_gathered = 512;

/// Are a window's narrow kernel rows gathered into one segment? They are where that leaves a fifth or more of
/// the units of four inputs out: 5x5x1 takes 7 units instead of 10, 3x3x3 takes 7 instead of 9.
constexpr bool gathers(window_shape const& shape) noexcept {
  std::size_t const row =
      static_cast<std::size_t>(shape.kernel_width) * static_cast<std::size_t>(shape.in_channels);
  std::size_t const rows = static_cast<std::size_t>(shape.kernel_height);
  if (shape.taps_apart() || row > 16 || row * rows > most_gathered) return false;
  return (row * rows + 3) / 4 * 5 <= (row + 3) / 4 * rows * 4;
}

/// Weights of a convolution: one segment of kernel_width * in_channels elements a kernel row, or one a tap
/// where the taps are apart, or one in all where kernel rows are gathered.
constexpr weight_shape convolution_weights(window_shape const& shape) noexcept {
  if (gathers(shape))
    return {static_cast<std::size_t>(shape.out_channels), 1,
            static_cast<std::size_t>(shape.taps()) * static_cast<std::size_t>(shape.in_channels)};
  if (shape.taps_apart())
    return {static_cast<std::size_t>(shape.out_channels), static_cast<std::size_t>(shape.taps()),
            static_cast<std::size_t>(shape.group_inputs()), static_cast<std::size_t>(shape.groups)};
  return {static_cast<std::size_t>(shape.out_channels), static_cast<std::size_t>(shape.kernel_height),
          static_cast<std::size_t>(shape.kernel_width) * static_cast<std::size_t>(shape.in_channels)};
}

/// Weights of a depthwise convolution: the logical order is [channels][kernel_height * kernel_width].
constexpr weight_shape depthwise_weights(window_shape const& shape) noexcept {
  return {static_cast<std::size_t>(shape.in_channels), 1, static_cast<std::size_t>(shape.taps())};
}

}  // namespace dyadic::kernel
