#pragma once

#include <cstddef>

#include <dyadic/kernel/float_image.hpp>
#include <dyadic/kernel/shape.hpp>

namespace dyadic::kernel {

namespace float_detail {

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
      taps_inside taps{larger(-top, 0), larger(-left, 0), 0, 0};
      taps.rows = smaller(shape.kernel_height, shape.in_height - top) - taps.first_row;
      taps.columns = smaller(shape.kernel_width, shape.in_width - left) - taps.first_column;
      visit((oy * shape.out_width + ox) * channels,
            ((top + taps.first_row) * shape.in_width + left + taps.first_column) * channels, taps);
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
            from + (row * shape.in_width + column) * channels);
}

constexpr std::ptrdiff_t pooled_size(window_shape const& shape) noexcept {
  return std::ptrdiff_t{shape.out_height} * shape.out_width * shape.in_channels;
}

}  // namespace float_detail

}  // namespace dyadic::kernel
