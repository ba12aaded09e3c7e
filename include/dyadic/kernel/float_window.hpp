#pragma once

#include <cstddef>

#include <dyadic/kernel/float_image.hpp>
#include <dyadic/kernel/shape.hpp>

namespace dyadic::kernel {

namespace float_detail {

// The taps of one axis of a window from `start` on that lie inside an input of `size`.
struct axis_taps {
  std::ptrdiff_t first, count;
};
constexpr axis_taps axis_inside(std::ptrdiff_t start, std::ptrdiff_t taps, std::ptrdiff_t dilation,
                                std::ptrdiff_t size) noexcept {
  std::ptrdiff_t const first = start < 0 ? (dilation - 1 - start) / dilation : 0;
  std::ptrdiff_t const end = size > start ? (size - start + dilation - 1) / dilation : 0;
  return {first, smaller(taps, end) - first};
}

// Calls visit(output offset, input offset of the window's first tap inside, taps inside) for each window of
// an image.
struct taps_inside {
  std::ptrdiff_t first_row, first_column, rows, columns;
};
template <class Visit> void for_each_window(window_shape const& shape, Visit visit) noexcept {
  std::ptrdiff_t const channels = shape.in_channels;
  for (std::ptrdiff_t oy = 0; oy < shape.out_height; ++oy)
    for (std::ptrdiff_t ox = 0; ox < shape.out_width; ++ox) {
      std::ptrdiff_t const top = oy * shape.stride_height - shape.pad_top;
      std::ptrdiff_t const left = ox * shape.stride_width - shape.pad_left;
      axis_taps const rows = axis_inside(top, shape.kernel_height, shape.dilation_height, shape.in_height);
      axis_taps const columns = axis_inside(left, shape.kernel_width, shape.dilation_width, shape.in_width);
      visit((oy * shape.out_width + ox) * channels,
            ((top + rows.first * shape.dilation_height) * shape.in_width + left +
             columns.first * shape.dilation_width) *
                channels,
            taps_inside{rows.first, columns.first, rows.count, columns.count});
    }
}

// Calls visit(tap number in the whole window, input offset) for the taps inside.
template <class Visit>
void for_each_tap(window_shape const& shape, taps_inside const& taps, std::ptrdiff_t from,
                  Visit visit) noexcept {
  std::ptrdiff_t const channels = shape.in_channels;
  for (std::ptrdiff_t row = 0; row < taps.rows; ++row)
    for (std::ptrdiff_t column = 0; column < taps.columns; ++column)
      visit((taps.first_row + row) * shape.kernel_width + taps.first_column + column,
            from + (row * shape.dilation_height * shape.in_width + column * shape.dilation_width) * channels);
}

constexpr std::ptrdiff_t pooled_size(window_shape const& shape) noexcept {
  return std::ptrdiff_t{shape.out_height} * shape.out_width * shape.in_channels;
}

}  // namespace float_detail

}  // namespace dyadic::kernel
