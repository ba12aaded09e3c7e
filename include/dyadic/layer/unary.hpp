#pragma once

#include <cstddef>
#include <type_traits>

#include <dyadic/layer/activation.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// A layer that is a stage of its own: it brings `bound<Stage, Policies, Format, Last>`, which is all the
/// arithmetic.
template <fixed_string Name, class Layer, class In, class Activation = no_activation> struct unary_stage {
  static constexpr auto name = Name;
  static constexpr auto kind = Layer::kind;
  static constexpr auto text = Layer::name + activation_suffix<Activation>();
  using layer = Layer;
  using activation = Activation;
  using input = In;
  using output = typename Layer::template output<In>;
  using words = join<typename Layer::words, typename Activation::words>;
  static constexpr bool makes_codes = Layer::makes_codes;
  static constexpr std::size_t parameter_count = [] {
    if constexpr (requires { Layer::template parameter_count<In>; })
      return Layer::template parameter_count<In>;
    else
      return std::size_t{0};
  }();
  static constexpr std::size_t mac_count = [] {
    if constexpr (requires { Layer::template mac_count<In>; })
      return Layer::template mac_count<In>;
    else
      return std::size_t{0};
  }();

  /// Does the word `kept_float` hold for a layer that has both forms? (Indices are what they are.)
  template <class Scheme>
  static constexpr bool is_kept_float =
      makes_codes && policies<Scheme, Name, words, Layer>::is_float && !requires { Layer::takes_indices; };
  /// A layer with weights goes by its scheme, whatever it is given.
  template <class Scheme>
    requires requires { Layer::has_weights; }
  static constexpr bool wants_real = policies<Scheme, Name, words, Layer>::works_on_reals;

  template <class> static constexpr bool absorbs_norm = false;
  template <class>
  static constexpr bool absorbs_activation = [] {
    if constexpr (requires { Layer::takes_activation; })
      return Layer::takes_activation && std::is_same_v<Activation, no_activation>;
    else
      return false;
  }();
  template <class Next> using with_activation = unary_stage<Name, Layer, In, Next>;

  template <class Scheme, class Format, bool Last>
  using bind =
      typename Layer::template bound<unary_stage, policies<Scheme, Name, words, Layer>, Format, Last>;
};

}  // namespace dyadic
