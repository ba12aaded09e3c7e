#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/finish.hpp>
#include <dyadic/kernel/largest.hpp>
#include <dyadic/kernel/native.hpp>
#include <dyadic/kernel/output.hpp>
#include <dyadic/kernel/shape.hpp>

namespace dyadic::kernel {

namespace detail {

/// The part of a window that lies inside the image.
struct window_part {
  int top, bottom, left, right;
  constexpr int taps() const noexcept { return (bottom - top) * (right - left); }
};

constexpr window_part inside(window_shape const& shape, int row, int column) noexcept {
  int const top = row * shape.stride_height - shape.pad_top;
  int const left = column * shape.stride_width - shape.pad_left;
  int const bottom = top + shape.kernel_height;
  int const right = left + shape.kernel_width;
  return {top < 0 ? 0 : top, bottom > shape.in_height ? shape.in_height : bottom, left < 0 ? 0 : left,
          right > shape.in_width ? shape.in_width : right};
}

/// Calls `tap(pixel)` for the pixels of a window, row by row; `pixel` is the index of its first channel.
template <class Tap>
constexpr void for_each_tap(window_shape const& shape, window_part const& part, Tap const& tap) noexcept {
  auto const channels = static_cast<std::size_t>(shape.in_channels);
  for (int i = part.top; i < part.bottom; ++i)
    for (int j = part.left; j < part.right; ++j)
      tap((static_cast<std::size_t>(i) * static_cast<std::size_t>(shape.in_width) +
           static_cast<std::size_t>(j)) *
          channels);
}

}  // namespace detail

/// The largest code of each window, taps inside the image only. `x` is one image, not padded; every window
/// has at least one tap inside.
template <compiled Arch, class Code>
constexpr void max_pool(Arch arch, window_shape const& shape, Code const* x, Code* y) noexcept {
  auto const channels = static_cast<std::size_t>(shape.in_channels);
  std::size_t const line = static_cast<std::size_t>(shape.in_width) * channels;
  for (int row = 0; row < shape.out_height; ++row)
    for (int column = 0; column < shape.out_width; ++column, y += channels) {
      auto const part = detail::inside(shape, row, column);
      Code const* const first =
          x + static_cast<std::size_t>(part.top) * line + static_cast<std::size_t>(part.left) * channels;
      tap_block<Code> const taps{first, part.bottom - part.top, part.right - part.left, channels, line};
      if constexpr (std::derived_from<Arch, portable>)
        if (!std::is_constant_evaluated()) {
          largest_codes(arch, taps, y);
          continue;
        }
      for (std::size_t c = 0; c < channels; ++c) y[c] = largest_code(taps, c);
    }
  static_cast<void>(arch);
}

/// y = finish(int32 sum of the window's codes inside the image, int number of them). As `max_pool`; a global
/// average is a window as large as the image.
template <compiled Arch, class Activation, class Finish, class Code>
constexpr void average_pool(Arch, window_shape const& shape, Activation const* x, Finish const& finish,
                            Code* y) noexcept {
  constexpr std::size_t block = 64;
  auto const channels = static_cast<std::size_t>(shape.in_channels);
  for (int row = 0; row < shape.out_height; ++row)
    for (int column = 0; column < shape.out_width; ++column, y += channels) {
      auto const part = detail::inside(shape, row, column);
      for (std::size_t first = 0; first < channels; first += block) {
        std::size_t const count = channels - first < block ? channels - first : block;
        std::int32_t sums[block]{};
        detail::for_each_tap(shape, part, [&](std::size_t pixel) {
          for (std::size_t c = 0; c < count; ++c) sums[c] += x[pixel + first + c];
        });
        for (std::size_t c = 0; c < count; ++c) y[first + c] = finish(sums[c], part.taps());
      }
    }
}

/// y[i] = f(a[i], b[i]).
template <compiled Arch, class A, class B, class Function, class Code>
constexpr void add(Arch, std::size_t count, A const* a, B const* b, Function const& f, Code* y) noexcept {
  for (std::size_t i = 0; i < count; ++i) y[i] = f(a[i], b[i]);
}

/// y[i] = f(x[i], ...), of any number of tensors.
template <compiled Arch, class Function, class Code, class... Xs>
constexpr void add_all(Arch, std::size_t count, Function const& f, Code* y, Xs const*... x) noexcept {
  for (std::size_t i = 0; i < count; ++i) y[i] = f(x[i]...);
}

/// y[i] = x[i] held in [low, high].
template <compiled Arch, class Code>
constexpr void clamp(Arch, std::size_t count, Code const* x, int low, int high, Code* y) noexcept {
  for (std::size_t i = 0; i < count; ++i)
    y[i] = static_cast<Code>(x[i] < low ? low : x[i] > high ? high : x[i]);
}

/// y[i] = table[bytes[i]], a table of 256 codes.
template <compiled Arch, class Code>
constexpr void look_up(Arch, std::size_t count, std::uint8_t const* bytes, Code const* table,
                       Code* y) noexcept {
  for (std::size_t i = 0; i < count; ++i) y[i] = table[bytes[i]];
}

/// As `look_up` with a table a channel: `tables` is [channels][256], the bytes [count][channels].
template <compiled Arch, class Code>
constexpr void look_up(Arch, std::size_t count, std::size_t channels, std::uint8_t const* bytes,
                       Code const* tables, Code* y) noexcept {
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t c = 0; c < channels; ++c) *y++ = tables[c * 256 + *bytes++];
}

/// Finishes stored accumulators, [rows][channels], to codes. `mask`, where not null, gets a byte an element:
/// 1 where the code before clamping lay in [low, high].
template <compiled Arch, class Sum, clamping_output Output, class Code>
constexpr void apply_output(Arch arch, Sum const* accumulators, std::size_t rows, std::size_t channels,
                            Output const& output, Code* y, std::uint8_t* mask = nullptr) noexcept {
  auto const stride = static_cast<std::ptrdiff_t>(channels);
  auto const finish_on = [&](auto on) {
    // A few rows at a time: the finishing kernels walk down each group of channels.
    constexpr std::size_t block = 64;
    for (std::size_t row = 0; row < rows; row += block) {
      finish_shape const shape{rows - row < block ? rows - row : block, channels, 0, stride, stride};
      std::size_t const at = row * channels;
      if (mask != nullptr)
        finish<true>(on, shape, accumulators + at, output, y + at, mask + at);
      else
        finish<false>(on, shape, accumulators + at, output, y + at, nullptr);
    }
  };
  if constexpr (std::derived_from<Arch, portable>) {
    if (!std::is_constant_evaluated()) {
      finish_on(arch);
      return;
    }
  }
  (void)arch;
  finish_on(portable{});
}

}  // namespace dyadic::kernel
