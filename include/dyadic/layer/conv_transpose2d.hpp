#pragma once

#include <dyadic/layer/conv_transpose.hpp>
#include <dyadic/layer/description.hpp>

namespace dyadic {

/// A transposed convolution with `Filters` outputs a position, plus a bias. Takes an image and widens it by
/// the stride. Weights as those of conv2d over the spread image: TensorFlow's turned by 180 degrees.
template <int Filters, window Window, class... Words> struct conv_transpose2d {
  static_assert(Filters > 0, "conv_transpose2d<Filters, window>: at least one filter");
  static constexpr auto name = "conv_transpose2d<" + decimal<Filters>() + "," + window_name<Window>() + ">";
  static constexpr auto kind = fixed_string("conv_transpose2d");
  using role = role::linear;
  using words = list<Words...>;
  static constexpr bool depthwise = false;

  template <class In> static constexpr bool takes = is_image<In> && window_spreads<In>(Window, Filters);
  template <class In> static constexpr kernel::window_shape geometry = spread<In>(Window, Filters);
  template <class In>
  using output = slid_output<In, geometry<In>.out_height, geometry<In>.out_width, Filters>;
};

}  // namespace dyadic
