#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/sse2.hpp>
#include <dyadic/kernel/arch/xsimd.hpp>
#if defined(__AVX2__)
#include <dyadic/kernel/arch/avx2.hpp>
#endif
#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#include <dyadic/kernel/arch/avx512.hpp>
#endif

namespace dyadic::kernel {

namespace detail {

template <class Arch, class Register> struct word_units_in {
  using sums = xsimd::batch<std::int32_t, Register>;
  using factors = even_odd<Register>;
  using words = typename factors::words;
  static constexpr bool exist = true;
  static constexpr std::size_t width = sums::size, registers = unit_outputs / width;

  static factors broadcast(std::int16_t const* x) noexcept {
    std::uint64_t four;
    __builtin_memcpy(&four, x, sizeof four);
    auto const even = static_cast<std::int32_t>((four & 0xFFFF) | ((four >> 16) & 0xFFFF0000));
    auto const odd = static_cast<std::int32_t>(((four >> 16) & 0xFFFF) | ((four >> 32) & 0xFFFF0000));
    return {xsimd::bitwise_cast<words>(sums(even)), xsimd::bitwise_cast<words>(sums(odd))};
  }
  static factors broadcast(std::int8_t const* x) noexcept {
    return factors::from(xsimd::bitwise_cast<words>(sums(four_bytes(x))));
  }
  template <int StorageBits> static void load(std::uint8_t const* unit, factors (&to)[registers]) noexcept {
    constexpr std::size_t bytes = width * 4;
    if constexpr (StorageBits == 16)
      for (std::size_t r = 0; r < registers; ++r)
        to[r] = {load_bytes<Register>(unit + r * bytes), load_bytes<Register>(unit + 64 + r * bytes)};
    else
      dot_product<Arch>::template load<StorageBits>(unit, to);
  }
  static sums pairs(words const& a, words const& b) noexcept { return multiply_add_pairs(Arch{}, a, b); }
};

}  // namespace detail

template <> struct word_units<sse2> : detail::word_units_in<sse2, xsimd::sse2> {};
template <> struct word_units<sse4_1> : word_units<sse2> {};

#if defined(__AVX2__)
template <> struct word_units<avx2> : detail::word_units_in<avx2, xsimd::avx2> {};
template <> struct word_units<avx_vnni> : word_units<avx2> {};
#endif

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
template <> struct word_units<avx512> : detail::word_units_in<avx512, xsimd::avx512bw> {};
template <> struct word_units<avx512_vnni> : word_units<avx512> {};
#endif

}  // namespace dyadic::kernel
