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

/// Adds the statistics of the next block of rows.
template <class Sum>
constexpr void add_statistics(statistics_of<Sum> const& block, std::size_t channels,
                              statistics_of<Sum> const& result) noexcept {
  for (std::size_t c = 0; c < channels; ++c) {
    result.minimum[c] = block.minimum[c] < result.minimum[c] ? block.minimum[c] : result.minimum[c];
    result.maximum[c] = block.maximum[c] > result.maximum[c] ? block.maximum[c] : result.maximum[c];
    result.sum[c] += block.sum[c];
    result.sum_of_squares[c] += block.sum_of_squares[c];
  }
}

/// Per-channel statistics of accumulators [rows][channels], rows >= 1. Overwrites what was there.
template <compiled Arch, class Sum>
constexpr void statistics(Arch arch, Sum const* accumulators, std::size_t rows, std::size_t channels,
                          statistics_of<Sum> const& result) noexcept {
  for (std::size_t c = 0; c < channels; ++c) {
    result.minimum[c] = result.maximum[c] = accumulators[c];
    result.sum[c] = 0;
    result.sum_of_squares[c] = 0;
  }
  for (std::size_t first = 0; first < rows; first += statistics_rows) {
    std::size_t const count = rows - first < statistics_rows ? rows - first : statistics_rows;
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
