#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/neon.hpp>

namespace dyadic::kernel {

/// sdot adds four products of signed bytes to each sum.
template <> struct dot_product<neon_dot> : dot_product<neon> {
  using sums = int32x4_t;

  static sums start(std::int32_t const* from) noexcept { return vld1q_s32(from); }
  static void store(sums const& from, std::int32_t* to) noexcept { vst1q_s32(to, from); }
  static sums subtract(sums const& a, sums const& b) noexcept { return vsubq_s32(a, b); }
  static void tie(sums&) noexcept {}
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return vdotq_s32(sum, w, x);
  }
};

template <> struct bit_dot_product<neon_dot> : bit_dot_product<neon> {
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return vdotq_s32(sum, vreinterpretq_s8_u8(vcntq_u8(veorq_u8(x, w))), vdupq_n_s8(-1));
  }
};

namespace detail {

template <> struct row_lanes<neon_dot> : row_lanes<neon> {};

}  // namespace detail

template <> inline constexpr tile_limits tile_rows<neon_dot>{6, 0, 0};

}  // namespace dyadic::kernel
