#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/neon_dot.hpp>
#include <dyadic/kernel/arch/neon_words.hpp>

namespace dyadic::kernel {

template <> struct dot_product<neon_i8mm> : dot_product<neon_dot> {};
template <> struct bit_dot_product<neon_i8mm> : bit_dot_product<neon_dot> {};
template <> struct word_units<neon_i8mm> : word_units<neon> {};

namespace detail {

template <> struct row_lanes<neon_i8mm> : row_lanes<neon> {};

}  // namespace detail

/// smmla: eight inputs of two rows by those of two outputs, which are halves of two neighbouring units.
template <> struct matrix_product<neon_i8mm> : dot_product<neon_i8mm> {
  static constexpr bool exists = true;
  static constexpr std::size_t rows = 2, units = 2, width = 2, registers = unit_outputs / width;

  static sums start(std::int32_t const* from) noexcept {
    int32x2_t const two = vld1_s32(from);
    return vcombine_s32(two, two);
  }
  static activation broadcast(std::int8_t const* const (&x)[rows]) noexcept {
    return vcombine_s8(vld1_s8(x[0]), vld1_s8(x[1]));
  }
  template <int StorageBits> static void load(std::uint8_t const* from, weight (&to)[registers]) noexcept {
    using unit = dot_product<neon_i8mm>;
    weight first[unit::registers], second[unit::registers];
    unit::load<StorageBits>(from, first);
    unit::load<StorageBits>(from + unit_bytes<StorageBits>, second);
    for (std::size_t i = 0; i < unit::registers; ++i) {
      int32x4_t const a = vreinterpretq_s32_s8(first[i]), b = vreinterpretq_s32_s8(second[i]);
      to[2 * i] = vreinterpretq_s8_s32(vzip1q_s32(a, b));
      to[2 * i + 1] = vreinterpretq_s8_s32(vzip2q_s32(a, b));
    }
  }
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    return vmmlaq_s32(sum, x, w);
  }
  static sums of_row(sums const (&from)[registers], std::size_t row, std::size_t index) noexcept {
    int64x2_t const a = vreinterpretq_s64_s32(from[2 * index]),
                    b = vreinterpretq_s64_s32(from[2 * index + 1]);
    return vreinterpretq_s32_s64(row == 0 ? vzip1q_s64(a, b) : vzip2q_s64(a, b));
  }
};

template <> inline constexpr tile_limits tile_rows<neon_i8mm> = tile_rows<neon_dot>;

}  // namespace dyadic::kernel
