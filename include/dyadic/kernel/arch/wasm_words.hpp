#pragma once

#include <wasm_simd128.h>

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/wasm_simd128.hpp>
#include <dyadic/kernel/dot.hpp>

namespace dyadic::kernel {

namespace detail {

/// Four 32-bit numbers with the part of xsimd's batch that sums of words use.
struct wasm_numbers {
  v128_t data;

  wasm_numbers() = default;
  wasm_numbers(v128_t of) noexcept : data(of) {}
  explicit wasm_numbers(std::int32_t each) noexcept : data(wasm_i32x4_splat(each)) {}
  void store_unaligned(std::int32_t* to) const noexcept { wasm_v128_store(to, data); }

  friend wasm_numbers operator+(wasm_numbers a, wasm_numbers b) noexcept {
    return wasm_i32x4_add(a.data, b.data);
  }
  friend wasm_numbers operator-(wasm_numbers a, wasm_numbers b) noexcept {
    return wasm_i32x4_sub(a.data, b.data);
  }
  friend wasm_numbers operator&(wasm_numbers a, wasm_numbers b) noexcept {
    return wasm_v128_and(a.data, b.data);
  }
  friend wasm_numbers operator>>(wasm_numbers a, int n) noexcept {
    return wasm_i32x4_shr(a.data, static_cast<std::uint32_t>(n));
  }
};

}  // namespace detail

template <> struct word_units<wasm_simd128> {
  using sums = detail::wasm_numbers;
  using factors = detail::wasm_words;
  static constexpr bool exist = true;
  static constexpr std::size_t width = 4, registers = unit_outputs / width;

  static factors broadcast(std::int16_t const* x) noexcept {
    v128_t const four = wasm_v128_load64_splat(x);
    return {wasm_i16x8_shuffle(four, four, 0, 2, 0, 2, 0, 2, 0, 2),
            wasm_i16x8_shuffle(four, four, 1, 3, 1, 3, 1, 3, 1, 3)};
  }
  static factors broadcast(std::int8_t const* x) noexcept { return dot_product<wasm_simd128>::broadcast(x); }
  template <int StorageBits> static void load(std::uint8_t const* unit, factors (&to)[registers]) noexcept {
    if constexpr (StorageBits == 16)
      for (std::size_t r = 0; r < registers; ++r)
        to[r] = {wasm_v128_load(unit + 16 * r), wasm_v128_load(unit + 64 + 16 * r)};
    else
      dot_product<wasm_simd128>::load<StorageBits>(unit, to);
  }
  static sums pairs(v128_t a, v128_t b) noexcept { return wasm_i32x4_dot_i16x8(a, b); }
};

}  // namespace dyadic::kernel
