#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>

namespace dyadic::kernel::detail {

/// What float32 output arithmetic needs and xsimd has not in every version: conversions that round half to
/// even, and narrowing stores.
template <class Arch> struct float_lanes;

#if defined(__AVX2__)
template <> struct float_lanes<avx2> {
  using reals = xsimd::batch<float, xsimd::avx2>;
  using lanes = xsimd::batch<std::int32_t, xsimd::avx2>;
  using truth = xsimd::batch_bool<std::int32_t, xsimd::avx2>;
  static constexpr std::size_t width = lanes::size;

  static reals convert(lanes const& x) noexcept { return _mm256_cvtepi32_ps(x); }
  static lanes round(reals const& x) noexcept { return _mm256_cvtps_epi32(x); }
  static void store(lanes const& from, std::int16_t* to) noexcept {
    __m128i const codes = words(from);
    __builtin_memcpy(to, &codes, sizeof codes);
  }
  static void store(lanes const& from, std::int8_t* to) noexcept {
    __m128i const codes = words(from);
    _mm_storeu_si64(to, _mm_packs_epi16(codes, codes));
  }
  static void store(truth const& from, std::uint8_t* to) noexcept {
    __m128i const flags = words(from.data);
    _mm_storeu_si64(to, _mm_and_si128(_mm_packs_epi16(flags, flags), _mm_set1_epi8(1)));
  }

 private:
  static __m128i words(__m256i from) noexcept {
    return _mm_packs_epi32(_mm256_castsi256_si128(from), _mm256_extracti128_si256(from, 1));
  }
};
#endif

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
template <> struct float_lanes<avx512> {
  using reals = xsimd::batch<float, xsimd::avx512bw>;
  using lanes = xsimd::batch<std::int32_t, xsimd::avx512bw>;
  using truth = xsimd::batch_bool<std::int32_t, xsimd::avx512bw>;
  static constexpr std::size_t width = lanes::size;

  static reals convert(lanes const& x) noexcept { return _mm512_cvtepi32_ps(x); }
  static lanes round(reals const& x) noexcept { return _mm512_cvtps_epi32(x); }
  static void store(lanes const& from, std::int16_t* to) noexcept {
    __m256i const codes = _mm512_cvtepi32_epi16(from);
    __builtin_memcpy(to, &codes, sizeof codes);
  }
  static void store(lanes const& from, std::int8_t* to) noexcept {
    __m128i const codes = _mm512_cvtepi32_epi8(from);
    __builtin_memcpy(to, &codes, sizeof codes);
  }
  static void store(truth const& from, std::uint8_t* to) noexcept {
    __m128i const flags = _mm_maskz_set1_epi8(static_cast<__mmask16>(from), 1);
    __builtin_memcpy(to, &flags, sizeof flags);
  }
};
#endif

}  // namespace dyadic::kernel::detail
