#pragma once

#include <cstddef>

#include <dyadic/kernel/shape.hpp>

namespace dyadic::kernel {

/// Elements of the buffer that `pad` writes, slack included.
constexpr std::size_t padded_size(window_shape const& shape) noexcept {
  return static_cast<std::size_t>(shape.padded_height()) * static_cast<std::size_t>(shape.padded_width()) *
             static_cast<std::size_t>(shape.in_channels) +
         read_slack;
}

/// Copies one image into a frame of the code that means zero, with zeros between its pixels where the shape
/// spreads them. Every element of `padded` is written, so that nothing a kernel reads is indeterminate.
template <class Code>
constexpr void pad(window_shape const& shape, Code const* x, Code zero, Code* padded) noexcept {
  auto const fill = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) padded[i] = zero;
    padded += count;
  };
  auto const copy = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) padded[i] = x[i];
    padded += count;
    x += count;
  };
  auto const channels = static_cast<std::size_t>(shape.in_channels);
  auto const width = static_cast<std::size_t>(shape.in_width);
  std::size_t const line = static_cast<std::size_t>(shape.padded_width()) * channels;
  std::size_t const left = static_cast<std::size_t>(shape.pad_left) * channels;
  std::size_t const right = static_cast<std::size_t>(shape.pad_right) * channels;
  std::size_t const between = static_cast<std::size_t>(shape.spread_width - 1) * channels;
  fill(static_cast<std::size_t>(shape.pad_top) * line + left);
  for (int row = 0; row < shape.in_height; ++row) {
    if (between == 0) {
      copy(width * channels);
    } else {
      for (std::size_t column = 1; column < width; ++column) {
        copy(channels);
        fill(between);
      }
      copy(channels);
    }
    if (row + 1 < shape.in_height)
      fill(right + static_cast<std::size_t>(shape.spread_height - 1) * line + left);
  }
  fill(right + static_cast<std::size_t>(shape.pad_bottom) * line + read_slack);
}

/// Lines `first` to `last` - 1 of what `pad` writes, of a shape that spreads nothing.
template <class Code>
constexpr void pad_lines(window_shape const& shape, Code const* x, Code zero, int first, int last,
                         Code* padded) noexcept {
  auto const channels = static_cast<std::size_t>(shape.in_channels);
  std::size_t const width = static_cast<std::size_t>(shape.in_width) * channels;
  std::size_t const left = static_cast<std::size_t>(shape.pad_left) * channels;
  std::size_t const line = static_cast<std::size_t>(shape.padded_width()) * channels;
  for (int at = first; at < last; ++at) {
    int const row = at - shape.pad_top;
    Code* const to = padded + static_cast<std::size_t>(at) * line;
    for (std::size_t i = 0; i < line; ++i) to[i] = zero;
    if (row < 0 || row >= shape.in_height) continue;
    Code const* const from = x + static_cast<std::size_t>(row) * width;
    for (std::size_t i = 0; i < width; ++i) to[left + i] = from[i];
  }
}

}  // namespace dyadic::kernel
