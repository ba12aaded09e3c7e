#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch/long_lanes.hpp>
#include <dyadic/kernel/finish.hpp>
#include <dyadic/quantize/rescale/one_rounding.hpp>

namespace dyadic::kernel {

namespace detail {

template <class Formula> struct rounding_of;
template <class Rounding> struct rounding_of<one_rounding<Rounding>> {
  using type = Rounding;
};

/// Policies whose linear formula is `one_rounding`'s.
template <class Policy, class Channels>
concept rounds_once = requires { typename rounding_of<typename Policy::formula>::type; } &&
                      std::derived_from<Policy, typename Policy::formula> &&
                      std::same_as<Channels, typename Policy::formula::view>;

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
      lanes const up = goes_up(below & lanes(1), xsimd::select(x < lanes(0), lanes(1), lanes(0)));
      lanes const threshold = nearest ? half - (up & mask) : mask & (up - lanes(1));
      return xsimd::select((x & mask) > threshold, below + lanes(1), below);
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

/// Whole groups of lanes; gives the number of channels done.
template <class Lanes, class Rounding, bool Masked, class Output, class Code>
std::size_t finish_groups(finish_shape const& shape, std::int32_t const* sums, Output const& output, Code* y,
                          std::uint8_t* mask) noexcept {
  using lanes = typename Lanes::lanes;
  lanes const low(output.low), high(output.high), zero(output.zero);
  std::size_t channel = 0;
  for (; channel + Lanes::width <= shape.channels; channel += Lanes::width) {
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
  return channel;
}

/// What is left of the channels is for `Narrower`.
template <class Arch, bool Masked, class Narrower, class Policy, class Channels, class Code>
void finish_rounding_once(Narrower narrower, finish_shape shape, std::int32_t const* sums,
                          requantized<Policy, Channels, Code> const& output, Code* y,
                          std::uint8_t* mask) noexcept {
  using rounding = typename rounding_of<typename Policy::formula>::type;
  std::size_t const done = finish_groups<long_lanes<Arch>, rounding, Masked>(shape, sums, output, y, mask);
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
#endif

#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
template <bool Masked, class Policy, class Channels, class Code>
  requires detail::rounds_once<Policy, Channels>
void finish(avx512, finish_shape const& shape, std::int32_t const* sums,
            requantized<Policy, Channels, Code> const& output, Code* y, std::uint8_t* mask) noexcept {
  detail::finish_rounding_once<avx512, Masked>(avx2{}, shape, sums, output, y, mask);
}
#endif

}  // namespace dyadic::kernel
