#pragma once

#include <dyadic/layer/description.hpp>
#include <dyadic/layer/window.hpp>

namespace dyadic {

/// A convolution in time with `Filters` outputs a step, plus a bias. Takes a sequence (steps x channels):
/// `conv1d<16, window{.size = 3, .padding = padding::causal, .dilation = 4}>`. Weights are
/// [filter][step][channel of the group].
template <int Filters, window Window, class... Words> struct conv1d {
  static_assert(Filters > 0, "conv1d<Filters, window>: at least one filter");
  static constexpr auto name = "conv1d<" + decimal<Filters>() + "," + steps_name<Window>() + ">";
  static constexpr auto kind = fixed_string("conv1d");
  using role = role::linear;
  using words = list<Words...>;
  static constexpr bool depthwise = false;

  template <class In> static constexpr bool takes = is_sequence<In> && window_fits<In>(Window, Filters);
  template <class In> static constexpr kernel::window_shape geometry = slide<In>(Window, Filters);
  template <class In>
  using output = slid_output<In, geometry<In>.out_height, geometry<In>.out_width, Filters>;
};

}  // namespace dyadic
