#pragma once

#include <dyadic/layer/description.hpp>
#include <dyadic/layer/window.hpp>

namespace dyadic {

/// A convolution with `Filters` outputs a position, plus a bias. Takes an image (height x width x channels).
/// With groups, each group of filters sees its group of channels; weights are
/// [filter][row][column][channel of the group].
template <int Filters, window Window, class... Words> struct conv2d {
  static_assert(Filters > 0, "conv2d<Filters, window>: at least one filter");
  static constexpr auto name = "conv2d<" + decimal<Filters>() + "," + window_name<Window>() + ">";
  static constexpr auto kind = fixed_string("conv2d");
  using role = role::linear;
  using words = list<Words...>;
  static constexpr bool depthwise = false;

  template <class In> static constexpr bool takes = is_image<In> && window_fits<In>(Window, Filters);
  template <class In> static constexpr kernel::window_shape geometry = slide<In>(Window, Filters);
  template <class In>
  using output = slid_output<In, geometry<In>.out_height, geometry<In>.out_width, Filters>;
};

}  // namespace dyadic
