#pragma once

#include "dyadic/kernel/shape.hpp"
#include "sweep.hpp"

namespace sweep {

using dyadic::kernel::window_shape;

/// A window of any size, stride and padding, all of whose positions begin inside the padded image.
inline window_shape any_window(generator& random, int most_channels) {
  window_shape shape;
  auto const number = [&](int low, int high) { return static_cast<int>(random(low, high)); };
  shape.in_height = number(1, 9);
  shape.in_width = number(1, 9);
  shape.in_channels = number(1, most_channels);
  shape.kernel_height = number(1, 4);
  shape.kernel_width = number(1, 4);
  shape.stride_height = number(1, 3);
  shape.stride_width = number(1, 3);
  // Less than a kernel on every side, so that every window touches the image, and enough to fit one.
  auto const padding = [&](int size, int kernel, int& before, int& after) {
    before = number(0, kernel - 1);
    after = number(0, kernel - 1);
    if (size + before + after < kernel) before = after = kernel - 1;
  };
  padding(shape.in_height, shape.kernel_height, shape.pad_top, shape.pad_bottom);
  padding(shape.in_width, shape.kernel_width, shape.pad_left, shape.pad_right);
  shape.out_height = (shape.padded_height() - shape.kernel_height) / shape.stride_height + 1;
  shape.out_width = (shape.padded_width() - shape.kernel_width) / shape.stride_width + 1;
  return shape;
}

inline std::size_t product(int a, int b, int c) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b) * static_cast<std::size_t>(c);
}

/// The code of an image at a place that may lie outside it, where it is `zero`.
template <class Code>
std::int64_t code_at(window_shape const& shape, std::vector<Code> const& image, std::int64_t zero, int row,
                     int column, int channel) {
  if (row < 0 || column < 0 || row >= shape.in_height || column >= shape.in_width) return zero;
  return image[product(row, shape.in_width, shape.in_channels) +
               static_cast<std::size_t>(column * shape.in_channels + channel)];
}

/// `body(row, column)` for every pixel of the output, in its order.
template <class Body> void for_each_pixel(window_shape const& shape, Body const& body) {
  for (int row = 0; row < shape.out_height; ++row)
    for (int column = 0; column < shape.out_width; ++column) body(row, column);
}

/// The sum over one window of code * weight(i, j).
template <class Code, class Weight>
std::int64_t window_sum(window_shape const& shape, std::vector<Code> const& image, std::int64_t zero, int row,
                        int column, int channel, Weight const& weight) {
  std::int64_t sum = 0;
  for (int i = 0; i < shape.kernel_height; ++i)
    for (int j = 0; j < shape.kernel_width; ++j)
      sum += weight(i, j) * code_at(shape, image, zero, row * shape.stride_height - shape.pad_top + i,
                                    column * shape.stride_width - shape.pad_left + j, channel);
  return sum;
}

}  // namespace sweep
