#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/byte_lanes.hpp>
#include <dyadic/kernel/arch/float_lanes.hpp>
#include <dyadic/kernel/finish.hpp>
#include <dyadic/quantize/rescale/xnnpack_fp32.hpp>

namespace dyadic::kernel {

namespace detail {

/// Convert, multiply, convert, each rounded half to even: the bits of `xnnpack_fp32::apply`, which emulates
/// this in integers. No add follows the product, so that nothing can contract. The product is clamped before
/// the last rounding, for a mask one beyond the range, so that it can be read off.
template <class Lanes, bool Masked, class Output, class Code>
std::size_t finish_float_groups(finish_shape const& shape, std::int32_t const* sums, Output const& output,
                                Code* y, std::uint8_t* mask) noexcept {
  using lanes = typename Lanes::lanes;
  using reals = typename Lanes::reals;
  int const low = output.low - output.zero, high = output.high - output.zero;
  constexpr int beyond = Masked ? 1 : 0;
  reals const least(static_cast<float>(low - beyond)), most(static_cast<float>(high + beyond));
  std::size_t channel = 0;
  for (; channel + Lanes::width <= shape.channels; channel += Lanes::width) {
    std::size_t const parameters = shape.first_channel + channel;
    lanes const bias = lanes::load_unaligned(output.channels.bias + parameters);
    reals scale;
    __builtin_memcpy(&scale, output.channels.scale_bits + parameters, sizeof scale);
    std::int32_t const* from = sums + channel;
    auto to = static_cast<std::ptrdiff_t>(channel);
    for (std::size_t row = 0; row < shape.rows; ++row, from += shape.sum_stride, to += shape.output_stride) {
      reals const product = Lanes::convert(lanes::load_unaligned(from) + bias) * scale;
      lanes code = Lanes::round(xsimd::min(xsimd::max(product, least), most));
      if constexpr (Masked) {
        Lanes::store((code >= lanes(low)) & (code <= lanes(high)), mask + to);
        code = xsimd::min(xsimd::max(code, lanes(low)), lanes(high));
      }
      Lanes::store(code + lanes(output.zero), y + to);
    }
  }
  return channel;
}

/// The same in registers. What overflows downwards becomes the least int32, which stays below every code.
template <class Arch, class Output, std::size_t Width> struct float_lines : byte_lanes<Arch, true> {
  using lanes = typename float_lanes<Arch>::lanes;
  using reals = typename float_lanes<Arch>::reals;
  using tile = code_tile<float_lines>;
  static constexpr bool exist = true;

  static bool takes(Output const&, std::size_t) noexcept { return true; }

  float_lines(Output const& output, std::size_t channel, std::int32_t (&initial)[Width]) noexcept
      : byte_lanes<Arch, true>(output.zero, output.low, output.high),
        most_(static_cast<float>(output.high - output.zero)),
        scale_bits_(output.channels.scale_bits + channel) {
    for (std::size_t i = 0; i < Width; i += lanes::size)
      (lanes::load_unaligned(initial + i) + lanes::load_unaligned(output.channels.bias + channel + i))
          .store_unaligned(initial + i);
  }

  lanes operator()(lanes const& sums, std::size_t index) const noexcept {
    reals scale;
    __builtin_memcpy(&scale, scale_bits_ + index * lanes::size, sizeof scale);
    return float_lanes<Arch>::round(xsimd::min(float_lanes<Arch>::convert(sums) * scale, most_));
  }

 private:
  reals most_;
  std::uint32_t const* scale_bits_;
};

/// What is left of the channels is for `Narrower`.
template <class Arch, bool Masked, class Narrower, class Channels, class Code>
void finish_xnnpack(Narrower narrower, finish_shape shape, std::int32_t const* sums,
                    requantized<xnnpack_fp32, Channels, Code> const& output, Code* y,
                    std::uint8_t* mask) noexcept {
  std::size_t const done = finish_float_groups<float_lanes<Arch>, Masked>(shape, sums, output, y, mask);
  shape.channels -= done;
  shape.first_channel += done;
  if (shape.channels != 0)
    finish<Masked>(narrower, shape, sums + done, output, y + done, Masked ? mask + done : nullptr);
}

}  // namespace detail

#if defined(__AVX2__)
template <bool Masked, std::same_as<xnnpack_fp32::view> Channels, class Code>
void finish(avx2, finish_shape const& shape, std::int32_t const* sums,
            requantized<xnnpack_fp32, Channels, Code> const& output, Code* y, std::uint8_t* mask) noexcept {
  detail::finish_xnnpack<avx2, Masked>(portable{}, shape, sums, output, y, mask);
}

template <class Arch, class Output, std::size_t Width>
  requires(std::derived_from<Arch, avx2> && !std::derived_from<Arch, avx512> &&
           std::same_as<Output, requantized<xnnpack_fp32, xnnpack_fp32::view, std::int8_t>>)
struct panel_lines<Arch, Output, Width> : detail::float_lines<avx2, Output, Width> {
  using detail::float_lines<avx2, Output, Width>::float_lines;
};
#endif

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
template <bool Masked, std::same_as<xnnpack_fp32::view> Channels, class Code>
void finish(avx512, finish_shape const& shape, std::int32_t const* sums,
            requantized<xnnpack_fp32, Channels, Code> const& output, Code* y, std::uint8_t* mask) noexcept {
  detail::finish_xnnpack<avx512, Masked>(avx2{}, shape, sums, output, y, mask);
}

template <std::derived_from<avx512> Arch, class Output, std::size_t Width>
  requires std::same_as<Output, requantized<xnnpack_fp32, xnnpack_fp32::view, std::int8_t>>
struct panel_lines<Arch, Output, Width> : detail::float_lines<avx512, Output, Width> {
  using detail::float_lines<avx512, Output, Width>::float_lines;
};
#endif

}  // namespace dyadic::kernel
