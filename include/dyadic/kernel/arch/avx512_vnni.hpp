#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/avx2.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>

namespace dyadic::kernel {

/// vpdpbusd multiplies unsigned by signed bytes, so activations go in as code + 128.
template <> struct dot_product<avx512_vnni> {
  using sums = xsimd::batch<std::int32_t, xsimd::avx512bw>;
  using activation = xsimd::batch<std::uint8_t, xsimd::avx512bw>;
  using per_output = activation;
  using weight = xsimd::batch<std::int8_t, xsimd::avx512bw>;

  static constexpr std::size_t width = 16, registers = 1;
  static constexpr std::int32_t activation_offset = 128;

  static sums start(std::int32_t const* from) noexcept { return sums::load_unaligned(from); }
  static void store(sums const& from, std::int32_t* to) noexcept { from.store_unaligned(to); }
  static sums subtract(sums const& a, sums const& b) noexcept { return a - b; }

  // g++ 12 splits the live range of each sum over the loop's back edge and spills; passing through an empty
  // statement pins it.
  static void tie(sums& sum) noexcept { asm("" : "+v"(sum.data)); }

  static activation broadcast(std::int8_t const* x) noexcept {
    return _mm512_xor_si512(_mm512_set1_epi32(detail::four_bytes(x)), sign_bits());
  }

  static void interleave(std::int8_t const* const (&taps)[unit_inputs],
                         activation (&to)[registers]) noexcept {
    __m128i x[unit_inputs];
    for (std::size_t i = 0; i < unit_inputs; ++i) __builtin_memcpy(&x[i], taps[i], sizeof x[i]);
    __m512i const rows = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_set_m128i(x[1], x[0])),
                                            _mm256_set_m128i(x[3], x[2]), 1);
    __m512i const fours = _mm512_permutexvar_epi32(
        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), rows);
    __m512i const transpose =
        _mm512_broadcast_i32x4(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
    to[0] = activation(_mm512_xor_si512(_mm512_shuffle_epi8(fours, transpose), sign_bits()));
  }

  template <int StorageBits> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    if constexpr (StorageBits == 8) {
      to[0] = _mm512_loadu_si512(unit);
    } else if constexpr (StorageBits == 4) {
      __m256i bytes;
      __builtin_memcpy(&bytes, unit, sizeof bytes);
      __m512i const fields =
          _mm512_srlv_epi64(_mm512_broadcast_i64x4(bytes), _mm512_setr_epi64(0, 0, 0, 0, 4, 4, 4, 4));
      __m512i const index = _mm512_and_si512(fields, _mm512_set1_epi8(15));
      to[0] =
          _mm512_shuffle_epi8(signed_codes(0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1), index);
    } else {
      __m128i bytes;
      __builtin_memcpy(&bytes, unit, sizeof bytes);
      __m512i const fields =
          _mm512_srlv_epi64(_mm512_broadcast_i32x4(bytes), _mm512_setr_epi64(0, 0, 2, 2, 4, 4, 6, 6));
      __m512i const index = _mm512_and_si512(fields, _mm512_set1_epi8(3));
      to[0] =
          _mm512_shuffle_epi8(signed_codes(0, 1, -2, -1, 0, 1, -2, -1, 0, 1, -2, -1, 0, 1, -2, -1), index);
    }
  }

  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return _mm512_dpbusd_epi32(sum, x, w);
  }

 private:
  static __m512i sign_bits() noexcept { return _mm512_set1_epi8(-128); }

  template <class... Codes> static __m512i signed_codes(Codes... codes) noexcept {
    return _mm512_broadcast_i32x4(_mm_setr_epi8(static_cast<char>(codes)...));
  }
};

template <> inline constexpr tile_limits tile_rows<avx512_vnni>{12, 12, 6};

}  // namespace dyadic::kernel
