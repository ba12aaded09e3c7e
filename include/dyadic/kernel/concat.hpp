#pragma once

#include <cstddef>

#include <dyadic/kernel/arch.hpp>

namespace dyadic::kernel {

/// One part of a concatenation: [rows][channels] of `x` become the channels from `first` on of `y`,
/// [rows][stride], each through `f`.
template <compiled Arch, class Number, class Function, class Result>
constexpr void place_channels(Arch, std::size_t rows, std::size_t channels, Number const* x,
                              Function const& f, std::size_t first, std::size_t stride, Result* y) noexcept {
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t c = 0; c < channels; ++c) y[row * stride + first + c] = f(x[row * channels + c]);
}

}  // namespace dyadic::kernel
