#pragma once

#include <cstddef>
#include "dyadic/kernel/float_dense.hpp"
#include "dyadic/kernel/float_depthwise.hpp"
#include "dyadic/kernel/shape.hpp"

namespace dyadic::kernel {

/// Floats of workspace that each of the three convolution functions needs, for any number of images.
constexpr std::ptrdiff_t convolution_workspace(window_shape const&) noexcept { return 0; }

namespace detail {

// Calls visit(output pixel, tap, input pixel) for every tap of one image that lies inside it.
template <class Visit> constexpr void for_each_tap(window_shape const& shape, Visit visit) noexcept {
  for (int oy = 0; oy < shape.out_height; ++oy)
    for (int ox = 0; ox < shape.out_width; ++ox)
      for (int ky = 0; ky < shape.kernel_height; ++ky)
        for (int kx = 0; kx < shape.kernel_width; ++kx) {
          int const iy = oy * shape.stride_height + ky - shape.pad_top;
          int const ix = ox * shape.stride_width + kx - shape.pad_left;
          if (iy < 0 || iy >= shape.in_height || ix < 0 || ix >= shape.in_width) continue;
          visit(std::ptrdiff_t{oy} * shape.out_width + ox, std::ptrdiff_t{ky} * shape.kernel_width + kx,
                std::ptrdiff_t{iy} * shape.in_width + ix);
        }
}

}  // namespace detail

/// y[image][out pixel][out] = the convolution of x[image][in pixel][in] with weights[out][kernel pixel][in];
/// no bias. Padding counts as 0.
template <class Arch, class Source, class Weights>
void convolution_forward(Arch, window_shape const& shape, std::ptrdiff_t images, Source x, Weights weights,
                         float* y, float*) noexcept {
  std::ptrdiff_t const in = shape.in_channels, out = shape.out_channels;
  std::ptrdiff_t const taps = std::ptrdiff_t{shape.kernel_height} * shape.kernel_width;
  std::ptrdiff_t const in_size = in * shape.in_height * shape.in_width;
  std::ptrdiff_t const out_size = out * shape.out_height * shape.out_width;
  for (std::ptrdiff_t i = 0; i < images * out_size; ++i) y[i] = 0;
  for (std::ptrdiff_t image = 0; image < images; ++image)
    detail::for_each_tap(shape, [&](std::ptrdiff_t pixel, std::ptrdiff_t tap, std::ptrdiff_t from) {
      for (std::ptrdiff_t o = 0; o < out; ++o) {
        float sum = 0;
        for (std::ptrdiff_t c = 0; c < in; ++c)
          sum += float_at(x, image * in_size + from * in + c, 0, 0) *
                 float_at(weights, (o * taps + tap) * in + c, o, 0);
        y[image * out_size + pixel * out + o] += sum;
      }
    });
}

/// dx = the gradient of the input, from the output's gradient dy.
template <class Arch, class Weights>
void convolution_backward_input(Arch, window_shape const& shape, std::ptrdiff_t images, float const* dy,
                                Weights weights, float* dx, float*) noexcept {
  std::ptrdiff_t const in = shape.in_channels, out = shape.out_channels;
  std::ptrdiff_t const taps = std::ptrdiff_t{shape.kernel_height} * shape.kernel_width;
  std::ptrdiff_t const in_size = in * shape.in_height * shape.in_width;
  std::ptrdiff_t const out_size = out * shape.out_height * shape.out_width;
  for (std::ptrdiff_t i = 0; i < images * in_size; ++i) dx[i] = 0;
  for (std::ptrdiff_t image = 0; image < images; ++image)
    detail::for_each_tap(shape, [&](std::ptrdiff_t pixel, std::ptrdiff_t tap, std::ptrdiff_t to) {
      for (std::ptrdiff_t o = 0; o < out; ++o)
        for (std::ptrdiff_t c = 0; c < in; ++c)
          dx[image * in_size + to * in + c] +=
              dy[image * out_size + pixel * out + o] * float_at(weights, (o * taps + tap) * in + c, o, 0);
    });
}

/// dw[out][kernel pixel][in] += the gradient of the weights.
template <class Arch, class Source>
void convolution_backward_weights(Arch, window_shape const& shape, std::ptrdiff_t images, Source x,
                                  float const* dy, float* dw, float*) noexcept {
  std::ptrdiff_t const in = shape.in_channels, out = shape.out_channels;
  std::ptrdiff_t const taps = std::ptrdiff_t{shape.kernel_height} * shape.kernel_width;
  std::ptrdiff_t const in_size = in * shape.in_height * shape.in_width;
  std::ptrdiff_t const out_size = out * shape.out_height * shape.out_width;
  for (std::ptrdiff_t image = 0; image < images; ++image)
    detail::for_each_tap(shape, [&](std::ptrdiff_t pixel, std::ptrdiff_t tap, std::ptrdiff_t from) {
      for (std::ptrdiff_t o = 0; o < out; ++o)
        for (std::ptrdiff_t c = 0; c < in; ++c)
          dw[(o * taps + tap) * in + c] +=
              dy[image * out_size + pixel * out + o] * float_at(x, image * in_size + from * in + c, 0, 0);
    });
}

}  // namespace dyadic::kernel
