#pragma once

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/largest.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>
#include <dyadic/kernel/dot.hpp>
#include <dyadic/kernel/row_codes.hpp>

namespace dyadic::kernel {

/// Products of signed bytes in 16 bits, added to 32-bit sums by pairs: every output has two, which meet at
/// the end.
template <> struct dot_product<neon> {
  /// Of four outputs, two lanes each.
  struct sums {
    int32x4_t first, last;
  };
  using activation = int8x16_t;
  using per_output = activation;
  using weight = int8x16_t;

  static constexpr std::size_t width = 4, registers = unit_outputs / width;
  static constexpr std::int32_t activation_offset = 0;

  static sums start(std::int32_t const* from) noexcept {
    int32x4_t const each = vld1q_s32(from), zero = vdupq_n_s32(0);
    return {vzip1q_s32(each, zero), vzip2q_s32(each, zero)};
  }
  static void store(sums const& from, std::int32_t* to) noexcept {
    vst1q_s32(to, vpaddq_s32(from.first, from.last));
  }
  static sums subtract(sums const& a, sums const& b) noexcept {
    return {vsubq_s32(a.first, b.first), vsubq_s32(a.last, b.last)};
  }
  static void tie(sums&) noexcept {}

  static activation broadcast(std::int8_t const* x) noexcept {
    std::int32_t four;
    __builtin_memcpy(&four, x, sizeof four);
    return vreinterpretq_s8_s32(vdupq_n_s32(four));
  }
  static void interleave(std::int8_t const* const (&taps)[unit_inputs],
                         activation (&to)[registers]) noexcept {
    int8x16_t const a = vld1q_s8(taps[0]), b = vld1q_s8(taps[1]), c = vld1q_s8(taps[2]),
                    d = vld1q_s8(taps[3]);
    int8x16_t const even_low = vzip1q_s8(a, c), odd_low = vzip1q_s8(b, d);
    int8x16_t const even_high = vzip2q_s8(a, c), odd_high = vzip2q_s8(b, d);
    to[0] = vzip1q_s8(even_low, odd_low);
    to[1] = vzip2q_s8(even_low, odd_low);
    to[2] = vzip1q_s8(even_high, odd_high);
    to[3] = vzip2q_s8(even_high, odd_high);
  }

  template <int StorageBits> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    constexpr std::size_t loads = StorageBits / 2;
    for (std::size_t i = 0; i < loads; ++i) {
      int8x16_t const bytes = vreinterpretq_s8_u8(vld1q_u8(unit + i * sizeof(int8x16_t)));
      if constexpr (StorageBits == 8) {
        to[i] = bytes;
      } else if constexpr (StorageBits == 4) {
        to[i] = vshrq_n_s8(vshlq_n_s8(bytes, 4), 4);
        to[loads + i] = vshrq_n_s8(bytes, 4);
      } else {
        to[0] = vshrq_n_s8(vshlq_n_s8(bytes, 6), 6);
        to[1] = vshrq_n_s8(vshlq_n_s8(bytes, 4), 6);
        to[2] = vshrq_n_s8(vshlq_n_s8(bytes, 2), 6);
        to[3] = vshrq_n_s8(bytes, 6);
      }
    }
  }

  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return {vpadalq_s16(sum.first, vmull_s8(vget_low_s8(x), vget_low_s8(w))),
            vpadalq_s16(sum.last, vmull_high_s8(x, w))};
  }
};

inline void sign_bits(neon, std::int8_t const* codes, std::size_t count, std::int8_t* bits) noexcept {
  std::uint8_t const powers[8]{1, 2, 4, 8, 16, 32, 64, 128};
  uint8x16_t const bit = vcombine_u8(vld1_u8(powers), vld1_u8(powers));
  for (std::size_t k = 0; k < count; k += 32, bits += 4) {
    std::size_t const left = count - k;
    std::uint32_t signs = 0;
    for (std::size_t half = 0; half < 32 && half < left; half += 16) {
      uint8x16_t const negative = vandq_u8(vcltzq_s8(vld1q_s8(codes + k + half)), bit);
      std::uint32_t const sixteen =
          vaddv_u8(vget_low_u8(negative)) | static_cast<std::uint32_t>(vaddv_u8(vget_high_u8(negative))) << 8;
      signs |= sixteen << half;
    }
    if (left < 32) signs &= (1U << left) - 1U;
    __builtin_memcpy(bits, &signs, sizeof signs);
  }
}

template <> struct bit_dot_product<neon> {
  using sums = int32x4_t;
  using activation = uint8x16_t;
  using weight = uint8x16_t;

  static constexpr std::size_t width = 4, registers = unit_outputs / width;
  static constexpr std::int32_t activation_offset = 0;

  static sums start(std::int32_t const* from) noexcept { return vld1q_s32(from); }
  static void store(sums const& from, std::int32_t* to) noexcept { vst1q_s32(to, from); }
  static void tie(sums&) noexcept {}

  static activation broadcast(std::int8_t const* bits) noexcept {
    std::uint32_t four;
    __builtin_memcpy(&four, bits, sizeof four);
    return vreinterpretq_u8_u32(vdupq_n_u32(four));
  }
  template <int> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    for (std::size_t i = 0; i < registers; ++i) to[i] = vld1q_u8(unit + i * sizeof(weight));
  }
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return vsubq_s32(sum, vreinterpretq_s32_u32(vpaddlq_u16(vpaddlq_u8(vcntq_u8(veorq_u8(x, w))))));
  }
};

namespace detail {

template <> struct row_lanes<neon> {
  static constexpr std::size_t count = 1;
  using bytes = int8x16_t;

  template <std::size_t> static bytes load(std::int8_t const* from, std::ptrdiff_t) noexcept {
    return vld1q_s8(from);
  }
  static bytes low_bytes(bytes a, bytes b) noexcept { return vzip1q_s8(a, b); }
  static bytes high_bytes(bytes a, bytes b) noexcept { return vzip2q_s8(a, b); }
  static bytes low_words(bytes a, bytes b) noexcept {
    return vreinterpretq_s8_s16(vzip1q_s16(vreinterpretq_s16_s8(a), vreinterpretq_s16_s8(b)));
  }
  static bytes high_words(bytes a, bytes b) noexcept {
    return vreinterpretq_s8_s16(vzip2q_s16(vreinterpretq_s16_s8(a), vreinterpretq_s16_s8(b)));
  }
};

}  // namespace detail

template <> inline constexpr tile_limits tile_rows<neon>{2, 0, 0};

template <class Code> void largest_codes(neon, tap_block<Code> const& taps, Code* y) noexcept {
  if (!detail::largest_by_vectors<xsimd::neon64>(taps, y)) largest_codes(portable{}, taps, y);
}

}  // namespace dyadic::kernel
