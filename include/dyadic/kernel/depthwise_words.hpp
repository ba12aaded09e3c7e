#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/finish.hpp>
#include <dyadic/kernel/pack.hpp>
#include <dyadic/kernel/shape.hpp>

namespace dyadic::kernel::detail {

/// Larger windows of 16-bit factors go through the reference: their unpacked weights stand on the stack.
inline constexpr std::size_t most_word_taps = 64;

/// `depthwise` of any factors of at most 16 bits, in loops over 16 channels that compilers put in vector
/// registers: tap by tap, some pixels at a time.
template <int StorageBits, class Sum> struct word_columns {
  static constexpr std::size_t pixels = 16;
  weight_code<StorageBits> weights[most_word_taps][unit_outputs];
  std::ptrdiff_t offsets[most_word_taps];
  std::size_t taps = 0;

  explicit word_columns(window_shape const& shape) noexcept {
    for (int i = 0; i < shape.kernel_height; ++i)
      for (int j = 0; j < shape.kernel_width; ++j)
        offsets[taps++] = (static_cast<std::ptrdiff_t>(i) * shape.dilation_height * shape.padded_width() +
                           j * shape.dilation_width) *
                          shape.in_channels;
  }
  /// The weights of one block of channels.
  void load(std::uint8_t const* packed) noexcept {
    for (std::size_t tap = 0; tap < taps; ++tap)
      for (std::size_t c = 0; c < unit_outputs; ++c)
        weights[tap][c] = static_cast<weight_code<StorageBits>>(unit_weight<StorageBits>(
            packed + tap / unit_inputs * unit_bytes<StorageBits>, c * unit_inputs + tap % unit_inputs));
  }
  template <class Activation> void accumulate(Activation const* x, Sum* sums) const noexcept {
    Sum sum[unit_outputs]{};
    for (std::size_t tap = 0; tap < taps; ++tap) {
      Activation const* const from = x + offsets[tap];
      for (std::size_t c = 0; c < unit_outputs; ++c) sum[c] += from[c] * weights[tap][c];
    }
    for (std::size_t c = 0; c < unit_outputs; ++c) sums[c] = sum[c];
  }
};

template <int StorageBits, class Sum, class Arch, class Activation, class Output, class Code>
void words_depthwise(Arch arch, window_shape const& shape, Activation const* image,
                     std::uint8_t const* packed, Output const& output, Code* y) noexcept {
  using columns = word_columns<StorageBits, Sum>;
  columns block(shape);
  auto const channels = static_cast<std::size_t>(shape.in_channels);
  std::size_t const units = (block.taps + unit_inputs - 1) / unit_inputs;
  std::ptrdiff_t const step = static_cast<std::ptrdiff_t>(shape.stride_width) * shape.in_channels;
  std::ptrdiff_t const line =
      static_cast<std::ptrdiff_t>(shape.stride_height) * shape.padded_width() * shape.in_channels;
  auto const width = static_cast<std::size_t>(shape.out_width);
  for (std::size_t first = 0; first < channels; first += unit_outputs) {
    std::size_t const left = channels - first;
    block.load(packed);
    packed += units * unit_bytes<StorageBits>;
    for (int row = 0; row < shape.out_height; ++row) {
      Activation const* x = image + row * line + static_cast<std::ptrdiff_t>(first);
      Code* const to = y + static_cast<std::size_t>(row) * width * channels + first;
      for (std::size_t column = 0; column < width; column += columns::pixels) {
        std::size_t const rest = width - column, count = rest < columns::pixels ? rest : columns::pixels;
        alignas(64) Sum sums[columns::pixels * unit_outputs];
        for (std::size_t i = 0; i < count; ++i, x += step) block.accumulate(x, sums + i * unit_outputs);
        finish<false>(
            arch,
            finish_shape{count, left < unit_outputs ? left : unit_outputs, first,
                         static_cast<std::ptrdiff_t>(unit_outputs), static_cast<std::ptrdiff_t>(channels)},
            static_cast<Sum const*>(sums), output, to + column * channels, nullptr);
      }
    }
  }
}

}  // namespace dyadic::kernel::detail
