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

 private:
  static __m512i sign_bits() noexcept { return _mm512_set1_epi8(-128); }
};

namespace detail {

template <> struct row_lanes<avx512_vnni> : row_lanes<avx512> {};

}  // namespace detail

template <> inline constexpr tile_limits tile_rows<avx512_vnni>{12, 12, 6};

}  // namespace dyadic::kernel
