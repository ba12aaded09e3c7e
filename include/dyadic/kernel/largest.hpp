#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch.hpp>

namespace dyadic::kernel {

/// The pixels of one window, [height][width][channels], lines `line` elements apart.
template <class Code> struct tap_block {
  Code const* first;
  int height, width;
  std::size_t channels, line;
};

/// The largest code of one channel.
template <class Code> constexpr Code largest_code(tap_block<Code> const& taps, std::size_t channel) noexcept {
  Code const* pixel = taps.first + channel;
  Code largest = *pixel;
  for (int i = 0; i < taps.height; ++i, pixel += taps.line)
    for (int j = 0; j < taps.width; ++j) {
      Code const code = pixel[static_cast<std::size_t>(j) * taps.channels];
      largest = code > largest ? code : largest;
    }
  return largest;
}

/// y[c] = the largest code of channel c; overloads know vectors.
template <class Code> void largest_codes(portable, tap_block<Code> const& taps, Code* y) noexcept {
  for (std::size_t c = 0; c < taps.channels; ++c) y[c] = taps.first[c];
  Code const* line = taps.first;
  for (int i = 0; i < taps.height; ++i, line += taps.line) {
    Code const* pixel = line;
    for (int j = 0; j < taps.width; ++j, pixel += taps.channels)
      for (std::size_t c = 0; c < taps.channels; ++c) y[c] = pixel[c] > y[c] ? pixel[c] : y[c];
  }
}

}  // namespace dyadic::kernel
