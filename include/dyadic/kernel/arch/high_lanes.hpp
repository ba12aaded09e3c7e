#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>

namespace dyadic::kernel::detail {

/// (x * m + B) >> 32 of 32-bit lanes by a `line` of a register of channels' m and B: the 64-bit sums of even
/// and of odd lanes stand in two registers, and only their upper halves meet again.
template <class Arch> struct high_lanes;

#if defined(__AVX2__)
template <> struct high_lanes<avx2> {
  using lanes = xsimd::batch<std::int32_t, xsimd::avx2>;
  static constexpr std::size_t width = lanes::size;

  struct line {
    __m256i even_m, odd_m, even_b, odd_b;

    line(std::int32_t const* m, std::int64_t const* b) noexcept
        : even_m(lanes::load_unaligned(m)), odd_m(_mm256_srli_epi64(even_m, 32)) {
      __m256i first, last;
      __builtin_memcpy(&first, b, sizeof first);
      __builtin_memcpy(&last, b + width / 2, sizeof last);
      even_b = _mm256_permute4x64_epi64(_mm256_unpacklo_epi64(first, last), 0xD8);
      odd_b = _mm256_permute4x64_epi64(_mm256_unpackhi_epi64(first, last), 0xD8);
    }
    lanes upper_half(lanes const& x) const noexcept {
      __m256i const even = _mm256_add_epi64(_mm256_mul_epi32(x, even_m), even_b);
      __m256i const odd = _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64(x, 32), odd_m), odd_b);
      return _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
    }
  };

  static lanes widen(std::uint8_t const* from) noexcept { return _mm256_cvtepu8_epi32(_mm_loadu_si64(from)); }
  static lanes shift_right(lanes const& x, lanes const& n) noexcept { return _mm256_srav_epi32(x, n); }
};
#endif

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
template <> struct high_lanes<avx512> {
  using lanes = xsimd::batch<std::int32_t, xsimd::avx512bw>;
  static constexpr std::size_t width = lanes::size;

  struct line {
    __m512i even_m, odd_m, even_b, odd_b;

    line(std::int32_t const* m, std::int64_t const* b) noexcept
        : even_m(lanes::load_unaligned(m)), odd_m(_mm512_srli_epi64(even_m, 32)) {
      __m512i first, last;
      __builtin_memcpy(&first, b, sizeof first);
      __builtin_memcpy(&last, b + width / 2, sizeof last);
      __m512i const places = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
      even_b = _mm512_permutex2var_epi64(first, places, last);
      odd_b = _mm512_permutex2var_epi64(first, _mm512_add_epi64(places, _mm512_set1_epi64(1)), last);
    }
    lanes upper_half(lanes const& x) const noexcept {
      __m512i const even = _mm512_add_epi64(_mm512_mul_epi32(x, even_m), even_b);
      __m512i const odd = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(x, 32), odd_m), odd_b);
      return _mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_DDBB);
    }
  };

  static lanes widen(std::uint8_t const* from) noexcept {
    __m128i bytes;
    __builtin_memcpy(&bytes, from, sizeof bytes);
    return _mm512_cvtepu8_epi32(bytes);
  }
  static lanes shift_right(lanes const& x, lanes const& n) noexcept { return _mm512_srav_epi32(x, n); }
};
#endif

}  // namespace dyadic::kernel::detail
