#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/avx512.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>
#include <dyadic/kernel/row_codes.hpp>

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
    to[0] = activation(_mm512_xor_si512(detail::interleaved_taps(taps), sign_bits()));
  }
  template <int StorageBits> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    to[0] = detail::load_signed_bytes<StorageBits>(unit);
  }

  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return _mm512_dpbusd_epi32(sum, x, w);
  }

 protected:
  static __m512i sign_bits() noexcept { return _mm512_set1_epi8(-128); }
};

template <> struct bit_dot_product<avx512_vnni> : bit_dot_product<avx512> {
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return _mm512_dpbusd_epi32(sum, counts(x, w), _mm512_set1_epi8(-1));
  }
};

namespace detail {

template <> struct row_lanes<avx512_vnni> : row_lanes<avx512> {};

}  // namespace detail

template <> inline constexpr tile_limits tile_rows<avx512_vnni>{12, 12, 6};

/// Weights of 2 and 4 bits, 64 bytes at a time: a register has one of the fields of all bytes, that is the
/// same few outputs in neighbouring units. A field stays at the top of its byte, so that sums are a power of
/// two too large until they are stored: right modulo 2^32, if what is stored is that many bits narrower.
template <int StorageBits>
  requires(2 <= StorageBits && StorageBits <= 4)
struct row_dot_product<avx512_vnni, StorageBits> : dot_product<avx512_vnni> {
  static constexpr bool exists = true;
  static constexpr std::size_t rows = 1, units = 8 / StorageBits;
  static constexpr std::size_t registers = units, width = unit_outputs / units;
  static constexpr std::size_t most_inputs = 1 << 16;  // 2^16 * 255 * 2^(StorageBits - 1) * 2^top < 2^31
  static constexpr int top = 8 - StorageBits;

  static sums start(std::int32_t const* from) noexcept {
    return _mm512_slli_epi32(_mm512_maskz_loadu_epi32((1 << width) - 1, from), top);
  }
  static void store(sums const& from, std::int32_t* to) noexcept {
    __m256i const halves = _mm256_add_epi32(_mm512_castsi512_si256(from), _mm512_extracti64x4_epi64(from, 1));
    if constexpr (width == 8) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_srai_epi32(halves, top));
    } else {
      __m128i const sum = _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_srai_epi32(sum, top));
    }
  }
  static activation broadcast(std::int8_t const* const (&x)[rows]) noexcept {
    __m512i const lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i const unit_of_lane = _mm512_srli_epi32(lane, width == 8 ? 3 : 2);
    __m128i fours{};
    __builtin_memcpy(&fours, x[0], units * unit_inputs);
    return _mm512_xor_si512(_mm512_permutexvar_epi32(unit_of_lane, _mm512_castsi128_si512(fours)),
                            sign_bits());
  }
  template <int> static void load(std::uint8_t const* from, weight (&to)[registers]) noexcept {
    __m512i const bytes = _mm512_loadu_si512(from);
    auto const field = [](__m512i const& shifted) {
      return weight(_mm512_and_si512(shifted, _mm512_set1_epi8(static_cast<char>(0xFF << top))));
    };
    if constexpr (StorageBits == 4) {
      to[0] = field(_mm512_slli_epi16(bytes, 4));
    } else {
      to[0] = field(_mm512_slli_epi16(bytes, 6));
      to[1] = field(_mm512_slli_epi16(bytes, 4));
      to[2] = field(_mm512_slli_epi16(bytes, 2));
    }
    to[registers - 1] = field(bytes);
  }
};

}  // namespace dyadic::kernel
