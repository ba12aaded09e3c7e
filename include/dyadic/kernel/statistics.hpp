#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch.hpp>

namespace dyadic::kernel {

/// Where the statistics of accumulators go, one element a channel.
struct channel_statistics {
  std::int32_t* minimum;
  std::int32_t* maximum;
  std::int64_t* sum;  ///< exact
  double*
      sum_of_squares;  ///< of exact integers a block of 256 rows, added block by block: the same everywhere
};

namespace detail {

inline constexpr std::size_t statistics_rows = 256;

/// Up to this magnitude 256 squares fit in 64 bits.
inline constexpr std::int32_t exact_square_limit = 1 << 27;

constexpr double sum_of_squares(std::int32_t const* accumulators, std::size_t rows, std::size_t stride,
                                bool exact) noexcept {
  std::int64_t sum = 0;
  double large = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    std::int64_t const value = accumulators[row * stride];
    if (exact)
      sum += value * value;
    else
      large += static_cast<double>(value * value);
  }
  return exact ? static_cast<double>(sum) : large;
}

}  // namespace detail

/// Per-channel statistics of accumulators [rows][channels], rows >= 1. Overwrites what was there.
template <compiled Arch>
constexpr void statistics(Arch, std::int32_t const* accumulators, std::size_t rows, std::size_t channels,
                          channel_statistics const& result) noexcept {
  for (std::size_t c = 0; c < channels; ++c) {
    result.minimum[c] = result.maximum[c] = accumulators[c];
    result.sum[c] = 0;
    result.sum_of_squares[c] = 0;
  }
  for (std::size_t first = 0; first < rows; first += detail::statistics_rows) {
    std::size_t const count = rows - first < detail::statistics_rows ? rows - first : detail::statistics_rows;
    std::int32_t const* const block = accumulators + first * channels;
    for (std::size_t c = 0; c < channels; ++c) {
      std::int32_t low = block[c], high = block[c];
      for (std::size_t row = 0; row < count; ++row) {
        std::int32_t const value = block[row * channels + c];
        low = value < low ? value : low;
        high = value > high ? value : high;
        result.sum[c] += value;
      }
      bool const exact = low >= -detail::exact_square_limit && high <= detail::exact_square_limit;
      result.sum_of_squares[c] += detail::sum_of_squares(block + c, count, channels, exact);
      result.minimum[c] = low < result.minimum[c] ? low : result.minimum[c];
      result.maximum[c] = high > result.maximum[c] ? high : result.maximum[c];
    }
  }
}

}  // namespace dyadic::kernel
