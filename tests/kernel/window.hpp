#pragma once

#include <cstdint>
#include <string>

#include "dyadic/kernel/shape.hpp"
#include "sweep.hpp"

/// Random windows on images and the walks that the definitions need.
namespace sweep {

using dyadic::kernel::window_shape;

inline window_shape window(generator& random, int out_channels) {
  auto const pick = [&](int low, int high) { return static_cast<int>(random(low, high)); };
  window_shape shape{.in_height = pick(1, 9),
                     .in_width = pick(1, 9),
                     .in_channels = pick(0, 3) == 0 ? pick(1, 70) : pick(1, 20),
                     .out_channels = out_channels,
                     .kernel_height = pick(1, 5),
                     .kernel_width = pick(1, 5),
                     .stride_height = pick(1, 3),
                     .stride_width = pick(1, 3)};
  // Less padding than the window, so that each window has a tap inside; enough for one window to fit.
  auto const around = [&](int size, int kernel, int& before, int& after) {
    before = pick(0, kernel - 1);
    after = pick(0, kernel - 1);
    if (size + before + after < kernel) before = after = kernel - 1;
    if (size + before + after < kernel) after += kernel - size - before - after;
  };
  around(shape.in_height, shape.kernel_height, shape.pad_top, shape.pad_bottom);
  around(shape.in_width, shape.kernel_width, shape.pad_left, shape.pad_right);
  shape.out_height = (shape.padded_height() - shape.kernel_height) / shape.stride_height + 1;
  shape.out_width = (shape.padded_width() - shape.kernel_width) / shape.stride_width + 1;
  return shape;
}

inline std::size_t in_size(window_shape const& shape) {
  return static_cast<std::size_t>(shape.in_height) * static_cast<std::size_t>(shape.in_width) *
         static_cast<std::size_t>(shape.in_channels);
}

inline std::string text(window_shape const& shape) {
  auto const pair = [](int a, int b) { return std::to_string(a) + "x" + std::to_string(b); };
  return "image " + pair(shape.in_height, shape.in_width) + "x" + std::to_string(shape.in_channels) + " to " +
         pair(shape.out_height, shape.out_width) + "x" + std::to_string(shape.out_channels) + ", kernel " +
         pair(shape.kernel_height, shape.kernel_width) + ", stride " +
         pair(shape.stride_height, shape.stride_width) + ", padding " + pair(shape.pad_top, shape.pad_left);
}

/// Calls `body(top, left)` with each window's corner in the image's coordinates.
template <class Body> void for_each_window(window_shape const& shape, Body const& body) {
  for (int row = 0; row < shape.out_height; ++row)
    for (int column = 0; column < shape.out_width; ++column)
      body(row * shape.stride_height - shape.pad_top, column * shape.stride_width - shape.pad_left);
}

/// Calls `body(row, column)` for each place of a window, inside the image or not.
template <class Body> void for_each_place(window_shape const& shape, int top, int left, Body const& body) {
  for (int i = 0; i < shape.kernel_height; ++i)
    for (int j = 0; j < shape.kernel_width; ++j) body(top + i, left + j);
}

inline bool is_inside(window_shape const& shape, int row, int column) {
  return row >= 0 && row < shape.in_height && column >= 0 && column < shape.in_width;
}

template <class Code>
Code at(std::vector<Code> const& image, window_shape const& shape, int row, int column, int channel,
        Code outside) {
  if (!is_inside(shape, row, column)) return outside;
  return image[static_cast<std::size_t>((row * shape.in_width + column) * shape.in_channels + channel)];
}

}  // namespace sweep
