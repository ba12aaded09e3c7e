#pragma once

#include <dyadic/layer/description.hpp>
#include <dyadic/layer/window.hpp>

namespace dyadic {

/// A convolution of each channel with a window of its own (depth multiplier 1), plus a bias. Takes an image.
/// Groups change nothing, as no channel sees another; they must divide the channels.
template <window Window, class... Words> struct depthwise_conv2d {
  static constexpr auto name = "depthwise_conv2d<" + window_name<in_one_group(Window)>() + ">";
  static constexpr auto kind = fixed_string("depthwise_conv2d");
  using role = role::linear;
  using words = list<Words...>;
  static constexpr bool depthwise = true;

  template <class In> static constexpr bool takes = is_image<In> && window_fits<In>(Window, In::channels);
  template <class In>
  static constexpr kernel::window_shape geometry = slide<In>(in_one_group(Window), In::channels);
  template <class In>
  using output = slid_output<In, geometry<In>.out_height, geometry<In>.out_width, In::channels>;
};

}  // namespace dyadic
