#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/long_lanes.hpp>
#include <dyadic/kernel/channel_statistics.hpp>

namespace dyadic::kernel::detail {

/// Groups of channels from `first` on, two vectors of 64-bit lanes each.
template <class Arch>
std::size_t add_statistics_groups(std::int32_t const* block, std::size_t rows, std::size_t channels,
                                  std::size_t first, channel_statistics const& result) noexcept {
  using long_lanes = detail::long_lanes<Arch>;
  using lanes = typename long_lanes::lanes;
  using values = xsimd::batch<std::int32_t, typename lanes::arch_type>;
  constexpr std::size_t half = long_lanes::width, width = 2 * half;
  static_assert(width == values::size);
  for (; first + width <= channels; first += width) {
    std::int32_t const* from = block + first;
    values low = values::load_unaligned(from), high = low;
    lanes sums[2]{lanes(0), lanes(0)}, squares[2]{lanes(0), lanes(0)};
    for (std::size_t row = 0; row < rows; ++row, from += channels) {
      values const value = values::load_unaligned(from);
      low = xsimd::min(low, value);
      high = xsimd::max(high, value);
      for (std::size_t i = 0; i < 2; ++i) {
        lanes const wide = long_lanes::widen(from + i * half);
        sums[i] = sums[i] + wide;
        squares[i] = squares[i] + long_lanes::multiply(wide, wide);
      }
    }
    std::int32_t lows[width], highs[width];
    std::int64_t sum[width], square[width];
    low.store_unaligned(lows);
    high.store_unaligned(highs);
    for (std::size_t i = 0; i < 2; ++i) {
      sums[i].store_unaligned(sum + i * half);
      squares[i].store_unaligned(square + i * half);
    }
    for (std::size_t c = 0; c < width; ++c)
      add_to_channel(result, first + c, lows[c], highs[c], sum[c],
                     squares_are_exact(lows[c], highs[c])
                         ? static_cast<double>(square[c])
                         : sum_of_squares(block + first + c, rows, channels, false));
  }
  return first;
}

#if defined(__AVX2__)
inline std::size_t add_channel_groups(avx2, std::int32_t const* block, std::size_t rows, std::size_t channels,
                                      channel_statistics const& result) noexcept {
  return add_statistics_groups<avx2>(block, rows, channels, 0, result);
}
#endif

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
inline std::size_t add_channel_groups(avx512, std::int32_t const* block, std::size_t rows,
                                      std::size_t channels, channel_statistics const& result) noexcept {
  std::size_t const done = add_statistics_groups<avx512>(block, rows, channels, 0, result);
  return add_statistics_groups<avx2>(block, rows, channels, done, result);
}
#endif

}  // namespace dyadic::kernel::detail
