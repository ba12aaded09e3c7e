#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/sse2.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>
#include <dyadic/kernel/row_codes.hpp>

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

/// Weights of at most 4 bits: the products of unsigned by signed bytes, activations going in as code + 128,
/// fit in 16 bits by pairs (2 * 255 * 8), so that vpmaddubsw never saturates.
template <int StorageBits>
  requires(2 <= StorageBits && StorageBits <= 4)
struct weighted_dot_product<avx2, StorageBits> : dot_product<avx2> {
  using activation = __m256i;
  using weight = __m256i;

  static constexpr std::int32_t activation_offset = 128;

  static activation broadcast(std::int8_t const* x) noexcept {
    return _mm256_xor_si256(_mm256_set1_epi32(detail::four_bytes(x)), _mm256_set1_epi8(-128));
  }
  template <int> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    if constexpr (StorageBits == 4) {
      __m256i bytes;
      __builtin_memcpy(&bytes, unit, sizeof bytes);
      __m256i const nibble = _mm256_set1_epi8(15);
      to[0] = signed_codes(_mm256_and_si256(bytes, nibble));
      to[1] = signed_codes(_mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble));
    } else {
      __m128i half;
      __builtin_memcpy(&half, unit, sizeof half);
      __m256i const bytes = _mm256_broadcastsi128_si256(half), field = _mm256_set1_epi8(3);
      __m256i const first = _mm256_srlv_epi64(bytes, _mm256_setr_epi64x(0, 0, 2, 2));
      to[0] = signed_codes(_mm256_and_si256(first, field));
      to[1] = signed_codes(_mm256_and_si256(_mm256_srli_epi64(first, 4), field));
    }
  }
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(x, w), _mm256_set1_epi16(1)));
  }

 private:
  /// Two's complement codes of StorageBits, each in a byte's lowest bits.
  static __m256i signed_codes(__m256i const& fields) noexcept {
    __m128i const codes = StorageBits == 4
                              ? _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1)
                              : _mm_setr_epi8(0, 1, -2, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(codes), fields);
  }
};

/// Bits that differ are counted by a table of the sixteen halves of a byte.
template <> struct bit_dot_product<avx2> : dot_product<avx2> {
  using activation = __m256i;
  using weight = __m256i;

  static activation broadcast(std::int8_t const* bits) noexcept {
    return _mm256_set1_epi32(detail::four_bytes(bits));
  }
  template <int> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    for (std::size_t i = 0; i < registers; ++i)
      to[i] = _mm256_loadu_si256(reinterpret_cast<__m256i const*>(unit) + i);
  }
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    __m256i const pairs = _mm256_maddubs_epi16(counts(x, w), _mm256_set1_epi8(-1));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
  }

 protected:
  /// Of each byte.
  static __m256i counts(activation const& x, weight const& w) noexcept {
    __m256i const differing = _mm256_xor_si256(x, w), half = _mm256_set1_epi8(15);
    __m256i const ones =
        _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    return _mm256_add_epi8(
        _mm256_shuffle_epi8(ones, _mm256_and_si256(differing, half)),
        _mm256_shuffle_epi8(ones, _mm256_and_si256(_mm256_srli_epi16(differing, 4), half)));
  }
};

namespace detail {

template <> struct row_lanes<avx2> {
  static constexpr std::size_t count = 2;
  using bytes = __m256i;

  template <std::size_t Parts> static bytes load(std::int8_t const* from, std::ptrdiff_t step) noexcept {
    if constexpr (Parts == 1)
      return _mm256_loadu_si256(reinterpret_cast<bytes const*>(from));
    else
      return _mm256_set_m128i(_mm_loadu_si128(reinterpret_cast<__m128i const*>(from + step)),
                              _mm_loadu_si128(reinterpret_cast<__m128i const*>(from)));
  }
  static bytes low_bytes(bytes a, bytes b) noexcept { return _mm256_unpacklo_epi8(a, b); }
  static bytes high_bytes(bytes a, bytes b) noexcept { return _mm256_unpackhi_epi8(a, b); }
  static bytes low_words(bytes a, bytes b) noexcept { return _mm256_unpacklo_epi16(a, b); }
  static bytes high_words(bytes a, bytes b) noexcept { return _mm256_unpackhi_epi16(a, b); }
  static bytes flip_signs(bytes a) noexcept { return _mm256_xor_si256(a, _mm256_set1_epi8(-128)); }
};

}  // namespace detail

template <> inline constexpr tile_limits tile_rows<avx2>{4, 0, 0};

}  // namespace dyadic::kernel
