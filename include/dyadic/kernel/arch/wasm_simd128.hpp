#pragma once

#include <wasm_simd128.h>

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/dot.hpp>
#include <dyadic/kernel/row_codes.hpp>

namespace dyadic::kernel {

namespace detail {

/// Codes of `Bits` bits, the lowest of which is bit `Field` of each byte, as 16-bit numbers: those of the
/// bytes at even and those at odd places.
struct wasm_words {
  v128_t even, odd;

  template <int Bits = 8, int Field = 0> static wasm_words from(v128_t bytes) noexcept {
    constexpr int above = 8 - Bits - Field;
    v128_t const odd = above == 0 ? bytes : wasm_i16x8_shl(bytes, above);
    return {wasm_i16x8_shr(wasm_i16x8_shl(bytes, 8 + above), 16 - Bits), wasm_i16x8_shr(odd, 16 - Bits)};
  }
};

template <> struct row_lanes<wasm_simd128> {
  static constexpr std::size_t count = 1;
  using bytes = v128_t;

  template <std::size_t> static bytes load(std::int8_t const* from, std::ptrdiff_t) noexcept {
    return wasm_v128_load(from);
  }
  static bytes low_bytes(bytes a, bytes b) noexcept {
    return wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  }
  static bytes high_bytes(bytes a, bytes b) noexcept {
    return wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  }
  static bytes low_words(bytes a, bytes b) noexcept {
    return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  }
  static bytes high_words(bytes a, bytes b) noexcept {
    return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
  }
  static bytes flip_signs(bytes a) noexcept { return wasm_v128_xor(a, wasm_i8x16_const_splat(-128)); }
};

}  // namespace detail

/// i32x4.dot_i16x8_s adds the products of neighbours, 16-bit numbers: exact for all int8 factors. (The dot
/// products of relaxed SIMD give different results on different processors.)
template <> struct dot_product<wasm_simd128> : dot_product<portable> {
  using activation = detail::wasm_words;
  using per_output = activation;
  using weight = activation;

  static activation broadcast(std::int8_t const* x) noexcept {
    return activation::from(wasm_v128_load32_splat(x));
  }
  static void interleave(std::int8_t const* const (&taps)[unit_inputs],
                         per_output (&to)[registers]) noexcept {
    using lanes = detail::row_lanes<wasm_simd128>;
    v128_t const a = wasm_v128_load(taps[0]), b = wasm_v128_load(taps[1]), c = wasm_v128_load(taps[2]),
                 d = wasm_v128_load(taps[3]);
    v128_t const low_ab = lanes::low_bytes(a, b), low_cd = lanes::low_bytes(c, d);
    to[0] = activation::from(lanes::low_words(low_ab, low_cd));
    to[1] = activation::from(lanes::high_words(low_ab, low_cd));
    v128_t const high_ab = lanes::high_bytes(a, b), high_cd = lanes::high_bytes(c, d);
    to[2] = activation::from(lanes::low_words(high_ab, high_cd));
    to[3] = activation::from(lanes::high_words(high_ab, high_cd));
  }

  template <int StorageBits> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    if constexpr (StorageBits == 8) {
      for (std::size_t i = 0; i < registers; ++i) to[i] = weight::from(wasm_v128_load(unit + 16 * i));
    } else if constexpr (StorageBits == 4) {
      v128_t const first = wasm_v128_load(unit), second = wasm_v128_load(unit + 16);
      to[0] = weight::from<4, 0>(first);
      to[1] = weight::from<4, 0>(second);
      to[2] = weight::from<4, 4>(first);
      to[3] = weight::from<4, 4>(second);
    } else {
      v128_t const bytes = wasm_v128_load(unit);
      to[0] = weight::from<2, 0>(bytes);
      to[1] = weight::from<2, 2>(bytes);
      to[2] = weight::from<2, 4>(bytes);
      to[3] = weight::from<2, 6>(bytes);
    }
  }

  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return sum + (wasm_i32x4_dot_i16x8(x.even, w.even) + wasm_i32x4_dot_i16x8(x.odd, w.odd));
  }
};

template <> struct bit_dot_product<wasm_simd128> : bit_dot_product<portable> {
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    v128_t const pairs = wasm_u16x8_extadd_pairwise_u8x16(wasm_i8x16_popcnt(w ^ x));
    return sum - reinterpret_cast<sums>(wasm_u32x4_extadd_pairwise_u16x8(pairs));
  }
};

}  // namespace dyadic::kernel
