#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/avx2.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>
#include <dyadic/kernel/row_codes.hpp>

namespace dyadic::kernel {

namespace detail {

/// The unit's 64 codes as signed bytes.
template <int StorageBits> __m512i load_signed_bytes(std::uint8_t const* unit) noexcept {
  auto const codes = [](auto... code) {
    return _mm512_broadcast_i32x4(_mm_setr_epi8(static_cast<char>(code)...));
  };
  if constexpr (StorageBits == 8) {
    return _mm512_loadu_si512(unit);
  } else if constexpr (StorageBits == 4) {
    __m256i bytes;
    __builtin_memcpy(&bytes, unit, sizeof bytes);
    __m512i const fields =
        _mm512_srlv_epi64(_mm512_broadcast_i64x4(bytes), _mm512_setr_epi64(0, 0, 0, 0, 4, 4, 4, 4));
    return _mm512_shuffle_epi8(codes(0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1),
                               _mm512_and_si512(fields, _mm512_set1_epi8(15)));
  } else {
    __m128i bytes;
    __builtin_memcpy(&bytes, unit, sizeof bytes);
    __m512i const fields =
        _mm512_srlv_epi64(_mm512_broadcast_i32x4(bytes), _mm512_setr_epi64(0, 0, 2, 2, 4, 4, 6, 6));
    return _mm512_shuffle_epi8(codes(0, 1, -2, -1, 0, 1, -2, -1, 0, 1, -2, -1, 0, 1, -2, -1),
                               _mm512_and_si512(fields, _mm512_set1_epi8(3)));
  }
}

/// Channel by channel the bytes of four taps, 16 channels.
[[gnu::always_inline]] inline __m512i interleaved_taps(
    std::int8_t const* const (&taps)[unit_inputs]) noexcept {
  __m128i x[unit_inputs];
  for (std::size_t i = 0; i < unit_inputs; ++i) __builtin_memcpy(&x[i], taps[i], sizeof x[i]);
  __m512i const rows = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_set_m128i(x[1], x[0])),
                                          _mm256_set_m128i(x[3], x[2]), 1);
  __m512i const fours =
      _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), rows);
  return _mm512_shuffle_epi8(
      fours, _mm512_broadcast_i32x4(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)));
}

}  // namespace detail

[[gnu::always_inline]] inline xsimd::batch<std::int32_t, xsimd::avx512bw> multiply_add_pairs(
    avx512, xsimd::batch<std::int16_t, xsimd::avx512bw> const& a,
    xsimd::batch<std::int16_t, xsimd::avx512bw> const& b) noexcept {
  return _mm512_madd_epi16(a, b);
}

template <> struct dot_product<avx512> : detail::widening_dot_product<avx512, xsimd::avx512bw> {
  // g++ 12 splits the live range of each sum over the loop's back edge and spills; passing through an empty
  // statement pins it.
  static void tie(sums& sum) noexcept { asm("" : "+v"(sum.data)); }

  static activation broadcast(std::int8_t const* x) noexcept {
    return bytes(_mm512_set1_epi32(detail::four_bytes(x)));
  }
  static void interleave(std::int8_t const* const (&taps)[unit_inputs],
                         activation (&to)[registers]) noexcept {
    to[0] = bytes(detail::interleaved_taps(taps));
  }
  template <int StorageBits> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    to[0] = bytes(detail::load_signed_bytes<StorageBits>(unit));
  }

 private:
  static activation bytes(__m512i const& from) noexcept {
    return {_mm512_srai_epi16(_mm512_slli_epi16(from, 8), 8), _mm512_srai_epi16(from, 8)};
  }
};

/// Weights of at most 4 bits: the products of unsigned by signed bytes, activations going in as code + 128,
/// fit in 16 bits by pairs (2 * 255 * 8), so that vpmaddubsw never saturates.
template <int StorageBits>
  requires(2 <= StorageBits && StorageBits <= 4)
struct weighted_dot_product<avx512, StorageBits> : dot_product<avx512> {
  using activation = xsimd::batch<std::uint8_t, xsimd::avx512bw>;
  using weight = xsimd::batch<std::int8_t, xsimd::avx512bw>;

  static constexpr std::int32_t activation_offset = 128;

