#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/channel_statistics.hpp>
#if __has_include(<xsimd/xsimd.hpp>) && defined(__AVX2__)
#include <dyadic/kernel/arch/statistics.hpp>
#endif

namespace dyadic::kernel {

/// Per-channel statistics of accumulators [rows][channels], rows >= 1. Overwrites what was there.
template <compiled Arch, class Sum>
constexpr void statistics(Arch arch, Sum const* accumulators, std::size_t rows, std::size_t channels,
                          statistics_of<Sum> const& result) noexcept {
  for (std::size_t c = 0; c < channels; ++c) {
    result.minimum[c] = result.maximum[c] = accumulators[c];
    result.sum[c] = 0;
    result.sum_of_squares[c] = 0;
  }
  for (std::size_t first = 0; first < rows; first += detail::statistics_rows) {
    std::size_t const count = rows - first < detail::statistics_rows ? rows - first : detail::statistics_rows;
    Sum const* const block = accumulators + first * channels;
    std::size_t done = 0;
    if constexpr (std::derived_from<Arch, portable>)
      if (!std::is_constant_evaluated())
        done = detail::add_channel_groups(arch, block, count, channels, result);
    for (std::size_t c = done; c < channels; ++c) detail::add_channel(block, count, channels, c, result);
  }
  static_cast<void>(arch);
}

}  // namespace dyadic::kernel
