#pragma once

#include <cstddef>
#include <limits>
#include "dyadic/kernel/float_depthwise.hpp"
#include "dyadic/kernel/shape.hpp"

namespace dyadic::kernel {

/// y = the maximum over each window's taps inside the image. `argmax`, null or one an output element,
/// receives the tap (row * kernel_width + column) of the first maximum; Index is std::uint8_t for windows of
/// up to 256 taps.
template <class Arch, class Index>
void max_pool_forward(Arch, window_shape const& shape, std::ptrdiff_t images, float const* x, float* y,
                      Index* argmax) noexcept {
  std::ptrdiff_t const channels = shape.in_channels;
  std::ptrdiff_t const in_size = channels * shape.in_height * shape.in_width;
  std::ptrdiff_t const out_size = channels * shape.out_height * shape.out_width;
  for (std::ptrdiff_t i = 0; i < images * out_size; ++i) y[i] = -std::numeric_limits<float>::infinity();
  for (std::ptrdiff_t image = 0; image < images; ++image)
    detail::for_each_product(shape,
                             [&](std::ptrdiff_t to, std::ptrdiff_t tap, std::ptrdiff_t from, std::ptrdiff_t) {
                               float& best = y[image * out_size + to];
                               if (!(x[image * in_size + from] > best)) return;
                               best = x[image * in_size + from];
                               if (argmax != nullptr)
                                 argmax[image * out_size + to] = static_cast<Index>(tap / channels);
                             });
}

/// dx = dy at the element that each window's maximum came from, summed over windows, else 0.
template <class Arch, class Index>
void max_pool_backward(Arch, window_shape const& shape, std::ptrdiff_t images, Index const* argmax,
                       float const* dy, float* dx) noexcept {
  std::ptrdiff_t const channels = shape.in_channels;
  std::ptrdiff_t const in_size = channels * shape.in_height * shape.in_width;
  std::ptrdiff_t const out_size = channels * shape.out_height * shape.out_width;
  for (std::ptrdiff_t i = 0; i < images * in_size; ++i) dx[i] = 0;
  for (std::ptrdiff_t image = 0; image < images; ++image)
    detail::for_each_product(
        shape, [&](std::ptrdiff_t to, std::ptrdiff_t tap, std::ptrdiff_t from, std::ptrdiff_t) {
          if (static_cast<std::ptrdiff_t>(argmax[image * out_size + to]) == tap / channels)
            dx[image * in_size + from] += dy[image * out_size + to];
        });
}

namespace detail {

// Taps of the window at output (oy, ox) that lie inside the image.
constexpr int taps_inside(window_shape const& shape, int oy, int ox) noexcept {
  int const top = oy * shape.stride_height - shape.pad_top, left = ox * shape.stride_width - shape.pad_left;
  int const bottom = top + shape.kernel_height, right = left + shape.kernel_width;
  return ((bottom < shape.in_height ? bottom : shape.in_height) - (top > 0 ? top : 0)) *
         ((right < shape.in_width ? right : shape.in_width) - (left > 0 ? left : 0));
}

}  // namespace detail

/// y = the mean over each window's taps inside the image.
template <class Arch>
void average_pool_forward(Arch, window_shape const& shape, std::ptrdiff_t images, float const* x,
                          float* y) noexcept {
  std::ptrdiff_t const channels = shape.in_channels;
  std::ptrdiff_t const in_size = channels * shape.in_height * shape.in_width;
  std::ptrdiff_t const out_size = channels * shape.out_height * shape.out_width;
  for (std::ptrdiff_t i = 0; i < images * out_size; ++i) y[i] = 0;
  for (std::ptrdiff_t image = 0; image < images; ++image) {
    detail::for_each_product(shape,
                             [&](std::ptrdiff_t to, std::ptrdiff_t, std::ptrdiff_t from, std::ptrdiff_t) {
                               y[image * out_size + to] += x[image * in_size + from];
                             });
    for (int oy = 0; oy < shape.out_height; ++oy)
      for (int ox = 0; ox < shape.out_width; ++ox)
        for (std::ptrdiff_t c = 0; c < channels; ++c)
          y[image * out_size + (std::ptrdiff_t{oy} * shape.out_width + ox) * channels + c] /=
              static_cast<float>(detail::taps_inside(shape, oy, ox));
  }
}

/// dx = the sum over windows of dy / (taps inside the image).
template <class Arch>
void average_pool_backward(Arch, window_shape const& shape, std::ptrdiff_t images, float const* dy,
                           float* dx) noexcept {
  std::ptrdiff_t const channels = shape.in_channels;
  std::ptrdiff_t const in_size = channels * shape.in_height * shape.in_width;
  std::ptrdiff_t const out_size = channels * shape.out_height * shape.out_width;
  for (std::ptrdiff_t i = 0; i < images * in_size; ++i) dx[i] = 0;
  for (std::ptrdiff_t image = 0; image < images; ++image)
    detail::for_each_product(
        shape, [&](std::ptrdiff_t to, std::ptrdiff_t, std::ptrdiff_t from, std::ptrdiff_t) {
          std::ptrdiff_t const pixel = to / channels;
          dx[image * in_size + from] +=
              dy[image * out_size + to] /
              static_cast<float>(detail::taps_inside(shape, static_cast<int>(pixel / shape.out_width),
                                                     static_cast<int>(pixel % shape.out_width)));
        });
}

}  // namespace dyadic::kernel
