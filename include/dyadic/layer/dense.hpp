#pragma once

#include <type_traits>

#include <dyadic/layer/description.hpp>
#include <dyadic/layer/window.hpp>

namespace dyadic {

/// Every input times a weight, summed for each of `Units` outputs, plus a bias. Takes a
/// vector, or each step of a sequence (steps x channels) as one.
template <int Units, class... Words> struct dense {
  static_assert(Units > 0, "dense<Units>: at least one unit");
  static constexpr auto name = "dense<" + decimal<Units>() + ">";
  static constexpr auto kind = fixed_string("dense");
  using role = role::linear;
  using words = list<Words...>;
  static constexpr bool depthwise = false;

  template <class In> static constexpr bool takes = In::rank == 1 || is_sequence<In>;
  template <class In>
  using output = std::conditional_t<is_sequence<In>, shape<In::extent(0), Units>, shape<Units>>;
  template <class In>
  static constexpr kernel::window_shape geometry{
      .in_width = In::width, .in_channels = In::channels, .out_width = In::width, .out_channels = Units};
};

}  // namespace dyadic
