#pragma once

#include <cstddef>
#include <type_traits>

#include <dyadic/network/fuse.hpp>
#include <dyadic/network/soundness.hpp>

namespace dyadic {

/// Whether every layer takes the shape it is given, else an error. (A function, since to clang a class whose
/// own assertion fails has no members, and its every use would be a further error.)
template <class Flow> constexpr bool fits() noexcept {
  static_assert(
      is_all_layers<Flow>,
      "network: one of its types is not a layer; not_a_layer<position, type> in this message names it");
  static_assert(shapes_fit<Flow>,
                "network: a layer cannot take the shape it is given; misfit<position, layer, shape> in this "
                "message names them");
  static_assert(
      branches_fit<Flow>,
      "network: the branches of a layer give shapes that cannot meet; branches_differ<position, layer, "
      "shapes...> in this message names them");
  return layers_fit<Flow>;
}

template <class Input, class... Layers> struct sequential;

template <class Engine> struct made_as {
  using type = Engine;
};
template <class Arithmetic> struct under_default_scheme {
  using type = Arithmetic;
};
template <template <class> class Arithmetic, class Scheme> struct under_default_scheme<Arithmetic<Scheme>> {
  using type = Arithmetic<scheme>;
};
/// What stands in for the engine of a network or scheme that does not fit, so that no error follows where it
/// is trained or called: that of a lone batch norm, under the same scheme where that is possible.
template <class Arithmetic, class Net> constexpr auto stand_in() noexcept {
  using net = sequential<input_layer<typename Net::input_shape>, batch_norm>;
  using problem = typename diagnosis<typename Arithmetic::scheme, typename net::input, typename net::stages,
                                     Arithmetic::only_integers>::type;
  using possible =
      std::conditional_t<sound<problem>, Arithmetic, typename under_default_scheme<Arithmetic>::type>;
  return made_as<typename possible::template engine<net>>{};
}

/// A network's engine; where the scheme is not for that network an error, and what stands in.
template <class Arithmetic, class Net> constexpr auto engine_of() noexcept {
  if constexpr (!layers_fit<typename Net::flow>) {
    return stand_in<Arithmetic, Net>();
  } else {
    using problem = typename diagnosis<typename Arithmetic::scheme, typename Net::input, typename Net::stages,
                                       Arithmetic::only_integers>::type;
    static_assert(words_are_words<problem>,
                  "words are weights<...>, activations<...>, outputs<...>, rescale<...> and kept_float: "
                  "not_a_word names what stands for one");
    static_assert(quantizers_are_quantizers<problem>,
                  "weights, activations and outputs take a quantizer, such as symmetric<8>: not_a_quantizer "
                  "names what stands for one");
    static_assert(parts_are_in_place<problem>,
                  "a quantizer is a grid, a granularity, a range rule, a gradient rule, in that order: "
                  "misplaced_part names the place and what stands there");
    static_assert(policies_are_policies<problem>,
                  "rescale takes a policy, such as multiplier<31, rounding::half_up>: not_a_rescale_policy "
                  "names what stands for one");
    static_assert(parts_are_in_bounds<problem>,
                  "the bits or another parameter are out of bounds, which the declaration says: "
                  "out_of_bounds names what");
    static_assert(names_are_known<problem>, "with<...>: no layer of the network has that name");
    static_assert(weights_are_symmetric<problem>,
                  "weights: an affine grid has a zero point, and weights have none; use symmetric<Bits>");
    static_assert(kinds_are_known<problem>, "with<...>: no layer of the network is of that kind");
    static_assert(outputs_have_every_code<problem>,
                  "activations: this grid is for weights; use affine<Bits>, symmetric<Bits> or fixed_point");
    static_assert(ranges_are_for_grids<problem>,
                  "the range rule cannot place this grid, or not of weights: range_not_for_grid names both");
    static_assert(weights_are_even<problem>,
                  "this rescale policy puts gamma's sign into the weights: their grid must be symmetric");
    static_assert(codes_have_one_scale<problem>,
                  "activations: one scale for the tensor; per_channel is for weights");
    static_assert(codes_are_drawn<problem>,
                  "ste::stochastic: for weights of dense layers and convolutions on a grid of all integers, "
                  "their range observed, not learned");
    static_assert(stored_weights_are_narrow<problem>,
                  "weights_alone, ranges_at_run_time: weights of at most 8 bits");
    static_assert(weights_have_codes<problem>,
                  "weights_alone, ranges_at_run_time: for dense layers and convolutions; say kept_float for "
                  "this layer");
    static_assert(
        groups_have_a_place<problem>,
        "per_group: for dense layers and for convolutions whose kernel rows have a multiple of four "
        "inputs, and not for scales that are powers of two; use per_channel here");
    static_assert(inputs_are_narrow<problem>,
                  "this quantized layer takes no codes so wide: wide_inputs names them");
    static_assert(sums_fit<problem>,
                  "an accumulator could overflow: use fewer bits, fewer inputs for each output, or a rescale "
                  "policy that takes 64-bit sums (multiplier, power_of_two, tflite_reference_16x8)");
    static_assert(
        branches_end_alike<problem>,
        "branches that meet all end in codes or all in float: keep the last layers of all float, or of "
        "none");
    static_assert(
        sums_are_possible<problem>,
        "add: this rescale policy is of a runtime that adds two tensors at a time; nest the additions");
    static_assert(
        inputs_are_indices<problem>,
        "embedding<Count, Width> takes indices: let the network begin with index_input<shape<...>, Count>");
    static_assert(works_on_integers<problem>,
                  "integer<Scheme>: a layer is kept float; the network is in<mixed<Scheme>>");
    if constexpr (sound<problem>)
      return made_as<typename Arithmetic::template engine<Net>>{};
    else
      return stand_in<Arithmetic, Net>();
  }
}

/// A network: layers one behind the other, from the input's shape. An empty type that says what;
/// `in<float32>`, `in<trainable<Scheme>>` and `in<integer<Scheme>>` are the engines that hold numbers and say
/// how.
template <class Input, class... Layers> struct sequential {
  using input = Input;
  using flow = flow_through<fixed_string(""), 1, typename Input::shape, Layers...>;
  using stages = std::conditional_t<fits<flow>(), typename flow::stages, list<>>;
  using input_shape = typename Input::shape;
  using output_shape = typename flow::output;

  /// Trained numbers of the float network: weights, biases, gammas and betas.
  static constexpr std::size_t parameter_count = parameters_of(stages{});
  /// Multiply-adds of convolutions and dense layers for one image.
  static constexpr std::size_t mac_count = macs_of(stages{});

  template <class Arithmetic> using in = typename decltype(engine_of<Arithmetic, sequential>())::type;
};

}  // namespace dyadic
