#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/compiler_lanes.hpp>
#include <dyadic/kernel/native.hpp>
#include <dyadic/quantize/grid.hpp>

namespace dyadic::kernel {

namespace detail {

/// Is a zero point small enough that the ends of the grid can be subtracted from in float without rounding?
constexpr bool is_near(code_grid where) noexcept { return where.zero > -(1 << 19) && where.zero < 1 << 19; }

/// `encode` in vectors; returns how many elements it did. The quotient is held between the ends before it is
/// rounded, which gives the same code, as rounding is monotone and keeps integers.
template <std::size_t Bytes, class Code>
std::size_t quantize_vectors(std::size_t count, float const* x, code_grid where, std::int32_t low,
                             std::int32_t high, Code* y) noexcept {
  using lanes = compiler_lanes<Bytes>;
  using reals = typename lanes::reals;
  using integers = typename lanes::integers;
  constexpr float to_integer = 12582912.0F;              // 1.5 * 2^23: adding it rounds half to even
  constexpr std::int32_t to_integer_bits = 0x4B40'0000;  // the integer stands in the low bits
  reals const least = reals{} + static_cast<float>(low - where.zero);
  reals const most = reals{} + static_cast<float>(high - where.zero);
  reals const scale = reals{} + where.scale, nothing{};
  std::size_t const done = count - count % lanes::count;
  for (std::size_t i = 0; i < done; i += lanes::count) {
    reals value;
    __builtin_memcpy(&value, x + i, sizeof value);
    reals quotient = value / scale;
    quotient = quotient < most ? quotient : most;
    quotient = quotient > least ? quotient : least;
    quotient = value == value ? quotient : nothing;
    reals const shifted = quotient + to_integer;
    integers code;
    __builtin_memcpy(&code, &shifted, sizeof code);
    code -= to_integer_bits - where.zero;
    lanes::store(code, y + i);
  }
  return done;
}

}  // namespace detail

/// y[i] = encode(x[i], where, low, high): reals to codes of at most 16 bits.
template <compiled Arch, class Code>
constexpr void quantize(Arch, std::size_t count, float const* x, code_grid where, std::int32_t low,
                        std::int32_t high, Code* y) noexcept {
  static_assert(sizeof(Code) <= 2);
  std::size_t i = 0;
  if constexpr (std::derived_from<Arch, portable>)
    if (!std::is_constant_evaluated() && detail::is_near(where))
      i = detail::quantize_vectors<vector_bytes<Arch>>(count, x, where, low, high, y);
  for (; i < count; ++i) y[i] = static_cast<Code>(encode(x[i], where, low, high));
}

}  // namespace dyadic::kernel