  static activation broadcast(std::int8_t const* x) noexcept {
    return _mm512_set1_epi32(detail::four_bytes(x) ^ static_cast<std::int32_t>(0x80808080U));
  }
  template <int> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    to[0] = detail::load_signed_bytes<StorageBits>(unit);
  }
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return _mm512_add_epi32(sum, _mm512_madd_epi16(_mm512_maddubs_epi16(x, w), _mm512_set1_epi16(1)));
  }
};

inline void sign_bits(avx512, std::int8_t const* codes, std::size_t count, std::int8_t* bits) noexcept {
  for (std::size_t k = 0; k < count; k += 64, bits += 8) {
    std::size_t const left = count - k;
    std::uint64_t const loaded = left < 64 ? (std::uint64_t{1} << left) - 1 : ~std::uint64_t{0};
    std::uint64_t const signs = _mm512_movepi8_mask(_mm512_maskz_loadu_epi8(loaded, codes + k));
    if (left > 32)
      __builtin_memcpy(bits, &signs, 8);
    else
      __builtin_memcpy(bits, &signs, 4);
  }
}

/// Bits that differ are counted by a table of the sixteen halves of a byte.
template <> struct bit_dot_product<avx512> : dot_product<avx512> {
  using activation = __m512i;
  using weight = __m512i;

  static activation broadcast(std::int8_t const* bits) noexcept {
    return _mm512_set1_epi32(detail::four_bytes(bits));
  }
  template <int> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    to[0] = _mm512_loadu_si512(unit);
  }
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    __m512i const pairs = _mm512_maddubs_epi16(counts(x, w), _mm512_set1_epi8(-1));
    return _mm512_add_epi32(sum, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
  }

 protected:
  /// Of each byte.
  static __m512i counts(activation const& x, weight const& w) noexcept {
    __m512i const differing = _mm512_xor_si512(x, w), half = _mm512_set1_epi8(15);
    __m512i const ones =
        _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    return _mm512_add_epi8(
        _mm512_shuffle_epi8(ones, _mm512_and_si512(differing, half)),
        _mm512_shuffle_epi8(ones, _mm512_and_si512(_mm512_srli_epi16(differing, 4), half)));
  }
};

#if defined(__AVX512VPOPCNTDQ__)
/// AVX-512 with counts of the bits in 32-bit lanes.
template <class Arch> struct counting_bits : Arch {};
template <std::derived_from<avx512> Arch> struct bit_instructions<Arch> {
  using type = counting_bits<Arch>;
};

template <class Arch> struct bit_dot_product<counting_bits<Arch>> : bit_dot_product<avx512> {
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return _mm512_sub_epi32(sum, _mm512_popcnt_epi32(_mm512_xor_si512(x, w)));
  }
};

template <class Arch> inline constexpr tile_limits tile_rows<counting_bits<Arch>>{12, 12, 6};
#endif

namespace detail {

template <> struct row_lanes<avx512> {
  static constexpr std::size_t count = 4;
  using bytes = __m512i;

  template <std::size_t Parts> static bytes load(std::int8_t const* from, std::ptrdiff_t step) noexcept {
    if constexpr (Parts == 1) {
      return _mm512_loadu_si512(from);
    } else {
      constexpr std::size_t each = Parts / 2;
      return _mm512_inserti64x4(
          _mm512_castsi256_si512(row_lanes<avx2>::load<each>(from, step)),
          row_lanes<avx2>::load<each>(from + each * static_cast<std::size_t>(step), step), 1);
    }
  }
  static bytes low_bytes(bytes a, bytes b) noexcept { return _mm512_unpacklo_epi8(a, b); }
  static bytes high_bytes(bytes a, bytes b) noexcept { return _mm512_unpackhi_epi8(a, b); }
  static bytes low_words(bytes a, bytes b) noexcept { return _mm512_unpacklo_epi16(a, b); }
  static bytes high_words(bytes a, bytes b) noexcept { return _mm512_unpackhi_epi16(a, b); }
  static bytes flip_signs(bytes a) noexcept { return _mm512_xor_si512(a, _mm512_set1_epi8(-128)); }
};

}  // namespace detail

template <> inline constexpr tile_limits tile_rows<avx512>{12, 10, 5};

}  // namespace dyadic::kernel
