#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>

#include <dyadic/kernel/float_blocks.hpp>
#include <dyadic/kernel/float_image.hpp>
#include <dyadic/kernel/float_source.hpp>
#include <dyadic/kernel/float_window.hpp>
#include <dyadic/kernel/shape.hpp>

/// Depthwise convolution of floats, vectorized over channels: weights[kernel pixel][channel].
namespace dyadic::kernel {

/// Floats of workspace that each of the three depthwise functions needs, for any number of images.
constexpr std::ptrdiff_t depthwise_workspace(window_shape const& shape) noexcept {
  namespace at = float_detail;
  std::ptrdiff_t const turned = (std::ptrdiff_t{shape.in_height} + shape.covered_height() - 1) *
                                (std::ptrdiff_t{shape.in_width} + shape.covered_width() - 1) *
                                shape.in_channels;
  return at::larger(float_images<float const*>::buffer_size(shape), turned) +
         2 * std::ptrdiff_t{shape.taps()} * shape.in_channels + 3 * at::line_floats;
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

// With stride 1 the input's gradient is a depthwise convolution too: of dy, with the weights turned by 180
// degrees and the padding that is missing to a full overlap. Negative padding is none: then the window stood
// in the padding alone.
constexpr window_shape turned(window_shape const& shape) noexcept {
  window_shape result = shape;
  result.in_height = shape.out_height, result.in_width = shape.out_width;
  result.out_height = shape.in_height, result.out_width = shape.in_width;
  result.pad_top = shape.covered_height() - 1 - shape.pad_top;
  result.pad_left = shape.covered_width() - 1 - shape.pad_left;
  result.pad_bottom = shape.in_height + shape.covered_height() - 1 - shape.out_height - result.pad_top;
  result.pad_right = shape.in_width + shape.covered_width() - 1 - shape.out_width - result.pad_left;
  return result;
}
constexpr bool turnable(window_shape const& shape) noexcept {
  window_shape const other = turned(shape);
  return shape.stride_height == 1 && shape.stride_width == 1 && other.pad_top >= 0 && other.pad_left >= 0 &&
         other.pad_bottom >= 0 && other.pad_right >= 0;
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
        float const* const at =
            from + ky * shape.dilation_height * line + kx * shape.dilation_width * channels;
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
void depthwise_backward_input(Arch arch, window_shape const& shape, std::ptrdiff_t images, float const* dy,
                              Weights weights, float* dx, float* workspace) noexcept {
  namespace at = float_detail;
  std::ptrdiff_t const channels = shape.in_channels, taps_count = shape.taps();
  if (at::turnable(shape)) {
    for (std::ptrdiff_t tap = 0; tap < taps_count; ++tap)
      for (std::ptrdiff_t c = 0; c < channels; ++c)
        workspace[(taps_count - 1 - tap) * channels + c] = float_at(weights, tap * channels + c, tap, c);
    return depthwise_forward(arch, at::turned(shape), images, dy, static_cast<float const*>(workspace), dx,
                             workspace + taps_count * channels);
  }
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
            float const* from = pixels + (row * shape.stride_height + ky * shape.dilation_height) * line +
                                kx * shape.dilation_width * channels + c;
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
