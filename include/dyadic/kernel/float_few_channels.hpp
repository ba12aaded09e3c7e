#pragma once

#include <cstddef>

#include <dyadic/kernel/float_arch.hpp>
#include <dyadic/kernel/float_source.hpp>
#include <dyadic/kernel/shape.hpp>

namespace dyadic::kernel::float_detail {

/// Input channels up to which a vector of output channels is fuller than one of input channels.
inline constexpr std::ptrdiff_t few_channels = 3;

template <class Batch> constexpr bool has_few_channels(window_shape const& shape) noexcept {
  bool const plain = shape.dilation_height == 1 && shape.spread_height == 1 && shape.spread_width == 1;
  return plain && !shape.taps_apart() && shape.in_channels <= few_channels &&
         shape.out_channels % static_cast<int>(Batch::size) == 0;
}

/// The windows along one axis that hold position `at` (padding included): their first and last output
/// position.
struct holders {
  std::ptrdiff_t first, last;
};
constexpr holders holding(std::ptrdiff_t at, std::ptrdiff_t kernel, std::ptrdiff_t stride,
                          std::ptrdiff_t out) noexcept {
  std::ptrdiff_t const reach = at - kernel + 1;
  std::ptrdiff_t const last = at / stride;
  return {reach > 0 ? (reach + stride - 1) / stride : 0, last < out - 1 ? last : out - 1};
}

/// The input gradient of a convolution of few channels into whole vectors of output channels: each input
/// number is a sum of dot products over the output channels. `ordered` is room for the weights as [in][kernel
/// pixel][out].
template <class Batch, class Weights>
void few_channels_backward_input(window_shape const& shape, std::ptrdiff_t images, float const* dy,
                                 Weights weights, float* dx, float* ordered) noexcept {
  constexpr auto width = static_cast<std::ptrdiff_t>(Batch::size);
  std::ptrdiff_t const in = shape.in_channels, out = shape.out_channels, taps = shape.taps();
  for (std::ptrdiff_t c = 0; c < in; ++c)
    for (std::ptrdiff_t tap = 0; tap < taps; ++tap)
      for (std::ptrdiff_t o = 0; o < out; ++o)
        ordered[(c * taps + tap) * out + o] = float_at(weights, (o * taps + tap) * in + c, o, tap * in + c);

  auto const one = [&](std::ptrdiff_t iy, std::ptrdiff_t ix, std::ptrdiff_t c) {
    std::ptrdiff_t const y = iy + shape.pad_top, x = ix + shape.pad_left;
    holders const rows = holding(y, shape.kernel_height, shape.stride_height, shape.out_height);
    holders const columns = holding(x, shape.kernel_width, shape.stride_width, shape.out_width);
    Batch even(0.0f), odd(0.0f);
    for (std::ptrdiff_t oy = rows.first; oy <= rows.last; ++oy) {
      std::ptrdiff_t const ky = y - oy * shape.stride_height;
      for (std::ptrdiff_t n = 0; n < out; n += width) {
        float const* from = dy + (oy * shape.out_width + columns.first) * out + n;
        float const* by =
            ordered + (c * taps + ky * shape.kernel_width + x - columns.first * shape.stride_width) * out + n;
        std::ptrdiff_t const step = shape.stride_width * out;
        std::ptrdiff_t ox = columns.first;
        for (; ox < columns.last; ox += 2, from += 2 * out, by -= 2 * step) {
          even = multiply_add(Batch::load_unaligned(from), Batch::load_unaligned(by), even);
          odd = multiply_add(Batch::load_unaligned(from + out), Batch::load_unaligned(by - step), odd);
        }
        if (ox == columns.last)
          even = multiply_add(Batch::load_unaligned(from), Batch::load_unaligned(by), even);
      }
    }
    float lanes[Batch::size];
    (even + odd).store_unaligned(lanes);
    float sum = 0;
    for (float const lane : lanes) sum += lane;
    return sum;
  };
  std::ptrdiff_t const out_size = out * shape.out_height * shape.out_width;
  for (std::ptrdiff_t image = 0; image < images; ++image, dy += out_size)
    for (std::ptrdiff_t iy = 0; iy < shape.in_height; ++iy)
      for (std::ptrdiff_t ix = 0; ix < shape.in_width; ++ix)
        for (std::ptrdiff_t c = 0; c < in; ++c) *dx++ = one(iy, ix, c);
}

}  // namespace dyadic::kernel::float_detail
