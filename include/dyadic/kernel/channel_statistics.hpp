#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/core/exact.hpp>
#include <dyadic/kernel/arch.hpp>

namespace dyadic::kernel {

/// Where the statistics of accumulators of type `Sum` go, one element a channel.
template <class Sum> struct statistics_of {
  /// Exact; of 64-bit accumulators exact in a block of 256 rows, added block by block.
  using total = std::conditional_t<sizeof(Sum) == 4, std::int64_t, double>;

  Sum* minimum;
  Sum* maximum;
  total* sum;
  double*
      sum_of_squares;  ///< of exact integers a block of 256 rows, added block by block: the same everywhere

  /// Those that begin so many elements later.
  constexpr statistics_of from(std::size_t offset) const noexcept {
    return {minimum + offset, maximum + offset, sum + offset, sum_of_squares + offset};
  }
};
using channel_statistics = statistics_of<std::int32_t>;

/// Rows that are one block.
inline constexpr std::size_t statistics_rows = 256;
constexpr std::size_t statistics_blocks(std::size_t rows) noexcept {
  return (rows + statistics_rows - 1) / statistics_rows;
}

namespace detail {

/// Up to this magnitude 256 squares fit in 64 bits.
inline constexpr std::int32_t exact_square_limit = 1 << 27;

template <class Sum>
constexpr double sum_of_squares(Sum const* accumulators, std::size_t rows, std::size_t stride,
                                bool small) noexcept {
  std::int64_t sum = 0;
  double large = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    std::int64_t const value = accumulators[row * stride];
    if (small)
      sum += value * value;
    else if constexpr (sizeof(Sum) == 4)
      large += static_cast<double>(value * value);
    else
      large = exact::add(large, exact::multiply(static_cast<double>(value), static_cast<double>(value)));
  }
  return small ? static_cast<double>(sum) : large;
}

/// Adds what one block of rows says about one channel.
template <class Sum>
constexpr void add_to_channel(statistics_of<Sum> const& result, std::size_t c, Sum low, Sum high,
                              std::int64_t sum, double squares) noexcept {
  result.minimum[c] = low < result.minimum[c] ? low : result.minimum[c];
  result.maximum[c] = high > result.maximum[c] ? high : result.maximum[c];
  result.sum[c] += static_cast<typename statistics_of<Sum>::total>(sum);
  result.sum_of_squares[c] += squares;
}

constexpr bool squares_are_exact(std::int64_t low, std::int64_t high) noexcept {
  return low >= -exact_square_limit && high <= exact_square_limit;
}

/// Not inlined: g++ 12 at -O3 invents an endless loop around it and warns of it.
template <class Sum>
[[gnu::noinline]] constexpr void add_channel(Sum const* block, std::size_t rows, std::size_t channels,
                                             std::size_t c, statistics_of<Sum> const& result) noexcept {
  Sum low = block[c], high = block[c];
  std::int64_t sum = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    Sum const value = block[row * channels + c];
    low = value < low ? value : low;
    high = value > high ? value : high;
    sum += value;
  }
  add_to_channel(result, c, low, high, sum,
                 sum_of_squares(block + c, rows, channels, squares_are_exact(low, high)));
}

/// Whole groups of channels at once, where an instruction set has a way; gives the number of channels done.
template <class Sum>
std::size_t add_channel_groups(portable, Sum const*, std::size_t, std::size_t,
                               statistics_of<Sum> const&) noexcept {
  return 0;
}

}  // namespace detail

}  // namespace dyadic::kernel
