#pragma once

#include <dyadic/layer/description.hpp>
#include <dyadic/layer/window.hpp>

namespace dyadic {

/// Every input times a weight, summed for each of `Units` outputs, plus a bias. Takes a vector.
template <int Units, class... Words> struct dense {
  static_assert(Units > 0, "dense<Units>: at least one unit");
  static constexpr auto name = "dense<" + decimal<Units>() + ">";
  static constexpr auto kind = fixed_string("dense");
  using role = role::linear;
  using words = list<Words...>;
  static constexpr bool depthwise = false;

  template <class In> static constexpr bool takes = In::rank == 1;
  template <class In> using output = shape<Units>;
  template <class In>
  static constexpr kernel::window_shape geometry{.in_channels = In::size, .out_channels = Units};
};

}  // namespace dyadic
