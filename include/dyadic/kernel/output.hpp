#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

/// What becomes of an accumulator. An output function is called with an accumulator and its channel and gives
/// what is stored.
namespace dyadic::kernel {

template <class Function, class Code>
concept output_function = requires(Function const& f, std::int32_t accumulator, std::size_t channel) {
  { f(accumulator, channel) } noexcept -> std::same_as<Code>;
};

/// Codes: clamp(Policy::apply(channels.get(channel), accumulator, zero), low, high). `Channels` is a view of
/// the policy's parameters; `low` and `high` lie within `Code`.
template <class Policy, class Channels, class Code> struct requantized {
  using policy = Policy;
  using code = Code;

  Channels channels;
  int zero, low, high;

  /// The code before it is clamped to [low, high].
  constexpr std::int64_t unclamped(std::int64_t accumulator, std::size_t channel) const noexcept {
    return Policy::apply(channels.get(channel), accumulator, zero);
  }
  constexpr Code clamped(std::int64_t value) const noexcept {
    return static_cast<Code>(value < low ? low : value > high ? high : value);
  }
  constexpr Code operator()(std::int64_t accumulator, std::size_t channel) const noexcept {
    return clamped(unclamped(accumulator, channel));
  }
};

/// The accumulator itself.
struct accumulators {
  using code = std::int32_t;

  constexpr std::int32_t operator()(std::int32_t accumulator, std::size_t) const noexcept {
    return accumulator;
  }
};
/// The accumulator itself, of 64 bits.
struct long_accumulators {
  using code = std::int64_t;

  constexpr std::int64_t operator()(std::int64_t accumulator, std::size_t) const noexcept {
    return accumulator;
  }
};
template <class Sum>
using accumulators_of = std::conditional_t<sizeof(Sum) == 4, accumulators, long_accumulators>;

/// An output function that is called one accumulator at a time and whose unclamped value can be had.
template <class Function>
concept clamping_output = requires(Function const& f) {
  { f.unclamped(std::int64_t{}, std::size_t{}) } noexcept -> std::same_as<std::int64_t>;
  f.clamped(std::int64_t{});
  { f.low } -> std::convertible_to<int>;
  { f.high } -> std::convertible_to<int>;
};

}  // namespace dyadic::kernel
