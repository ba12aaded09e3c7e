#pragma once

#include <wasm_simd128.h>

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/finish.hpp>
#include <dyadic/kernel/rounds_once.hpp>
#include <dyadic/quantize/rescale/xnnpack_fp32.hpp>

namespace dyadic::kernel {

namespace detail {

/// (x * m + B) >> n of four channels whose n are at least 32. Shifts differ from lane to lane, which no
/// instruction does: the upper half is multiplied by a power of two and shifted by 30.
class wasm_high_line {
 public:
  wasm_high_line(std::int32_t const* m, std::int64_t const* b, std::uint8_t const* n) noexcept
      : m_(wasm_v128_load(m)),
        first_b_(wasm_v128_load(b)),
        last_b_(wasm_v128_load(b + 2)),
        power_(wasm_i32x4_make(power(n[0]), power(n[1]), power(n[2]), power(n[3]))) {}

  v128_t operator()(v128_t x) const noexcept {
    v128_t const first = wasm_i64x2_add(wasm_i64x2_extmul_low_i32x4(x, m_), first_b_);
    v128_t const last = wasm_i64x2_add(wasm_i64x2_extmul_high_i32x4(x, m_), last_b_);
    v128_t const half = wasm_i32x4_shuffle(first, last, 1, 3, 5, 7);
    return wasm_i32x4_shuffle(wasm_u64x2_shr(wasm_i64x2_extmul_low_i32x4(half, power_), 30),
                              wasm_u64x2_shr(wasm_i64x2_extmul_high_i32x4(half, power_), 30), 0, 2, 4, 6);
  }

 private:
  static std::int32_t power(std::uint8_t n) noexcept { return std::int32_t{1} << (62 - n); }

  v128_t m_, first_b_, last_b_, power_;
};

/// float(x + bias) * scale, rounded half to even each time: the bits of `xnnpack_fp32::apply`, which emulates
/// this in integers. No add follows the product, so that nothing can contract.
class wasm_float_line {
 public:
  wasm_float_line(std::int32_t const* bias, std::uint32_t const* scale_bits) noexcept
      : bias_(wasm_v128_load(bias)), scale_(wasm_v128_load(scale_bits)) {}

  v128_t operator()(v128_t x) const noexcept {
    v128_t const product = wasm_f32x4_mul(wasm_f32x4_convert_i32x4(wasm_i32x4_add(x, bias_)), scale_);
    return wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(product));
  }

 private:
  v128_t bias_, scale_;
};

/// Four codes from 32-bit numbers that fit.
inline void store_codes(v128_t from, std::int16_t* to) noexcept {
  wasm_v128_store64_lane(to, wasm_i16x8_narrow_i32x4(from, from), 0);
}
inline void store_codes(v128_t from, std::int8_t* to) noexcept {
  v128_t const words = wasm_i16x8_narrow_i32x4(from, from);
  wasm_v128_store32_lane(to, wasm_i8x16_narrow_i16x8(words, words), 0);
}

/// Four channels. The clamp comes before the zero point, so that no lane overflows.
template <class Line, class Output, class Code>
void finish_lines(Line const& line, finish_shape const& shape, std::int32_t const* sums, Output const& output,
                  Code* y) noexcept {
  v128_t const zero = wasm_i32x4_splat(output.zero), low = wasm_i32x4_splat(output.low - output.zero),
               high = wasm_i32x4_splat(output.high - output.zero);
  for (std::size_t row = 0; row < shape.rows; ++row, sums += shape.sum_stride, y += shape.output_stride) {
    v128_t const code = line(wasm_v128_load(sums));
    store_codes(wasm_i32x4_add(wasm_i32x4_min(wasm_i32x4_max(code, low), high), zero), y);
  }
}

/// Calls `four(shape, sums, y)` for each four channels; what is left is `finish` of any processor.
template <class Output, class Code, class Four>
void finish_by_four(finish_shape shape, std::int32_t const* sums, Output const& output, Code* y,
                    Four const& four) noexcept {
  constexpr std::size_t width = 4;
  std::size_t left = shape.channels;
  for (shape.channels = width; left >= width; left -= width, shape.first_channel += width) {
    four(shape, sums, y);
    sums += width;
    y += width;
  }
  shape.channels = left;
  if (left != 0) finish<false>(portable{}, shape, sums, output, y, nullptr);
}

}  // namespace detail

/// Where the rounding's constant is in B; four channels with a shift of less than 32 are as anywhere.
template <bool Masked, class Policy, class Channels, class Code>
  requires(!Masked && detail::rounds_once<Policy, Channels> &&
           detail::rounding_of<typename Policy::formula>::type::constant)
void finish(wasm_simd128, finish_shape const& shape, std::int32_t const* sums,
            requantized<Policy, Channels, Code> const& output, Code* y, std::uint8_t*) noexcept {
  auto const& [offset, multiplier, shift] = output.channels;
  detail::finish_by_four(
      shape, sums, output, y, [&](finish_shape const& four, std::int32_t const* x, Code* to) {
        std::size_t const first = four.first_channel;
        if (detail::shifts_whole_halves(shift + first, four.channels))
          detail::finish_lines(detail::wasm_high_line(multiplier + first, offset + first, shift + first),
                               four, x, output, to);
        else
          finish<false>(portable{}, four, x, output, to, nullptr);
      });
}

template <bool Masked, std::same_as<xnnpack_fp32::view> Channels, class Code>
  requires(!Masked)
void finish(wasm_simd128, finish_shape const& shape, std::int32_t const* sums,
            requantized<xnnpack_fp32, Channels, Code> const& output, Code* y, std::uint8_t*) noexcept {
  auto const& [bias, scale_bits] = output.channels;
  detail::finish_by_four(
      shape, sums, output, y, [&](finish_shape const& four, std::int32_t const* x, Code* to) {
        std::size_t const first = four.first_channel;
        detail::finish_lines(detail::wasm_float_line(bias + first, scale_bits + first), four, x, output, to);
      });
}

}  // namespace dyadic::kernel
