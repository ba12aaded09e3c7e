#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/compiler_lanes.hpp>
#include <dyadic/kernel/native.hpp>
#include <dyadic/quantize/range.hpp>

namespace dyadic::kernel {

namespace detail {

/// Floats as integers of the same order, and back. What is not finite lies beyond all finite ones.
template <class Bits> constexpr Bits ordered(Bits bits) noexcept {
  return bits ^ ((bits >> 31) & 0x7FFF'FFFF);
}

/// The bounds of the first numbers, as many as fill vectors; `done` says how many.
template <std::size_t Bytes>
finite_bounds vector_bounds(float const* values, std::size_t count, std::size_t& done) noexcept {
  using integers = typename compiler_lanes<Bytes>::integers;
  constexpr std::size_t lanes = compiler_lanes<Bytes>::count;
  integers low = integers{} + std::numeric_limits<std::int32_t>::max();
  integers high = integers{} + std::numeric_limits<std::int32_t>::min();
  for (; done + lanes <= count; done += lanes) {
    integers bits;
    __builtin_memcpy(&bits, values + done, sizeof bits);
    integers const value = ordered(bits);
    low = value < low ? value : low;
    high = value > high ? value : high;
  }
  std::int32_t lowest = low[0], highest = high[0];
  for (std::size_t lane = 1; lane < lanes; ++lane) {
    lowest = low[lane] < lowest ? low[lane] : lowest;
    highest = high[lane] > highest ? high[lane] : highest;
  }
  return {std::bit_cast<float>(ordered(lowest)), std::bit_cast<float>(ordered(highest))};
}

}  // namespace detail

/// What a batch of reals shows: `seen_in`, in vectors.
template <compiled Arch> constexpr observation bounds(Arch, float const* values, std::size_t count) noexcept {
  finite_bounds all;
  std::size_t done = 0;
  if constexpr (std::derived_from<Arch, portable>)
    if (!std::is_constant_evaluated()) {
      finite_bounds const first = detail::vector_bounds<vector_bytes<Arch>>(values, count, done);
      if (is_finite(first.low) && is_finite(first.high))
        all = first;
      else
        done = 0;  // none, or some are not finite
    }
  for (; done < count; ++done) all.add(values[done]);
  return {all.low + 0.0F, all.high + 0.0F, values, count};  // -0 and 0 are one bound
}

}  // namespace dyadic::kernel
