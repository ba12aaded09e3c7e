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

/// Adds what one block of rows says about one channel.
constexpr void add_to_channel(channel_statistics const& result, std::size_t c, std::int32_t low,
                              std::int32_t high, std::int64_t sum, double squares) noexcept {
  result.minimum[c] = low < result.minimum[c] ? low : result.minimum[c];
  result.maximum[c] = high > result.maximum[c] ? high : result.maximum[c];
  result.sum[c] += sum;
  result.sum_of_squares[c] += squares;
}

constexpr bool squares_are_exact(std::int32_t low, std::int32_t high) noexcept {
  return low >= -exact_square_limit && high <= exact_square_limit;
}

/// Not inlined: g++ 12 at -O3 invents an endless loop around it and warns of it.
[[gnu::noinline]] constexpr void add_channel(std::int32_t const* block, std::size_t rows,
                                             std::size_t channels, std::size_t c,
                                             channel_statistics const& result) noexcept {
  std::int32_t low = block[c], high = block[c];
  std::int64_t sum = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    std::int32_t const value = block[row * channels + c];
    low = value < low ? value : low;
    high = value > high ? value : high;
    sum += value;
  }
  add_to_channel(result, c, low, high, sum,
                 sum_of_squares(block + c, rows, channels, squares_are_exact(low, high)));
}

/// Whole groups of channels at once, where an instruction set has a way; gives the number of channels done.
inline std::size_t add_channel_groups(portable, std::int32_t const*, std::size_t, std::size_t,
                                      channel_statistics const&) noexcept {
  return 0;
}

}  // namespace detail

}  // namespace dyadic::kernel
