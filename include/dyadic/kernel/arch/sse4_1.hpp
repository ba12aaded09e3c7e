#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/largest.hpp>
#include <dyadic/kernel/arch/sse2.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>
#include <dyadic/kernel/row_codes.hpp>

namespace dyadic::kernel {

template <> struct dot_product<sse4_1> : dot_product<sse2> {};

/// Weights of at most 4 bits: the products of unsigned by signed bytes, activations going in as code + 128,
/// fit in 16 bits by pairs (2 * 255 * 8), so that pmaddubsw never saturates.
template <int StorageBits>
  requires(2 <= StorageBits && StorageBits <= 4)
struct weighted_dot_product<sse4_1, StorageBits> : dot_product<sse4_1> {
  using activation = __m128i;
  using weight = __m128i;

  static constexpr std::int32_t activation_offset = 128;

  static activation broadcast(std::int8_t const* x) noexcept {
    return _mm_xor_si128(_mm_set1_epi32(detail::four_bytes(x)), _mm_set1_epi8(-128));
  }
  template <int> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    constexpr std::size_t loads = StorageBits / 2;
    for (std::size_t i = 0; i < loads; ++i) {
      __m128i bytes;
      __builtin_memcpy(&bytes, unit + i * sizeof bytes, sizeof bytes);
      for (std::size_t field = 0; field < registers / loads;
           ++field, bytes = _mm_srli_epi16(bytes, StorageBits))
        to[field * loads + i] = signed_codes(bytes);
    }
  }
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return _mm_add_epi32(sum, _mm_madd_epi16(_mm_maddubs_epi16(x, w), _mm_set1_epi16(1)));
  }

 private:
  /// Two's complement codes of StorageBits, each in a byte's lowest bits.
  static __m128i signed_codes(__m128i const& bytes) noexcept {
    __m128i const codes = StorageBits == 4
                              ? _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1)
                              : _mm_setr_epi8(0, 1, -2, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    return _mm_shuffle_epi8(codes, _mm_and_si128(bytes, _mm_set1_epi8((1 << StorageBits) - 1)));
  }
};

namespace detail {

template <> struct row_lanes<sse4_1> : row_lanes<sse2> {};

}  // namespace detail

template <> inline constexpr tile_limits tile_rows<sse4_1> = tile_rows<sse2>;

template <class Code> void largest_codes(sse4_1, tap_block<Code> const& taps, Code* y) noexcept {
  if (!detail::largest_by_vectors<xsimd::sse4_1>(taps, y)) largest_codes(portable{}, taps, y);
}

}  // namespace dyadic::kernel
