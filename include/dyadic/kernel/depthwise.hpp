#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/depthwise_columns.hpp>
#include <dyadic/kernel/depthwise_sliding.hpp>
#include <dyadic/kernel/depthwise_words.hpp>
#include <dyadic/kernel/finish.hpp>
#include <dyadic/kernel/native.hpp>
#include <dyadic/kernel/pack.hpp>
#include <dyadic/kernel/pad.hpp>
#include <dyadic/kernel/reference.hpp>
#include <dyadic/kernel/shape.hpp>
#include <dyadic/kernel/tile.hpp>

namespace dyadic::kernel {

namespace detail {

/// Larger windows go through the reference.
inline constexpr std::size_t most_taps = 256;

/// Where the taps of a window are, from its first element on; the last unit of four is filled with its last
/// tap, whose weights there are 0.
struct tap_offsets {
  std::ptrdiff_t of[most_taps];
  std::size_t units;

  explicit tap_offsets(window_shape const& shape) noexcept
      : units((static_cast<std::size_t>(shape.taps()) + unit_inputs - 1) / unit_inputs) {
    std::size_t tap = 0;
    std::ptrdiff_t last = 0;
    for (int i = 0; i < shape.kernel_height; ++i)
      for (int j = 0; j < shape.kernel_width; ++j)
        of[tap++] = last = (static_cast<std::ptrdiff_t>(i) * shape.dilation_height * shape.padded_width() +
                            j * shape.dilation_width) *
                           shape.in_channels;
    while (tap < units * unit_inputs) of[tap++] = last;
  }
};

/// Walks over the first elements of the windows, row by row.
class window_walk {
 public:
  window_walk(window_shape const& shape, std::int8_t const* image) noexcept
      : width_(shape.out_width),
        step_(static_cast<std::ptrdiff_t>(shape.stride_width) * shape.in_channels),
        line_step_(static_cast<std::ptrdiff_t>(shape.stride_height) * shape.padded_width() *
                   shape.in_channels),
        line_(image),
        at_(image) {}

  std::int8_t const* next() noexcept {
    std::int8_t const* const result = at_;
    at_ += step_;
    if (++column_ == width_) {
      column_ = 0;
      at_ = line_ += line_step_;
    }
    return result;
  }

