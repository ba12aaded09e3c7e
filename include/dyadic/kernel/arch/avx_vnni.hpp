#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/avx2.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>
#include <dyadic/kernel/row_codes.hpp>

namespace dyadic::kernel {

/// vpdpbusd in the encoding of AVX: unsigned by signed bytes, so activations go in as code + 128.
template <> struct dot_product<avx_vnni> {
  using sums = xsimd::batch<std::int32_t, xsimd::avx2>;
  using activation = __m256i;
  using per_output = activation;
  using weight = __m256i;

  static constexpr std::size_t width = 8, registers = 2;
  static constexpr std::int32_t activation_offset = 128;

  static sums start(std::int32_t const* from) noexcept { return sums::load_unaligned(from); }
  static void store(sums const& from, std::int32_t* to) noexcept { from.store_unaligned(to); }
  static sums subtract(sums const& a, sums const& b) noexcept { return a - b; }

  // As with AVX-512: g++ 12 would spill the sums.
  static void tie(sums& sum) noexcept { asm("" : "+x"(sum.data)); }

  static activation broadcast(std::int8_t const* x) noexcept {
    return _mm256_xor_si256(_mm256_set1_epi32(detail::four_bytes(x)), sign_bits());
  }

  static void interleave(std::int8_t const* const (&taps)[unit_inputs],
                         activation (&to)[registers]) noexcept {
    __m128i bytes[4];
    detail::interleave_taps(taps, bytes);
    to[0] = _mm256_xor_si256(_mm256_set_m128i(bytes[1], bytes[0]), sign_bits());
    to[1] = _mm256_xor_si256(_mm256_set_m128i(bytes[3], bytes[2]), sign_bits());
  }

  template <int StorageBits> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    if constexpr (StorageBits == 8)
      __builtin_memcpy(&to, unit, sizeof to);
    else
      weighted_dot_product<avx2, StorageBits>::template load<StorageBits>(unit, to);
  }

  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return _mm256_dpbusd_avx_epi32(sum, x, w);
  }

 private:
  static __m256i sign_bits() noexcept { return _mm256_set1_epi8(-128); }
};

template <> struct bit_dot_product<avx_vnni> : bit_dot_product<avx2> {
  static void tie(sums& sum) noexcept { dot_product<avx_vnni>::tie(sum); }
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return _mm256_dpbusd_avx_epi32(sum, counts(x, w), _mm256_set1_epi8(-1));
  }
};

namespace detail {

template <> struct row_lanes<avx_vnni> : row_lanes<avx2> {};

}  // namespace detail

template <> inline constexpr tile_limits tile_rows<avx_vnni>{6, 0, 0};

}  // namespace dyadic::kernel
