#pragma once

#include <dyadic/layer/rearranged.hpp>

namespace dyadic {

/// An image or sequence without its outer rows and columns: `crop<margins{.top = 1}>`, `crop<all_around(2)>`.
template <margins Around> struct crop : rearranging {
  static_assert(Around.top >= 0 && Around.bottom >= 0 && Around.left >= 0 && Around.right >= 0,
                "crop: margins are not negative; zero_pad adds rows and columns");
  static constexpr auto name = "crop<" + margins_name<Around>() + ">";
  static constexpr auto kind = fixed_string("crop");
  template <class In> static constexpr int rows = In::height - Around.top - Around.bottom;
  template <class In> static constexpr int columns = In::width - Around.left - Around.right;
  template <class In>
  static constexpr bool takes = (is_image<In> && rows<In> > 0 && columns<In> > 0) ||
                                (is_sequence<In> && Around.top == 0 && Around.bottom == 0 && columns<In> > 0);
  template <class In> using output = resized<In, rows<In>, columns<In>>;

  template <class In> static constexpr std::ptrdiff_t from(int axis, int index) noexcept {
    int const before = axis == In::rank - 1 ? 0 : axis == In::rank - 2 ? Around.left : Around.top;
    return (index + before) * step_of<In>(axis);
  }
};

}  // namespace dyadic
