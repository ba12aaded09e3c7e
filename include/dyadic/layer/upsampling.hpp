#pragma once

#include <dyadic/layer/rearranged.hpp>

namespace dyadic {

/// Repeats each row and column of an image (nearest neighbour): `upsampling<2>`, `upsampling<2, 3>` for rows
/// and columns. Of a sequence it repeats the steps, by `Columns`.
template <int Rows, int Columns = Rows> struct upsampling : rearranging {
  static_assert(Rows > 0 && Columns > 0, "upsampling: rows and columns are repeated once or more");
  static constexpr auto name = "upsampling<" + decimal<Rows>() + "x" + decimal<Columns>() + ">";
  static constexpr auto kind = fixed_string("upsampling");
  template <class In> static constexpr bool takes = is_image<In> || is_sequence<In>;
  template <class In> using output = resized<In, In::height * Rows, In::width * Columns>;

  template <class In> static constexpr std::ptrdiff_t from(int axis, int index) noexcept {
    int const times = axis == In::rank - 1 ? 1 : axis == In::rank - 2 ? Columns : Rows;
    return index / times * step_of<In>(axis);
  }
};

}  // namespace dyadic
