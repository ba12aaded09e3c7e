#pragma once

#include <cstddef>
#include <type_traits>

#include <dyadic/kernel/float_blocks.hpp>
#include <dyadic/kernel/float_window.hpp>
#include <dyadic/kernel/shape.hpp>

/// Pooling of floats over windows of [row][column][channel] images. The padding is no part of a window; every
/// window holds at least one tap inside the image.
namespace dyadic::kernel {

namespace float_detail {

// Tap numbers between their type and floats, in which every one is exact. Apart from the loops over windows:
// stores of bytes may alias anything there, and g++ would unroll these before it makes vectors of them.
template <class Batch, class Index> void store_taps(Batch const& taps, Index* to) noexcept {
  float value[Batch::size];
  taps.store_unaligned(value);
#pragma GCC unroll 1
  for (std::size_t i = 0; i < Batch::size; ++i) to[i] = static_cast<Index>(static_cast<int>(value[i]));
}
template <class Batch, class Index>
void max_window(taps_inside const& taps, std::ptrdiff_t line, std::ptrdiff_t channels,
                std::ptrdiff_t kernel_width, float const* x, float* y, Index* argmax) noexcept {
  auto const first = static_cast<float>(taps.first_row * kernel_width + taps.first_column);
  Batch best = Batch::load_unaligned(x), best_tap(first);
  for (std::ptrdiff_t row = 0; row < taps.rows; ++row) {
    float tap = first + static_cast<float>(row * kernel_width);
    for (std::ptrdiff_t column = 0; column < taps.columns; ++column, tap += 1.0f) {
      Batch const value = Batch::load_unaligned(x + row * line + column * channels);
      best_tap = select_less(best, value, Batch(tap), best_tap);
      best = select_less(best, value, value, best);
    }
  }
  best.store_unaligned(y);
  if (argmax != nullptr) store_taps(best_tap, argmax);
}

}  // namespace float_detail

/// y = the maximum over each window. `argmax`, null or one an output element, receives the tap (row *
/// kernel_width + column) of the first maximum; Index is std::uint8_t for windows of up to 256 taps, or a
/// wider integer.
template <instruction_set Arch, class Index>
void max_pool_forward(Arch, window_shape const& shape, std::ptrdiff_t images, float const* x, float* y,
                      Index* argmax) noexcept {
  namespace at = float_detail;
  std::ptrdiff_t const channels = shape.in_channels, line = shape.in_width * channels;
  for (std::ptrdiff_t image = 0; image < images; ++image) {
    at::for_each_window(shape, [=, width = shape.kernel_width](std::ptrdiff_t to, std::ptrdiff_t from,
                                                               at::taps_inside const& taps) {
      for_each_block<Arch>(channels, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t c) {
        at::max_window<Batch>(taps, line, channels, width, x + from + c, y + to + c,
                              argmax == nullptr ? argmax : argmax + to + c);
      });
    });
    x += input_size(shape);
    y += at::pooled_size(shape);
    if (argmax != nullptr) argmax += at::pooled_size(shape);
  }
}

/// dx = dy at the element that each window's maximum came from, summed over windows, else 0.
template <instruction_set Arch, class Index>
void max_pool_backward(Arch, window_shape const& shape, std::ptrdiff_t images, Index const* argmax,
                       float const* dy, float* dx) noexcept {
  namespace at = float_detail;
  std::ptrdiff_t const channels = shape.in_channels, line = shape.in_width * channels,
                       size = input_size(shape);
  // Where the first taps lie, relative to their window's start.
  constexpr std::ptrdiff_t known = 64;
  std::ptrdiff_t offset[known];
  auto const offset_of = [=, width = shape.kernel_width](std::ptrdiff_t tap) {
    return tap / width * line + tap % width * channels;
  };
  bool const few = shape.taps() <= known;
  for (std::ptrdiff_t tap = 0; few && tap < shape.taps(); ++tap) offset[tap] = offset_of(tap);
  for (std::ptrdiff_t image = 0; image < images; ++image) {
    for (std::ptrdiff_t i = 0; i < size; ++i) dx[i] = 0.0f;
    at::for_each_window(shape, [&](std::ptrdiff_t to, std::ptrdiff_t from, at::taps_inside const& taps) {
      float* const start = dx + from - taps.first_row * line - taps.first_column * channels;
      Index const* const from_tap = argmax + to;
      float const* const gradient = dy + to;
      if (few)
        for (std::ptrdiff_t c = 0; c < channels; ++c) start[offset[from_tap[c]] + c] += gradient[c];
      else
        for (std::ptrdiff_t c = 0; c < channels; ++c) start[offset_of(from_tap[c]) + c] += gradient[c];
    });
    dx += size;
    dy += at::pooled_size(shape);
    argmax += at::pooled_size(shape);
  }
}

/// y = the mean over each window.
template <instruction_set Arch>
void average_pool_forward(Arch, window_shape const& shape, std::ptrdiff_t images, float const* x,
                          float* y) noexcept {
  namespace at = float_detail;
  std::ptrdiff_t const channels = shape.in_channels;
  for (std::ptrdiff_t image = 0; image < images; ++image, x += input_size(shape), y += at::pooled_size(shape))
    at::for_each_window(shape, [&](std::ptrdiff_t to, std::ptrdiff_t from, at::taps_inside const& taps) {
      for_each_block<Arch>(channels, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t c) {
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
  std::ptrdiff_t const channels = shape.in_channels, size = input_size(shape);
  for (std::ptrdiff_t image = 0; image < images; ++image, dx += size, dy += at::pooled_size(shape)) {
    for (std::ptrdiff_t i = 0; i < size; ++i) dx[i] = 0.0f;
    at::for_each_window(shape, [&](std::ptrdiff_t to, std::ptrdiff_t from, at::taps_inside const& taps) {
      for_each_block<Arch>(channels, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t c) {
        Batch const share =
            Batch::load_unaligned(dy + to + c) * Batch(1.0f / static_cast<float>(taps.rows * taps.columns));
        at::for_each_tap(shape, taps, from + c, [&](std::ptrdiff_t, std::ptrdiff_t offset) {
          (Batch::load_unaligned(dx + offset) + share).store_unaligned(dx + offset);
        });
      });
    });
  }
}

}  // namespace dyadic::kernel
