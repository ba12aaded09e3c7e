#pragma once

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/neon.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>
#include <dyadic/kernel/dot.hpp>

namespace dyadic::kernel {

template <> struct word_units<neon> {
  using sums = xsimd::batch<std::int32_t, xsimd::neon64>;
  using words = int16x8_t;
  struct factors {
    words even, odd;
  };
  static constexpr bool exist = true;
  static constexpr std::size_t width = sums::size, registers = unit_outputs / width;

  static factors broadcast(std::int16_t const* x) noexcept {
    int16x4_t const four = vld1_s16(x);
    return {pairs_of(vuzp1_s16(four, four)), pairs_of(vuzp2_s16(four, four))};
  }
  static factors broadcast(std::int8_t const* x) noexcept { return widened(dot_product<neon>::broadcast(x)); }
  template <int StorageBits> static void load(std::uint8_t const* unit, factors (&to)[registers]) noexcept {
    if constexpr (StorageBits == 16) {
      for (std::size_t r = 0; r < registers; ++r) {
        __builtin_memcpy(&to[r].even, unit + r * sizeof(words), sizeof(words));
        __builtin_memcpy(&to[r].odd, unit + (registers + r) * sizeof(words), sizeof(words));
      }
    } else {
      int8x16_t bytes[registers];
      dot_product<neon>::load<StorageBits>(unit, bytes);
      for (std::size_t r = 0; r < registers; ++r) to[r] = widened(bytes[r]);
    }
  }
  static sums pairs(words const& a, words const& b) noexcept {
    return vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b));
  }

 private:
  static words pairs_of(int16x4_t const& two) noexcept { return vcombine_s16(two, two); }
  static factors widened(int8x16_t const& bytes) noexcept {
    words const both = vreinterpretq_s16_s8(bytes);
    return {vshrq_n_s16(vshlq_n_s16(both, 8), 8), vshrq_n_s16(both, 8)};
  }
};
template <> struct word_units<neon_dot> : word_units<neon> {};

}  // namespace dyadic::kernel
