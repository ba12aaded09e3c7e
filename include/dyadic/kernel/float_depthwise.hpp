#pragma once

#include <cstddef>
#include "dyadic/kernel/float_source.hpp"
#include "dyadic/kernel/shape.hpp"

namespace dyadic::kernel {

/// Floats of workspace that each of the three depthwise functions needs, for any number of images.
constexpr std::ptrdiff_t depthwise_workspace(window_shape const&) noexcept { return 0; }

namespace detail {

// Calls visit(output element, weight, input element) for every product of one image's depthwise convolution.
template <class Visit> constexpr void for_each_product(window_shape const& shape, Visit visit) noexcept {
  std::ptrdiff_t const channels = shape.in_channels;
  for (int oy = 0; oy < shape.out_height; ++oy)
    for (int ox = 0; ox < shape.out_width; ++ox)
      for (int ky = 0; ky < shape.kernel_height; ++ky)
        for (int kx = 0; kx < shape.kernel_width; ++kx) {
          int const iy = oy * shape.stride_height + ky - shape.pad_top;
          int const ix = ox * shape.stride_width + kx - shape.pad_left;
          if (iy < 0 || iy >= shape.in_height || ix < 0 || ix >= shape.in_width) continue;
          std::ptrdiff_t const to = (std::ptrdiff_t{oy} * shape.out_width + ox) * channels;
          std::ptrdiff_t const tap = (std::ptrdiff_t{ky} * shape.kernel_width + kx) * channels;
          std::ptrdiff_t const from = (std::ptrdiff_t{iy} * shape.in_width + ix) * channels;
          for (std::ptrdiff_t c = 0; c < channels; ++c) visit(to + c, tap + c, from + c, c);
        }
}

}  // namespace detail

/// y = the depthwise convolution of x with weights[kernel pixel][channel]; no bias. Padding counts as 0.
template <class Arch, class Source, class Weights>
void depthwise_forward(Arch, window_shape const& shape, std::ptrdiff_t images, Source x, Weights weights,
                       float* y, float*) noexcept {
  std::ptrdiff_t const in_size = std::ptrdiff_t{shape.in_channels} * shape.in_height * shape.in_width;
  std::ptrdiff_t const out_size = std::ptrdiff_t{shape.in_channels} * shape.out_height * shape.out_width;
  for (std::ptrdiff_t i = 0; i < images * out_size; ++i) y[i] = 0;
  for (std::ptrdiff_t image = 0; image < images; ++image)
    detail::for_each_product(shape, [&](std::ptrdiff_t to, std::ptrdiff_t tap, std::ptrdiff_t from,
                                        std::ptrdiff_t c) {
      y[image * out_size + to] += float_at(x, image * in_size + from, 0, c) * float_at(weights, tap, 0, c);
    });
}

/// dx = the gradient of the input, from the output's gradient dy.
template <class Arch, class Weights>
void depthwise_backward_input(Arch, window_shape const& shape, std::ptrdiff_t images, float const* dy,
                              Weights weights, float* dx, float*) noexcept {
  std::ptrdiff_t const in_size = std::ptrdiff_t{shape.in_channels} * shape.in_height * shape.in_width;
  std::ptrdiff_t const out_size = std::ptrdiff_t{shape.in_channels} * shape.out_height * shape.out_width;
  for (std::ptrdiff_t i = 0; i < images * in_size; ++i) dx[i] = 0;
  for (std::ptrdiff_t image = 0; image < images; ++image)
    detail::for_each_product(
        shape, [&](std::ptrdiff_t to, std::ptrdiff_t tap, std::ptrdiff_t from, std::ptrdiff_t c) {
          dx[image * in_size + from] += dy[image * out_size + to] * float_at(weights, tap, 0, c);
        });
}

/// dw[kernel pixel][channel] += the gradient of the weights.
template <class Arch, class Source>
void depthwise_backward_weights(Arch, window_shape const& shape, std::ptrdiff_t images, Source x,
                                float const* dy, float* dw, float*) noexcept {
  std::ptrdiff_t const in_size = std::ptrdiff_t{shape.in_channels} * shape.in_height * shape.in_width;
  std::ptrdiff_t const out_size = std::ptrdiff_t{shape.in_channels} * shape.out_height * shape.out_width;
  for (std::ptrdiff_t image = 0; image < images; ++image)
    detail::for_each_product(
        shape, [&](std::ptrdiff_t to, std::ptrdiff_t tap, std::ptrdiff_t from, std::ptrdiff_t c) {
          dw[tap] += dy[image * out_size + to] * float_at(x, image * in_size + from, 0, c);
        });
}

}  // namespace dyadic::kernel