 private:
  int width_, column_ = 0;
  std::ptrdiff_t step_, line_step_;
  std::int8_t const *line_, *at_;
};

/// Block by block of 16 channels, by columns.
template <int StorageBits, class Arch, class Output, class Code>
void depthwise_by_columns(Arch arch, window_shape const& shape, std::int8_t const* image,
                          std::uint8_t const* weights, Output const& output, Code* y) noexcept {
  auto const channels = static_cast<std::size_t>(shape.in_channels);
  std::size_t const units = (static_cast<std::size_t>(shape.taps()) + unit_inputs - 1) / unit_inputs;
  depthwise_columns<Arch> kernel(shape);
  for (std::size_t first = 0; first < channels; first += unit_outputs) {
    std::size_t const block = channels - first < unit_outputs ? channels - first : unit_outputs;
    kernel.template block<StorageBits>(arch, image + first, weights, output, first, block, y + first);
    weights += units * unit_bytes<StorageBits>;
  }
}

/// Block by block of 16 channels, some pixels at a time.
template <int StorageBits, class Arch, class Output, class Code>
void tiled_depthwise(Arch arch, window_shape const& shape, std::int8_t const* image,
                     std::uint8_t const* weights, Output const& output, Code* y) noexcept {
  constexpr std::size_t pixels = 8 / dot_product<Arch>::registers, group = 32;
  auto const channels = static_cast<std::size_t>(shape.in_channels);
  std::size_t const count =
      static_cast<std::size_t>(shape.out_height) * static_cast<std::size_t>(shape.out_width);
  tap_offsets const taps(shape);
  for (std::size_t first = 0; first < channels; first += unit_outputs) {
    std::size_t const block = channels - first < unit_outputs ? channels - first : unit_outputs;
    window_walk windows(shape, image + first);
    for (std::size_t pixel = 0; pixel < count; pixel += group) {
      std::size_t const size = count - pixel < group ? count - pixel : group;
      std::int8_t const* starts[group];
      for (std::size_t i = 0; i < group; ++i) starts[i] = i < size ? windows.next() : starts[size - 1];
      alignas(64) std::int32_t sums[group * unit_outputs];
      for (std::size_t i = 0; i < size; i += pixels)
        accumulate_depthwise<Arch, StorageBits, pixels>(taps.units, taps.of, starts + i, weights,
                                                        sums + i * unit_outputs);
      finish<false>(arch,
                    finish_shape{size, block, first, static_cast<std::ptrdiff_t>(unit_outputs),
                                 static_cast<std::ptrdiff_t>(channels)},
                    sums, output, y + pixel * channels + first, nullptr);
    }
    weights += taps.units * unit_bytes<StorageBits>;
  }
}

/// What suits the window, which has at most `most_taps` taps.
template <int StorageBits, class Arch, class Output, class Code>
void blocked_depthwise(Arch arch, window_shape const& shape, std::int8_t const* image,
                       std::uint8_t const* weights, Output const& output, Code* y) noexcept {
  if constexpr (row_lanes<Arch>::count != 0)
    if (sliding_windows<Arch>::takes(shape))
      return sliding_windows<Arch>(shape).template run<StorageBits>(arch, {image, nullptr, 0}, weights,
                                                                    output, y);
  // The portable dot product's interleaved columns would take too much of a small device's stack.
  if constexpr (dot_product<Arch>::registers <= 2)
    if (depthwise_columns<Arch>::takes(shape))
      return depthwise_by_columns<StorageBits>(arch, shape, image, weights, output, y);
  tiled_depthwise<StorageBits>(arch, shape, image, weights, output, y);
}

}  // namespace detail

/// Each channel with its own window: y[row, column, c] = output(sum over taps of x * w[c][tap], c). One
/// image, padded if the shape pads; out_channels == in_channels. Weights are `pack<StorageBits>` of
/// [channels][taps] under `depthwise_weights(shape)`. All but the reference may read `read_slack` elements
/// past the image's end. 16-bit activations or weights and 64-bit sums take the compiler's vectors.
template <int StorageBits, class Sum = std::int32_t, compiled Arch, class Activation, class Output,
          class Code>
constexpr void depthwise(Arch arch, window_shape const& shape, Activation const* padded,
                         std::uint8_t const* weights, Output const& output, Code* y) noexcept {
  constexpr bool bytes = std::same_as<Activation, std::int8_t> && StorageBits <= 8 && sizeof(Sum) == 4;
  if constexpr (std::derived_from<Arch, portable> && bytes) {
    if (!std::is_constant_evaluated() && static_cast<std::size_t>(shape.taps()) <= detail::most_taps) {
      detail::blocked_depthwise<StorageBits>(arch, shape, padded, weights, output, y);
      return;
    }
  } else if constexpr (std::derived_from<Arch, portable>) {
    if (!std::is_constant_evaluated() && static_cast<std::size_t>(shape.taps()) <= detail::most_word_taps) {
      detail::words_depthwise<StorageBits, Sum>(arch, shape, padded, weights, output, y);
      return;
    }
  }
  (void)arch;
  reference_depthwise<StorageBits, Sum>(shape, padded, weights, output, y);
}

/// `depthwise` of an image that is not padded and whose shape pads, `zero` standing around it. `frame` has
/// room for `padded_size(shape)` elements; what a kernel needs of the padded image is written there.
template <int StorageBits, class Sum = std::int32_t, compiled Arch, class Activation, class Output,
          class Code>
constexpr void padded_depthwise(Arch arch, window_shape const& shape, Activation const* x, Activation zero,
                                Activation* frame, std::uint8_t const* weights, Output const& output,
                                Code* y) noexcept {
  if constexpr (std::same_as<Activation, std::int8_t> && StorageBits <= 8 && sizeof(Sum) == 4 &&
                detail::row_lanes<Arch>::count != 0) {
    using sliding = detail::sliding_windows<Arch>;
    if (!std::is_constant_evaluated() && sliding::takes_image(shape)) {
      auto const [top, bottom] = sliding::framed(shape);
      pad_lines(shape, x, zero, 0, top, frame);
      pad_lines(shape, x, zero, shape.padded_height() - bottom, shape.padded_height(), frame);
      return sliding(shape).template run<StorageBits>(arch, {frame, x, zero}, weights, output, y);
    }
  }
  pad(shape, x, zero, frame);
  depthwise<StorageBits, Sum>(arch, shape, frame, weights, output, y);
}

}  // namespace dyadic::kernel
