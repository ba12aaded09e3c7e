#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/xsimd.hpp>
#include <dyadic/kernel/dot.hpp>
#include <dyadic/kernel/row_codes.hpp>

namespace dyadic::kernel {

/// Sums of products of neighbours, which xsimd has not: 16-bit factors, exact 32-bit sums.
[[gnu::always_inline]] inline xsimd::batch<std::int32_t, xsimd::sse2> multiply_add_pairs(
    sse2, xsimd::batch<std::int16_t, xsimd::sse2> const& a,
    xsimd::batch<std::int16_t, xsimd::sse2> const& b) noexcept {
  return _mm_madd_epi16(a, b);
}

namespace detail {

/// Bytes as two vectors of 16-bit numbers: those at even and those at odd places. `Field` is the lowest bit
/// of a code of `Bits` bits in each byte.
template <class Register> struct even_odd {
  using words = xsimd::batch<std::int16_t, Register>;
  words even, odd;

  template <int Bits = 8, int Field = 0> static even_odd from(words const& bytes) noexcept {
    if constexpr (Field + Bits == 8)
      return {(bytes << (16 - Bits - Field)) >> (16 - Bits), bytes >> (16 - Bits)};
    else
      return {(bytes << (16 - Bits - Field)) >> (16 - Bits), (bytes << (8 - Bits - Field)) >> (16 - Bits)};
  }
};

template <class Register> xsimd::batch<std::int16_t, Register> load_bytes(void const* from) noexcept {
  return xsimd::bitwise_cast<xsimd::batch<std::int16_t, Register>>(
      xsimd::batch<std::int8_t, Register>::load_unaligned(static_cast<std::int8_t const*>(from)));
}

[[gnu::always_inline]] inline std::int32_t four_bytes(std::int8_t const* x) noexcept {
  std::int32_t result;
  __builtin_memcpy(&result, x, sizeof result);
  return result;
}

/// Exact for all int8 factors on registers of any width: both widened to 16 bits.
template <class Arch, class Register> struct widening_dot_product {
  using sums = xsimd::batch<std::int32_t, Register>;
  using activation = even_odd<Register>;
  using per_output = activation;
  using weight = even_odd<Register>;

  static constexpr std::size_t width = sums::size, registers = unit_outputs / width;
  static constexpr std::int32_t activation_offset = 0;

  static sums start(std::int32_t const* from) noexcept { return sums::load_unaligned(from); }
  static void store(sums const& from, std::int32_t* to) noexcept { from.store_unaligned(to); }
  static sums subtract(sums const& a, sums const& b) noexcept { return a - b; }
  static void tie(sums&) noexcept {}

  static activation broadcast(std::int8_t const* x) noexcept {
    return activation::from(xsimd::bitwise_cast<typename activation::words>(sums(four_bytes(x))));
  }
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return sum + multiply_add_pairs(Arch{}, x.even, w.even) + multiply_add_pairs(Arch{}, x.odd, w.odd);
  }
};

/// Channel by channel the bytes of four taps, 16 channels in four registers.
[[gnu::always_inline]] inline void interleave_taps(std::int8_t const* const (&taps)[unit_inputs],
                                                   __m128i (&to)[4]) noexcept {
  __m128i x[unit_inputs];
  for (std::size_t i = 0; i < unit_inputs; ++i) __builtin_memcpy(&x[i], taps[i], sizeof x[i]);
  __m128i const low01 = _mm_unpacklo_epi8(x[0], x[1]), high01 = _mm_unpackhi_epi8(x[0], x[1]);
  __m128i const low23 = _mm_unpacklo_epi8(x[2], x[3]), high23 = _mm_unpackhi_epi8(x[2], x[3]);
  to[0] = _mm_unpacklo_epi16(low01, low23);
  to[1] = _mm_unpackhi_epi16(low01, low23);
  to[2] = _mm_unpacklo_epi16(high01, high23);
  to[3] = _mm_unpackhi_epi16(high01, high23);
}

}  // namespace detail

template <> struct dot_product<sse2> : detail::widening_dot_product<sse2, xsimd::sse2> {
  static void interleave(std::int8_t const* const (&taps)[unit_inputs],
                         activation (&to)[registers]) noexcept {
    __m128i bytes[registers];
    detail::interleave_taps(taps, bytes);
    for (std::size_t i = 0; i < registers; ++i) to[i] = activation::from(bytes[i]);
  }

  template <int StorageBits> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    using detail::load_bytes;
    if constexpr (StorageBits == 8) {
      for (std::size_t i = 0; i < registers; ++i)
        to[i] = weight::from(load_bytes<xsimd::sse2>(unit + 16 * i));
    } else if constexpr (StorageBits == 4) {
      auto const first = load_bytes<xsimd::sse2>(unit), second = load_bytes<xsimd::sse2>(unit + 16);
      to[0] = weight::from<4, 0>(first);
      to[1] = weight::from<4, 0>(second);
      to[2] = weight::from<4, 4>(first);
      to[3] = weight::from<4, 4>(second);
    } else {
      auto const bytes = load_bytes<xsimd::sse2>(unit);
      to[0] = weight::from<2, 0>(bytes);
      to[1] = weight::from<2, 2>(bytes);
      to[2] = weight::from<2, 4>(bytes);
      to[3] = weight::from<2, 6>(bytes);
    }
  }
};

inline void sign_bits(sse2, std::int8_t const* codes, std::size_t count, std::int8_t* bits) noexcept {
  auto const sixteen = [](std::int8_t const* from) {
    return static_cast<std::uint32_t>(
        _mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<__m128i const*>(from))));
  };
  for (std::size_t k = 0; k < count; k += 32, bits += 4) {
    std::size_t const left = count - k;
    std::uint32_t signs = sixteen(codes + k);
    if (left > 16) signs |= sixteen(codes + k + 16) << 16;
    if (left < 32) signs &= (1U << left) - 1U;
    __builtin_memcpy(bits, &signs, sizeof signs);
  }
}

namespace detail {

template <> struct row_lanes<sse2> {
  static constexpr std::size_t count = 1;
  using bytes = __m128i;

  template <std::size_t> static bytes load(std::int8_t const* from, std::ptrdiff_t) noexcept {
    return _mm_loadu_si128(reinterpret_cast<bytes const*>(from));
  }
  static bytes low_bytes(bytes a, bytes b) noexcept { return _mm_unpacklo_epi8(a, b); }
  static bytes high_bytes(bytes a, bytes b) noexcept { return _mm_unpackhi_epi8(a, b); }
  static bytes low_words(bytes a, bytes b) noexcept { return _mm_unpacklo_epi16(a, b); }
  static bytes high_words(bytes a, bytes b) noexcept { return _mm_unpackhi_epi16(a, b); }
  static bytes flip_signs(bytes a) noexcept { return _mm_xor_si128(a, _mm_set1_epi8(-128)); }
};

}  // namespace detail

template <> inline constexpr tile_limits tile_rows<sse2>{2, 0, 0};

}  // namespace dyadic::kernel
