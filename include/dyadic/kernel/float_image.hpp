#pragma once

#include <concepts>
#include <cstddef>

#include <dyadic/kernel/float_matmul.hpp>
#include <dyadic/kernel/float_source.hpp>
#include <dyadic/kernel/shape.hpp>

namespace dyadic::kernel {

/// Elements of one image before and behind a window's operation.
constexpr std::ptrdiff_t input_size(window_shape const& shape) noexcept {
  return std::ptrdiff_t{shape.in_height} * shape.in_width * shape.in_channels;
}
constexpr std::ptrdiff_t output_size(window_shape const& shape) noexcept {
  return std::ptrdiff_t{shape.out_height} * shape.out_width * shape.out_channels;
}

/// Images one at a time as floats with their padding around them and, where the shape spreads them, zeros
/// between their pixels. Where the source has both already, nothing
/// is copied. `buffer` holds `float_images::buffer_size(shape)` floats.
template <class Source> class float_images {
 public:
  static constexpr std::ptrdiff_t buffer_size(window_shape const& shape) noexcept {
    return std::ptrdiff_t{shape.padded_height()} * shape.padded_width() * shape.in_channels;
  }

  float_images(window_shape const& shape, Source source, float* buffer) noexcept
      : shape_{shape}, source_{source}, buffer_{buffer} {
    if (shape.padded())
      for (std::ptrdiff_t i = 0; i < buffer_size(shape); ++i) buffer[i] = 0.0f;
  }

  /// The image's padded floats, valid until the next call.
  float const* operator()(std::ptrdiff_t image) const noexcept {
    if constexpr (std::convertible_to<Source, float const*>)
      if (!shape_.padded()) return source_ + image * input_size(shape_);
    std::ptrdiff_t const line = std::ptrdiff_t{shape_.in_width} * shape_.in_channels;
    std::ptrdiff_t const padded_line = std::ptrdiff_t{shape_.padded_width()} * shape_.in_channels;
    float* to = buffer_ + shape_.pad_top * padded_line + std::ptrdiff_t{shape_.pad_left} * shape_.in_channels;
    std::ptrdiff_t const channels = shape_.in_channels, gap = (shape_.spread_width - 1) * channels;
    for (std::ptrdiff_t row = 0; row < shape_.in_height; ++row, to += shape_.spread_height * padded_line) {
      auto const from = advanced(source_, image * input_size(shape_) + row * line);
      if (gap == 0)
        for (std::ptrdiff_t i = 0; i < line; ++i) to[i] = float_at(from, i, 0, 0);
      else
        for (std::ptrdiff_t i = 0; i < line; ++i) to[i + i / channels * gap] = float_at(from, i, 0, 0);
    }
    return buffer_;
  }

 private:
  window_shape const& shape_;
  Source source_;
  float* buffer_;
};

}  // namespace dyadic::kernel
