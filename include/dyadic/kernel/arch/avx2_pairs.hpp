#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/avx2.hpp>
#include <dyadic/kernel/arch/gathered_rows.hpp>

namespace dyadic::kernel {

template <std::int32_t Offset> struct dot_product<avx2_pairs<Offset>> : dot_product<avx2> {};
template <std::int32_t Offset> struct gathered_rows<avx2_pairs<Offset>> : gathered_rows<avx2> {};

template <std::int32_t Offset, int StorageBits>
struct weighted_dot_product<avx2_pairs<Offset>, StorageBits> : weighted_dot_product<avx2, StorageBits> {};

/// Activations go in as unsigned bytes, code + offset, and pairs of products fit in 16 bits.
template <std::int32_t Offset> struct weighted_dot_product<avx2_pairs<Offset>, 8> : dot_product<avx2> {
  using activation = __m256i;
  using weight = __m256i;

  static constexpr std::int32_t activation_offset = Offset;

  static activation broadcast(std::int8_t const* x) noexcept {
    return _mm256_add_epi8(_mm256_set1_epi32(detail::four_bytes(x)),
                           _mm256_set1_epi8(static_cast<char>(Offset)));
  }
  template <int> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    for (std::size_t i = 0; i < registers; ++i)
      to[i] = _mm256_loadu_si256(reinterpret_cast<weight const*>(unit) + i);
  }
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(x, w), _mm256_set1_epi16(1)));
  }
};

template <std::int32_t Offset> inline constexpr tile_limits tile_rows<avx2_pairs<Offset>>{5, 0, 0};

}  // namespace dyadic::kernel
