#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

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

}  // namespace dyadic
