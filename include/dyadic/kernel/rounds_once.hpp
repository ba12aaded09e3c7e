#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <dyadic/quantize/rescale/one_rounding.hpp>

/// What output functions that round once have in common on every instruction set.
namespace dyadic::kernel::detail {

template <class Formula> struct rounding_of;
template <class Rounding> struct rounding_of<one_rounding<Rounding>> {
  using type = Rounding;
};

/// Policies whose linear formula is `one_rounding`'s.
template <class Policy, class Channels>
concept rounds_once = requires { typename rounding_of<typename Policy::formula>::type; } &&
                      std::derived_from<Policy, typename Policy::formula> &&
                      std::same_as<Channels, typename Policy::formula::view>;

/// Are all shifts of `count` channels at least 32?
inline bool shifts_whole_halves(std::uint8_t const* shift, std::size_t count) noexcept {
  unsigned all = 32;
  for (std::size_t i = 0; i < count; ++i) all &= shift[i];  // shifts end at 62: bit 5 says it
  return all != 0;
}

}  // namespace dyadic::kernel::detail
