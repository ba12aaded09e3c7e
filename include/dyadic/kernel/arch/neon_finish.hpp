#pragma once

#include <arm_neon.h>

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/finish_one_rounding.hpp>
#include <dyadic/kernel/arch/finish_xnnpack_fp32.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>

namespace dyadic::kernel {

namespace detail {

template <> struct float_lanes<neon> {
  using reals = xsimd::batch<float, xsimd::neon64>;
  using lanes = xsimd::batch<std::int32_t, xsimd::neon64>;
  using truth = xsimd::batch_bool<std::int32_t, xsimd::neon64>;
  static constexpr std::size_t width = lanes::size;

  static reals convert(lanes const& x) noexcept { return vcvtq_f32_s32(x); }
  static lanes round(reals const& x) noexcept { return vcvtnq_s32_f32(x); }
  static void store(lanes const& from, std::int16_t* to) noexcept { vst1_s16(to, vmovn_s32(from)); }
  static void store(lanes const& from, std::int8_t* to) noexcept {
    int16x4_t const words = vmovn_s32(from);
    int8x8_t const bytes = vmovn_s16(vcombine_s16(words, words));
    __builtin_memcpy(to, &bytes, 4);
  }
  static void store(truth const& from, std::uint8_t* to) noexcept {
    uint16x4_t const words = vmovn_u32(vshrq_n_u32(from, 31));
    uint8x8_t const bytes = vmovn_u16(vcombine_u16(words, words));
    __builtin_memcpy(to, &bytes, 4);
  }
};

template <> struct long_lanes<neon> {
  using lanes = xsimd::batch<std::int64_t, xsimd::neon64>;
  using truth = xsimd::batch_bool<std::int64_t, xsimd::neon64>;
  static constexpr std::size_t width = lanes::size;

  static lanes widen(std::int32_t const* from) noexcept { return vmovl_s32(vld1_s32(from)); }
  static lanes widen(std::uint8_t const* from) noexcept { return int64x2_t{from[0], from[1]}; }
  /// Both fit in 32 bits.
  static lanes multiply(lanes const& a, lanes const& b) noexcept {
    return vmull_s32(vmovn_s64(a), vmovn_s64(b));
  }
  static lanes sign(lanes const& x) noexcept { return vshrq_n_s64(x, 63); }
  static lanes shift_left(lanes const& x, lanes const& n) noexcept { return vshlq_s64(x, n); }
  static lanes shift_right(lanes const& x, lanes const& n) noexcept { return vshlq_s64(x, vnegq_s64(n)); }
  static void store(lanes const& from, std::int16_t* to) noexcept { store_halves(from, to); }
  static void store(lanes const& from, std::int8_t* to) noexcept { store_halves(from, to); }
  static void store(truth const& from, std::uint8_t* to) noexcept {
    uint64x2_t const bits = vshrq_n_u64(from, 63);
    to[0] = static_cast<std::uint8_t>(vgetq_lane_u64(bits, 0));
    to[1] = static_cast<std::uint8_t>(vgetq_lane_u64(bits, 1));
  }

 private:
  template <class Code> static void store_halves(int64x2_t from, Code* to) noexcept {
    to[0] = static_cast<Code>(vgetq_lane_s64(from, 0));
    to[1] = static_cast<Code>(vgetq_lane_s64(from, 1));
  }
};

template <> struct high_lanes<neon> {
  using lanes = xsimd::batch<std::int32_t, xsimd::neon64>;
  static constexpr std::size_t width = lanes::size;

  struct line {
    int32x4_t m;
    int64x2_t first_b, last_b;

    line(std::int32_t const* multiplier, std::int64_t const* b) noexcept
        : m(vld1q_s32(multiplier)), first_b(vld1q_s64(b)), last_b(vld1q_s64(b + 2)) {}
    lanes upper_half(lanes const& x) const noexcept {
      int64x2_t const first = vmlal_s32(first_b, vget_low_s32(x), vget_low_s32(m));
      int64x2_t const last = vmlal_high_s32(last_b, x, m);
      return vuzp2q_s32(vreinterpretq_s32_s64(first), vreinterpretq_s32_s64(last));
    }
  };

  static lanes widen(std::uint8_t const* from) noexcept {
    return int32x4_t{from[0], from[1], from[2], from[3]};
  }
  static lanes shift_right(lanes const& x, lanes const& n) noexcept { return vshlq_s32(x, vnegq_s32(n)); }
};

}  // namespace detail

template <bool Masked, class Policy, class Channels, class Code>
  requires detail::rounds_once<Policy, Channels>
void finish(neon, finish_shape const& shape, std::int32_t const* sums,
            requantized<Policy, Channels, Code> const& output, Code* y, std::uint8_t* mask) noexcept {
  detail::finish_rounding_once<neon, Masked>(portable{}, shape, sums, output, y, mask);
}

template <bool Masked, std::same_as<xnnpack_fp32::view> Channels, class Code>
void finish(neon, finish_shape const& shape, std::int32_t const* sums,
            requantized<xnnpack_fp32, Channels, Code> const& output, Code* y, std::uint8_t* mask) noexcept {
  detail::finish_xnnpack<neon, Masked>(portable{}, shape, sums, output, y, mask);
}

}  // namespace dyadic::kernel
