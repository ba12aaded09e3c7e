#pragma once

#include <cstddef>
#include <dyadic/kernel/float_source.hpp>
#include <dyadic/kernel/shape.hpp>

namespace dyadic::kernel {

/// columns[out pixel][kernel pixel * channel] = the input elements under each tap of one image, 0 in the
/// padding.
template <class Source> void im2col(window_shape const& shape, Source x, float* columns) noexcept {
  std::ptrdiff_t const channels = shape.in_channels;
  for (int oy = 0; oy < shape.out_height; ++oy)
    for (int ox = 0; ox < shape.out_width; ++ox)
      for (int ky = 0; ky < shape.kernel_height; ++ky)
        for (int kx = 0; kx < shape.kernel_width; ++kx) {
          int const iy = oy * shape.stride_height + ky - shape.pad_top;
          int const ix = ox * shape.stride_width + kx - shape.pad_left;
          bool const inside = iy >= 0 && iy < shape.in_height && ix >= 0 && ix < shape.in_width;
          std::ptrdiff_t const from = (std::ptrdiff_t{iy} * shape.in_width + ix) * channels;
          for (std::ptrdiff_t c = 0; c < channels; ++c)
            *columns++ = inside ? float_at(x, from + c, 0, c) : 0.0f;
        }
}

/// The transpose of `im2col`: dx[in pixel][channel] += every column element that was read from there.
inline void col2im(window_shape const& shape, float const* columns, float* dx) noexcept {
  std::ptrdiff_t const channels = shape.in_channels;
  for (int oy = 0; oy < shape.out_height; ++oy)
    for (int ox = 0; ox < shape.out_width; ++ox)
      for (int ky = 0; ky < shape.kernel_height; ++ky)
        for (int kx = 0; kx < shape.kernel_width; ++kx, columns += channels) {
          int const iy = oy * shape.stride_height + ky - shape.pad_top;
          int const ix = ox * shape.stride_width + kx - shape.pad_left;
          if (iy < 0 || iy >= shape.in_height || ix < 0 || ix >= shape.in_width) continue;
          float* const to = dx + (std::ptrdiff_t{iy} * shape.in_width + ix) * channels;
          for (std::ptrdiff_t c = 0; c < channels; ++c) to[c] += columns[c];
        }
}

}  // namespace dyadic::kernel
