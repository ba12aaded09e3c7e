#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <dyadic/kernel/arch/byte_lanes.hpp>
#include <dyadic/kernel/arch/float_lanes.hpp>
#include <dyadic/kernel/arch/high_lanes.hpp>
#include <dyadic/kernel/arch/long_lanes.hpp>
#include <dyadic/kernel/finish.hpp>
#include <dyadic/kernel/rounds_once.hpp>

namespace dyadic::kernel {

namespace detail {

/// x >> n, rounded, a lane a channel: `by_increment::shift_right` with the comparison spelled out.
template <class Rounding, class Lanes> struct rounding_shift {
  using lanes = typename Lanes::lanes;
  lanes shift, mask, half;

  explicit rounding_shift(lanes const& n) noexcept : shift(n) {
    if constexpr (!Rounding::constant) {
      mask = Lanes::shift_left(lanes(1), n) - lanes(1);
      half = mask - Lanes::shift_right(mask, lanes(1));
    }
  }

  lanes operator()(lanes const& x) const noexcept {
    lanes const below = Lanes::shift_right(x, shift);
    if constexpr (Rounding::constant) {
      return below;
    } else {
      lanes const up = goes_up(below & lanes(1), Lanes::sign(x) & lanes(1));
      lanes const threshold = nearest ? half - (up & mask) : mask & (up - lanes(1));
      return below - Lanes::sign(threshold - (x & mask));
    }
  }

 private:
  static constexpr bool nearest = requires { Rounding::up(true, true); };

  static constexpr std::int64_t up(bool odd, bool negative) noexcept {
    if constexpr (nearest)
      return Rounding::up(odd, negative);
    else
      return Rounding::up(negative);
  }
  /// The mode's truth table as a polynomial in `odd` and `negative`, each 0 or 1.
  static lanes goes_up(lanes const& odd, lanes const& negative) noexcept {
    constexpr std::int64_t none = up(false, false), by_odd = none ^ up(true, false),
                           by_negative = none ^ up(false, true),
                           by_both = by_odd ^ up(false, true) ^ up(true, true);
    return lanes(none) ^ (odd & lanes(by_odd)) ^ (negative & lanes(by_negative)) ^
           (odd & negative & lanes(by_both));
  }
};

/// One group of lanes from `channel` on, in 64-bit sums.
template <class Lanes, class Rounding, bool Masked, class Output, class Code>
void finish_long(finish_shape const& shape, std::size_t channel, std::int32_t const* sums,
                 Output const& output, Code* y, std::uint8_t* mask) noexcept {
  using lanes = typename Lanes::lanes;
  lanes const low(output.low), high(output.high), zero(output.zero);
  std::size_t const parameters = shape.first_channel + channel;
  lanes const multiplier = Lanes::widen(output.channels.multiplier + parameters);
  lanes const offset = lanes::load_unaligned(output.channels.offset + parameters);
  rounding_shift<Rounding, Lanes> const shift(Lanes::widen(output.channels.shift + parameters));
  std::int32_t const* from = sums + channel;
  auto to = static_cast<std::ptrdiff_t>(channel);
  for (std::size_t row = 0; row < shape.rows; ++row, from += shape.sum_stride, to += shape.output_stride) {
    lanes const code = shift(Lanes::multiply(Lanes::widen(from), multiplier) + offset) + zero;
    if constexpr (Masked) Lanes::store((code >= low) & (code <= high), mask + to);
    Lanes::store(xsimd::min(xsimd::max(code, low), high), y + to);
  }
}

/// As `finish_long` where every shift is at least 32 and the rounding's constant is in B: the code is the
/// sum's upper half, shifted by what is left. The clamp comes before the zero point, so that no lane
/// overflows.
template <class Arch, bool Masked, class Output, class Code>
void finish_high(finish_shape const& shape, std::size_t channel, std::int32_t const* sums,
                 Output const& output, Code* y, std::uint8_t* mask) noexcept {
  using high_half = high_lanes<Arch>;
  using lanes = typename high_half::lanes;
  lanes const low(output.low - output.zero), high(output.high - output.zero), zero(output.zero);
  std::size_t const parameters = shape.first_channel + channel;
  typename high_half::line const line(output.channels.multiplier + parameters,
                                      output.channels.offset + parameters);
  lanes const shift = high_half::widen(output.channels.shift + parameters) - lanes(32);
  std::int32_t const* from = sums + channel;
  auto to = static_cast<std::ptrdiff_t>(channel);
  for (std::size_t row = 0; row < shape.rows; ++row, from += shape.sum_stride, to += shape.output_stride) {
    lanes const code = high_half::shift_right(line.upper_half(lanes::load_unaligned(from)), shift);
    lanes const clamped = xsimd::min(xsimd::max(code, low), high);
    if constexpr (Masked) float_lanes<Arch>::store(clamped == code, mask + to);
    float_lanes<Arch>::store(clamped + zero, y + to);
  }
}

/// Whole groups of lanes; gives the number of channels done.
template <class Arch, class Rounding, bool Masked, class Output, class Code>
std::size_t finish_groups(finish_shape const& shape, std::int32_t const* sums, Output const& output, Code* y,
                          std::uint8_t* mask) noexcept {
  using long_group = long_lanes<Arch>;
  constexpr std::size_t width = high_lanes<Arch>::width;
  std::size_t channel = 0;
  while (channel + long_group::width <= shape.channels) {
    if (Rounding::constant && channel + width <= shape.channels &&
        shifts_whole_halves(output.channels.shift + shape.first_channel + channel, width)) {
      finish_high<Arch, Masked>(shape, channel, sums, output, y, mask);
      channel += width;
    } else {
      finish_long<long_group, Rounding, Masked>(shape, channel, sums, output, y, mask);
      channel += long_group::width;
    }
  }
  return channel;
}

/// As `finish_high`, in registers.
template <class Arch, class Output, std::size_t Width> struct high_lines : byte_lanes<Arch, false> {
  using high_half = high_lanes<Arch>;
  using lanes = typename high_half::lanes;
  using tile = code_tile<high_lines>;
  static constexpr bool exist = true;

  static bool takes(Output const& output, std::size_t channel) noexcept {
    return shifts_whole_halves(output.channels.shift + channel, Width);
  }

  high_lines(Output const& output, std::size_t channel, std::int32_t (&)[Width]) noexcept
      : high_lines(output, channel, std::make_index_sequence<Width / lanes::size>{}) {}

  lanes operator()(lanes const& sums, std::size_t index) const noexcept {
    return high_half::shift_right(line_[index].upper_half(sums), shift_[index]);
  }

 private:
  template <std::size_t... Index>
  high_lines(Output const& output, std::size_t channel, std::index_sequence<Index...>) noexcept
      : byte_lanes<Arch, false>(output.zero, output.low, output.high),
        line_{{output.channels.multiplier + channel + Index * lanes::size,
               output.channels.offset + channel + Index * lanes::size}...},
        shift_{(high_half::widen(output.channels.shift + channel + Index * lanes::size) - lanes(32))...} {}

  typename high_half::line line_[Width / lanes::size];
  lanes shift_[Width / lanes::size];
};

/// Output functions that `high_lines` know.
template <class Output> inline constexpr bool finishes_high = false;
template <class Policy, class Channels>
  requires rounds_once<Policy, Channels>
inline constexpr bool finishes_high<requantized<Policy, Channels, std::int8_t>> =
    rounding_of<typename Policy::formula>::type::constant;

/// What is left of the channels is for `Narrower`.
template <class Arch, bool Masked, class Narrower, class Policy, class Channels, class Code>
void finish_rounding_once(Narrower narrower, finish_shape shape, std::int32_t const* sums,
                          requantized<Policy, Channels, Code> const& output, Code* y,
                          std::uint8_t* mask) noexcept {
  using rounding = typename rounding_of<typename Policy::formula>::type;
  std::size_t const done = finish_groups<Arch, rounding, Masked>(shape, sums, output, y, mask);
  shape.channels -= done;
  shape.first_channel += done;
  if (shape.channels != 0)
    finish<Masked>(narrower, shape, sums + done, output, y + done, Masked ? mask + done : nullptr);
}

}  // namespace detail

#if defined(__AVX2__)
template <bool Masked, class Policy, class Channels, class Code>
  requires detail::rounds_once<Policy, Channels>
void finish(avx2, finish_shape const& shape, std::int32_t const* sums,
            requantized<Policy, Channels, Code> const& output, Code* y, std::uint8_t* mask) noexcept {
  detail::finish_rounding_once<avx2, Masked>(portable{}, shape, sums, output, y, mask);
}

template <class Arch, class Output, std::size_t Width>
  requires(std::derived_from<Arch, avx2> && !std::derived_from<Arch, avx512> && detail::finishes_high<Output>)
struct panel_lines<Arch, Output, Width> : detail::high_lines<avx2, Output, Width> {
  using detail::high_lines<avx2, Output, Width>::high_lines;
};
#endif

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
template <bool Masked, class Policy, class Channels, class Code>
  requires detail::rounds_once<Policy, Channels>
void finish(avx512, finish_shape const& shape, std::int32_t const* sums,
            requantized<Policy, Channels, Code> const& output, Code* y, std::uint8_t* mask) noexcept {
  detail::finish_rounding_once<avx512, Masked>(avx2{}, shape, sums, output, y, mask);
}

template <std::derived_from<avx512> Arch, class Output, std::size_t Width>
  requires detail::finishes_high<Output>
struct panel_lines<Arch, Output, Width> : detail::high_lines<avx512, Output, Width> {
  using detail::high_lines<avx512, Output, Width>::high_lines;
};
#endif

}  // namespace dyadic::kernel
