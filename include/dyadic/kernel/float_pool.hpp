#pragma once

#include <cstddef>
#include <type_traits>

#include "dyadic/kernel/float_blocks.hpp"
#include "dyadic/kernel/float_window.hpp"
#include "dyadic/kernel/shape.hpp"

/// Pooling of floats over windows of [row][column][channel] images. The padding is no part of a window; every
/// window holds at least one tap inside the image.
namespace dyadic::kernel {

/// y = the maximum over each window. `argmax`, null or one an output element, receives the tap (row *
/// kernel_width + column) of the first maximum; Index is std::uint8_t for windows of up to 256 taps, or a
/// wider integer.
template <instruction_set Arch, class Index>
void max_pool_forward(Arch, window_shape const& shape, std::ptrdiff_t images, float const* x, float* y,
                      Index* argmax) noexcept {
  namespace at = float_detail;
  std::ptrdiff_t const size = at::pooled_size(shape);
  for (std::ptrdiff_t image = 0; image < images; ++image, x += input_size(shape), y += size)
    at::for_each_window(shape, [&](std::ptrdiff_t to, std::ptrdiff_t from, at::taps_inside const& taps) {
      for_each_block<Arch>(shape.in_channels, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t c) {
        auto const first = static_cast<float>(taps.first_row * shape.kernel_width + taps.first_column);
        Batch best = Batch::load_unaligned(x + from + c), best_tap(first);
        at::for_each_tap(shape, taps, from + c, [&](std::ptrdiff_t tap, std::ptrdiff_t offset) {
          Batch const value = Batch::load_unaligned(x + offset);
          best_tap = select_less(best, value, Batch(static_cast<float>(tap)), best_tap);
          best = select_less(best, value, value, best);
        });
        best.store_unaligned(y + to + c);
        if (argmax == nullptr) return;
        float index[Batch::size];
        best_tap.store_unaligned(index);
        for (std::size_t i = 0; i < Batch::size; ++i)
          argmax[image * size + to + c + static_cast<std::ptrdiff_t>(i)] = static_cast<Index>(index[i]);
      });
    });
}

/// dx = dy at the element that each window's maximum came from, summed over windows, else 0.
template <instruction_set Arch, class Index>
void max_pool_backward(Arch, window_shape const& shape, std::ptrdiff_t images, Index const* argmax,
                       float const* dy, float* dx) noexcept {
  namespace at = float_detail;
  std::ptrdiff_t const size = at::pooled_size(shape);
  for (std::ptrdiff_t i = 0; i < images * input_size(shape); ++i) dx[i] = 0.0f;
  for (std::ptrdiff_t image = 0; image < images; ++image, dx += input_size(shape), dy += size, argmax += size)
    at::for_each_window(shape, [&](std::ptrdiff_t to, std::ptrdiff_t from, at::taps_inside const& taps) {
      for_each_block<Arch>(shape.in_channels, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t c) {
        float index[Batch::size];
        for (std::size_t i = 0; i < Batch::size; ++i)
          index[i] = static_cast<float>(argmax[to + c + static_cast<std::ptrdiff_t>(i)]);
        Batch const best = Batch::load_unaligned(index), gradient = Batch::load_unaligned(dy + to + c),
                    zero(0.0f);
        at::for_each_tap(shape, taps, from + c, [&](std::ptrdiff_t tap, std::ptrdiff_t offset) {
          Batch const here(static_cast<float>(tap));
          Batch const part = select_less(best, here, zero, select_less(here, best, zero, gradient));
          (Batch::load_unaligned(dx + offset) + part).store_unaligned(dx + offset);
        });
      });
    });
}

/// y = the mean over each window.
template <instruction_set Arch>
void average_pool_forward(Arch, window_shape const& shape, std::ptrdiff_t images, float const* x,
                          float* y) noexcept {
  namespace at = float_detail;
  for (std::ptrdiff_t image = 0; image < images; ++image, x += input_size(shape), y += at::pooled_size(shape))
    at::for_each_window(shape, [&](std::ptrdiff_t to, std::ptrdiff_t from, at::taps_inside const& taps) {
      for_each_block<Arch>(shape.in_channels, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t c) {
        Batch sum(0.0f);
        at::for_each_tap(shape, taps, from + c, [&](std::ptrdiff_t, std::ptrdiff_t offset) {
          sum = sum + Batch::load_unaligned(x + offset);
        });
        (sum * Batch(1.0f / static_cast<float>(taps.rows * taps.columns))).store_unaligned(y + to + c);
      });
    });
}

/// dx = the sum over windows of dy / (taps inside the image).
template <instruction_set Arch>
void average_pool_backward(Arch, window_shape const& shape, std::ptrdiff_t images, float const* dy,
                           float* dx) noexcept {
  namespace at = float_detail;
  for (std::ptrdiff_t i = 0; i < images * input_size(shape); ++i) dx[i] = 0.0f;
  for (std::ptrdiff_t image = 0; image < images;
       ++image, dx += input_size(shape), dy += at::pooled_size(shape))
    at::for_each_window(shape, [&](std::ptrdiff_t to, std::ptrdiff_t from, at::taps_inside const& taps) {
      for_each_block<Arch>(shape.in_channels, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t c) {
        Batch const share =
            Batch::load_unaligned(dy + to + c) * Batch(1.0f / static_cast<float>(taps.rows * taps.columns));
        at::for_each_tap(shape, taps, from + c, [&](std::ptrdiff_t, std::ptrdiff_t offset) {
          (Batch::load_unaligned(dx + offset) + share).store_unaligned(dx + offset);
        });
      });
    });
}

}  // namespace dyadic::kernel
