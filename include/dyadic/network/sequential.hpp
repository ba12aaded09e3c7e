#pragma once

#include <cstddef>

#include <dyadic/network/fuse.hpp>

namespace dyadic {

/// A network: layers one behind the other, from the input's shape. An empty type that says what;
/// `in<float32>`, `in<trainable<Scheme>>` and `in<integer<Scheme>>` are the engines that hold numbers and say
/// how.
template <class Input, class... Layers> struct sequential {
  using input = Input;
  using flow = flow_through<fixed_string(""), 1, typename Input::shape, Layers...>;
  static_assert(
      layers_fit<flow>,
      "network: a layer cannot take the shape it is given; misfit<position, layer, shape> in this message "
      "names them");
  using stages = typename flow::stages;
  using input_shape = typename Input::shape;
  using output_shape = typename flow::output;

  /// Trained numbers of the float network: weights, biases, gammas and betas.
  static constexpr std::size_t parameter_count = parameters_of(stages{});
  /// Multiply-adds of convolutions and dense layers for one image.
  static constexpr std::size_t mac_count = macs_of(stages{});

  template <class Arithmetic> using in = typename Arithmetic::template engine<sequential>;
};

}  // namespace dyadic
