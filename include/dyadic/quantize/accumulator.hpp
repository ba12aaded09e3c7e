#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace dyadic {

/// The larger magnitude of two bounds.
constexpr std::int64_t larger_magnitude(std::int64_t low, std::int64_t high) noexcept {
  return -low > high ? -low : high;
}

/// The largest magnitude that a sum of `depth` products of codes can reach, whatever the numbers are.
constexpr std::int64_t worst_accumulator(std::size_t depth, std::int64_t low, std::int64_t high,
                                         std::int64_t weight_low, std::int64_t weight_high) noexcept {
  return static_cast<std::int64_t>(depth) * larger_magnitude(low, high) *
         larger_magnitude(weight_low, weight_high);
}

/// Bits, sign included, of an accumulator with that bound.
constexpr int accumulator_bits(std::int64_t bound) noexcept {
  return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(bound))) + 1;
}

/// The type of accumulators with that bound: 32 bits where they are proven enough, else 64.
template <std::int64_t Bound>
using accumulator_of = std::conditional_t<(Bound <= INT32_MAX), std::int32_t, std::int64_t>;

/// No accumulator of any layer may be larger: its product with a multiplier of 15 bits is below 2^62.
inline constexpr std::int64_t largest_accumulator = std::int64_t{1} << 46;

/// The largest accumulators that a rescale policy takes: those of 32 bits, or what it says.
template <class Policy>
inline constexpr std::int64_t accumulator_limit = [] {
  if constexpr (requires { Policy::accumulator_limit; })
    return Policy::accumulator_limit;
  else
    return std::int64_t{INT32_MAX};
}();

}  // namespace dyadic
