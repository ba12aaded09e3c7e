#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>

namespace dyadic::kernel::detail {

/// What 64-bit output arithmetic needs and xsimd has not: widening loads, the product of the low halves,
/// shifts by lane, the sign (-1 where negative, else 0), narrowing stores.
template <class Arch> struct long_lanes;

#if defined(__AVX2__)
template <> struct long_lanes<avx2> {
  using lanes = xsimd::batch<std::int64_t, xsimd::avx2>;
  using truth = xsimd::batch_bool<std::int64_t, xsimd::avx2>;
  static constexpr std::size_t width = lanes::size;

  static lanes widen(std::int32_t const* from) noexcept {
    __m128i half;
    __builtin_memcpy(&half, from, sizeof half);
    return _mm256_cvtepi32_epi64(half);
  }
  static lanes widen(std::uint8_t const* from) noexcept {
    int four;
    __builtin_memcpy(&four, from, sizeof four);
    return _mm256_cvtepu8_epi64(_mm_cvtsi32_si128(four));
  }
  static lanes multiply(lanes const& a, lanes const& b) noexcept { return _mm256_mul_epi32(a, b); }
  static lanes shift_left(lanes const& x, lanes const& n) noexcept { return _mm256_sllv_epi64(x, n); }
  static lanes sign(lanes const& x) noexcept { return _mm256_cmpgt_epi64(_mm256_setzero_si256(), x); }
  static lanes shift_right(lanes const& x, lanes const& n) noexcept {
    __m256i const flips = sign(x);
    return _mm256_xor_si256(_mm256_srlv_epi64(_mm256_xor_si256(x, flips), n), flips);
  }
  static void store(lanes const& from, std::int16_t* to) noexcept {
    __m128i const words = _mm_packs_epi32(low_halves(from), _mm_setzero_si128());
    _mm_storeu_si64(to, words);
  }
  static void store(lanes const& from, std::int8_t* to) noexcept {
    __m128i const words = _mm_packs_epi32(low_halves(from), _mm_setzero_si128());
    int const four = _mm_cvtsi128_si32(_mm_packs_epi16(words, words));
    __builtin_memcpy(to, &four, sizeof four);
  }
  static void store(truth const& from, std::uint8_t* to) noexcept {
    auto const bits = static_cast<std::uint32_t>(_mm256_movemask_pd(_mm256_castsi256_pd(from)));
    std::uint32_t const bytes = (bits * 0x00204081U) & 0x01010101U;
    __builtin_memcpy(to, &bytes, sizeof bytes);
  }

 private:
  static __m128i low_halves(lanes const& from) noexcept {
    return _mm256_castsi256_si128(
        _mm256_permutevar8x32_epi32(from, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6)));
  }
};
#endif

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
template <> struct long_lanes<avx512> {
  using lanes = xsimd::batch<std::int64_t, xsimd::avx512bw>;
  using truth = xsimd::batch_bool<std::int64_t, xsimd::avx512bw>;
  static constexpr std::size_t width = lanes::size;

  static lanes widen(std::int32_t const* from) noexcept {
    __m256i half;
    __builtin_memcpy(&half, from, sizeof half);
    return _mm512_cvtepi32_epi64(half);
  }
  static lanes widen(std::uint8_t const* from) noexcept { return _mm512_cvtepu8_epi64(_mm_loadu_si64(from)); }
  static lanes multiply(lanes const& a, lanes const& b) noexcept { return _mm512_mul_epi32(a, b); }
  static lanes shift_left(lanes const& x, lanes const& n) noexcept { return _mm512_sllv_epi64(x, n); }
  static lanes sign(lanes const& x) noexcept { return _mm512_srai_epi64(x, 63); }
  static lanes shift_right(lanes const& x, lanes const& n) noexcept { return _mm512_srav_epi64(x, n); }
  static void store(lanes const& from, std::int16_t* to) noexcept {
    __m128i const words = _mm512_cvtepi64_epi16(from);
    __builtin_memcpy(to, &words, sizeof words);
  }
  static void store(lanes const& from, std::int8_t* to) noexcept {
    _mm_storeu_si64(to, _mm512_cvtepi64_epi8(from));
  }
  static void store(truth const& from, std::uint8_t* to) noexcept {
    _mm_storeu_si64(to, _mm_maskz_set1_epi8(static_cast<__mmask16>(static_cast<__mmask8>(from)), 1));
  }
};
#endif

}  // namespace dyadic::kernel::detail
