#pragma once

#include <concepts>

#include <dyadic/core/name.hpp>
#include <dyadic/core/shape.hpp>
#include <dyadic/quantize/scheme.hpp>

namespace dyadic {

/// How a layer takes part in the network: what the fusion of layers into stages goes by.
namespace role {
struct linear {};         ///< weights times inputs; absorbs a batch norm and an activation behind it
struct normalization {};  ///< per-channel gain and offset; part of the linear layer before it, else a stage
struct activation {};     ///< part of the stage before it where that rounds to codes, else a stage
struct shape_only {};     ///< no arithmetic: the same numbers under another shape
struct stage {};          ///< a stage of its own
struct branch {};         ///< holds layers of its own
}  // namespace role

/// What every layer description is: an empty type with a name, a role, the shapes it takes and what it gives.
template <class Layer>
concept layer_description = requires {
  Layer::name.size();
  typename Layer::role;
  typename Layer::words;
};

/// Several layers that stand as one word in a network.
template <class... Layers> struct layers {};

template <class Layer> inline constexpr bool is_layers = false;
template <class... Layers> inline constexpr bool is_layers<layers<Layers...>> = true;

/// `Layer` under a name of its own, by which `with<...>`, `summary` and files speak of it. Of several layers
/// that stand as one word each has that name and "/" before its own: `named<"x", separable_conv2d<...>>`
/// makes "x/depthwise_conv2d_1" and "x/conv2d_2".
template <fixed_string Name, class Layer>
  requires layer_description<Layer> || is_layers<Layer>
struct named {
  static constexpr auto name = Name;
  using layer = Layer;
};

template <class Layer> struct unnamed {
  static constexpr auto name = fixed_string("");
  using type = Layer;
};
template <fixed_string Name, class Layer> struct unnamed<named<Name, Layer>> {
  static constexpr auto name = Name;
  using type = Layer;
};

}  // namespace dyadic
