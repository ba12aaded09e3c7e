#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/xsimd.hpp>
#include <dyadic/kernel/largest.hpp>

namespace dyadic::kernel {

namespace detail {

/// A vector of channels, all taps.
template <class Batch, class Code>
void store_largest(tap_block<Code> const& taps, std::size_t channel, Code* y) noexcept {
  Code const* line = taps.first + channel;
  Batch largest = Batch::load_unaligned(line);
  for (int i = 0; i < taps.height; ++i, line += taps.line) {
    Code const* pixel = line;
    for (int j = 0; j < taps.width; ++j, pixel += taps.channels)
      largest = xsimd::max(largest, Batch::load_unaligned(pixel));
  }
  largest.store_unaligned(y + channel);
}

/// All channels if there is a vector of them: the last one may overlap the one before, since a maximum can be
/// taken twice.
template <class Register, class Code> bool largest_by_vectors(tap_block<Code> const& taps, Code* y) noexcept {
  using batch = xsimd::batch<Code, Register>;
  if (taps.channels < batch::size) return false;
  std::size_t const last = taps.channels - batch::size;
  for (std::size_t channel = 0; channel < last; channel += batch::size)
    store_largest<batch>(taps, channel, y);
  store_largest<batch>(taps, last, y);
  return true;
}

}  // namespace detail

template <class Code> void largest_codes(sse2, tap_block<Code> const& taps, Code* y) noexcept {
  if (!detail::largest_by_vectors<xsimd::sse2>(taps, y)) largest_codes(portable{}, taps, y);
}

#if defined(__AVX2__)
template <class Code> void largest_codes(avx2, tap_block<Code> const& taps, Code* y) noexcept {
  if (!detail::largest_by_vectors<xsimd::avx2>(taps, y)) largest_codes(sse2{}, taps, y);
}
#endif

}  // namespace dyadic::kernel
