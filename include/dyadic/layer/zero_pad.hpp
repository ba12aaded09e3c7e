#pragma once

#include <dyadic/layer/rearranged.hpp>

namespace dyadic {

/// Zeros around an image or sequence: `zero_pad<margins{.bottom = 1, .right = 1}>`,
/// `zero_pad<all_around(1)>`.
template <margins Around> struct zero_pad : rearranging {
  static_assert(Around.top >= 0 && Around.bottom >= 0 && Around.left >= 0 && Around.right >= 0,
                "zero_pad: margins are not negative; crop takes rows and columns away");
  static constexpr auto name = "zero_pad<" + margins_name<Around>() + ">";
  static constexpr auto kind = fixed_string("zero_pad");
  static constexpr bool fills = true;
  template <class In>
  static constexpr bool takes = is_image<In> || (is_sequence<In> && Around.top == 0 && Around.bottom == 0);
  template <class In>
  using output = resized<In, In::height + Around.top + Around.bottom, In::width + Around.left + Around.right>;

  template <class In> static constexpr std::ptrdiff_t from(int axis, int index) noexcept {
    if (axis == In::rank - 1) return index;
    int const before = axis == In::rank - 2 ? Around.left : Around.top;
    int const own = index - before;
    return own < 0 || own >= In::extent(axis) ? -1 : own * step_of<In>(axis);
  }
};

}  // namespace dyadic
