#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/sse2.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>

namespace dyadic::kernel {

[[gnu::always_inline]] inline xsimd::batch<std::int32_t, xsimd::avx2> multiply_add_pairs(
    avx2, xsimd::batch<std::int16_t, xsimd::avx2> const& a,
    xsimd::batch<std::int16_t, xsimd::avx2> const& b) noexcept {
  return _mm256_madd_epi16(a, b);
}

template <> struct dot_product<avx2> : detail::widening_dot_product<avx2, xsimd::avx2> {
  static void interleave(std::int8_t const* const (&taps)[unit_inputs],
                         activation (&to)[registers]) noexcept {
    __m128i bytes[4];
    detail::interleave_taps(taps, bytes);
    to[0] = activation::from(_mm256_set_m128i(bytes[1], bytes[0]));
    to[1] = activation::from(_mm256_set_m128i(bytes[3], bytes[2]));
  }

  template <int StorageBits> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    using detail::load_bytes;
    if constexpr (StorageBits == 8) {
      to[0] = weight::from(load_bytes<xsimd::avx2>(unit));
      to[1] = weight::from(load_bytes<xsimd::avx2>(unit + 32));
    } else if constexpr (StorageBits == 4) {
      auto const bytes = load_bytes<xsimd::avx2>(unit);
      to[0] = weight::from<4, 0>(bytes);
      to[1] = weight::from<4, 4>(bytes);
    } else {
      __m128i half;
      __builtin_memcpy(&half, unit, sizeof half);
      activation::words const bytes = _mm256_broadcastsi128_si256(half);
      to[0] = fields<0>(bytes);
      to[1] = fields<4>(bytes);
    }
  }

 private:
  /// Codes of 2 bits: bit `Field` of the bytes in the lower half, two bits higher in the upper half. 16-bit
  /// lanes have no shift by lane, so a multiplication shifts left.
  template <int Field> static weight fields(activation::words const& bytes) noexcept {
    constexpr auto left = [](int low, int high) {
      return _mm256_set_m128i(_mm_set1_epi16(static_cast<short>(1 << high)),
                              _mm_set1_epi16(static_cast<short>(1 << low)));
    };
    activation::words const even = _mm256_mullo_epi16(bytes, left(14 - Field, 12 - Field));
    activation::words const odd = _mm256_mullo_epi16(bytes, left(6 - Field, 4 - Field));
    return {even >> 14, odd >> 14};
  }
};

template <> struct dot_product<avx512> : dot_product<avx2> {};

template <> inline constexpr tile_limits tile_rows<avx2>{4, 0, 0};
template <> inline constexpr tile_limits tile_rows<avx512> = tile_rows<avx2>;

}  // namespace dyadic::kernel
