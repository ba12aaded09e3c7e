#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>

#include "dyadic/kernel/float_blocks.hpp"
#include "dyadic/kernel/float_image.hpp"
#include "dyadic/kernel/float_source.hpp"
#include "dyadic/kernel/float_window.hpp"
#include "dyadic/kernel/shape.hpp"

/// Depthwise convolution of floats, vectorized over channels: weights[kernel pixel][channel].
namespace dyadic::kernel {

/// Floats of workspace that each of the three depthwise functions needs, for any number of images.
constexpr std::ptrdiff_t depthwise_workspace(window_shape const& shape) noexcept {
  return float_images<float const*>::buffer_size(shape) + std::ptrdiff_t{shape.taps()} * shape.in_channels +
         2 * float_detail::line_floats;
}

namespace float_detail {

// The weights as floats: themselves, or written to `buffer`.
template <class Weights>
float const* depthwise_weights(window_shape const& shape, Weights weights, float* buffer) noexcept {
  if constexpr (std::convertible_to<Weights, float const*>) return weights;
  std::ptrdiff_t const channels = shape.in_channels;
  for (std::ptrdiff_t tap = 0; tap < shape.taps(); ++tap)
    for (std::ptrdiff_t c = 0; c < channels; ++c)
      buffer[tap * channels + c] = float_at(weights, tap * channels + c, tap, c);
  return buffer;
}

}  // namespace float_detail

/// y = the depthwise convolution of x with the weights; no bias. Padding counts as 0. `workspace` holds
/// `depthwise_workspace(shape)` floats.
template <instruction_set Arch, class Source, class Weights>
void depthwise_forward(Arch, window_shape const& shape, std::ptrdiff_t images, Source x, Weights weights,
                       float* y, float* workspace) noexcept {
  std::ptrdiff_t const channels = shape.in_channels, column = shape.stride_width * channels;
  std::ptrdiff_t const line = shape.padded_width() * channels;
  float* const buffer = float_detail::aligned(workspace);
  float const* const w = float_detail::depthwise_weights(shape, weights, buffer);
  float_images<Source> const image_at(shape, x, float_detail::aligned(buffer + shape.taps() * channels));

  // A row of output pixels, four at a time, so that each weight is loaded once for four.
  auto const pixels = [&]<class Batch, int Count>(std::type_identity<Batch>,
                                                  std::integral_constant<int, Count>, float const* from,
                                                  float const* taps, float* to) {
    Batch sum[Count];
#pragma GCC unroll 4
    for (Batch& each : sum) each = Batch(0.0f);
    for (std::ptrdiff_t ky = 0; ky < shape.kernel_height; ++ky)
      for (std::ptrdiff_t kx = 0; kx < shape.kernel_width; ++kx) {
        Batch const weight = Batch::load_unaligned(taps + (ky * shape.kernel_width + kx) * channels);
        float const* const at = from + ky * line + kx * channels;
#pragma GCC unroll 4
        for (int i = 0; i < Count; ++i)
          sum[i] = multiply_add(Batch::load_unaligned(at + i * column), weight, sum[i]);
      }
#pragma GCC unroll 4
    for (int i = 0; i < Count; ++i) sum[i].store_unaligned(to + i * channels);
  };
  for (std::ptrdiff_t image = 0; image < images; ++image) {
    float const* from = image_at(image);
    for (std::ptrdiff_t row = 0; row < shape.out_height; ++row, from += shape.stride_height * line)
      for_each_block<Arch>(channels, [&]<class Batch>(std::type_identity<Batch> batch, std::ptrdiff_t c) {
        float* const to = y + ((image * shape.out_height + row) * shape.out_width) * channels + c;
        std::ptrdiff_t ox = 0;
        for (; ox + 4 <= shape.out_width; ox += 4)
          pixels(batch, std::integral_constant<int, 4>{}, from + c + ox * column, w + c, to + ox * channels);
        for (; ox < shape.out_width; ++ox)
          pixels(batch, std::integral_constant<int, 1>{}, from + c + ox * column, w + c, to + ox * channels);
      });
  }
}

/// dx = the gradient of the input, from the output's gradient dy.
template <instruction_set Arch, class Weights>
void depthwise_backward_input(Arch, window_shape const& shape, std::ptrdiff_t images, float const* dy,
                              Weights weights, float* dx, float* workspace) noexcept {
  namespace at = float_detail;
  std::ptrdiff_t const channels = shape.in_channels;
  float const* const w = at::depthwise_weights(shape, weights, workspace);
  for (std::ptrdiff_t i = 0; i < images * input_size(shape); ++i) dx[i] = 0.0f;
  for (std::ptrdiff_t image = 0; image < images;
       ++image, dx += input_size(shape), dy += at::pooled_size(shape))
    at::for_each_window(shape, [&](std::ptrdiff_t to, std::ptrdiff_t from, at::taps_inside const& taps) {
      for_each_block<Arch>(channels, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t c) {
        Batch const gradient = Batch::load_unaligned(dy + to + c);
        at::for_each_tap(shape, taps, from + c, [&](std::ptrdiff_t tap, std::ptrdiff_t offset) {
          Batch const weight = Batch::load_unaligned(w + tap * channels + c);
          multiply_add(gradient, weight, Batch::load_unaligned(dx + offset)).store_unaligned(dx + offset);
        });
      });
    });
}

/// dw[kernel pixel][channel] += the gradient of the weights.
template <instruction_set Arch, class Source>
void depthwise_backward_weights(Arch, window_shape const& shape, std::ptrdiff_t images, Source x,
                                float const* dy, float* dw, float* workspace) noexcept {
  namespace at = float_detail;
  std::ptrdiff_t const channels = shape.in_channels, column = shape.stride_width * channels;
  std::ptrdiff_t const line = shape.padded_width() * channels;
  float_images<Source> const image_at(shape, x, at::aligned(workspace));
  for (std::ptrdiff_t image = 0; image < images; ++image, dy += at::pooled_size(shape)) {
    float const* const pixels = image_at(image);
    for_each_block<Arch>(channels, [&]<class Batch>(std::type_identity<Batch>, std::ptrdiff_t c) {
      for (std::ptrdiff_t ky = 0; ky < shape.kernel_height; ++ky)
        for (std::ptrdiff_t kx = 0; kx < shape.kernel_width; ++kx) {
          Batch sum[4] = {Batch(0.0f), Batch(0.0f), Batch(0.0f), Batch(0.0f)};
          for (std::ptrdiff_t row = 0; row < shape.out_height; ++row) {
            float const* from = pixels + (row * shape.stride_height + ky) * line + kx * channels + c;
            float const* gradient = dy + row * shape.out_width * channels + c;
            auto const step = [&](Batch& total) {
              total = multiply_add(Batch::load_unaligned(from), Batch::load_unaligned(gradient), total);
              from += column;
              gradient += channels;
            };
            std::ptrdiff_t ox = 0;
            for (; ox + 4 <= shape.out_width; ox += 4)
#pragma GCC unroll 4
              for (Batch& total : sum) step(total);
            for (; ox < shape.out_width; ++ox) step(sum[0]);
          }
          float* const to = dw + (ky * shape.kernel_width + kx) * channels + c;
          (Batch::load_unaligned(to) + ((sum[0] + sum[1]) + (sum[2] + sum[3]))).store_unaligned(to);
        }
    });
  }
}

}  // namespace dyadic::kernel
