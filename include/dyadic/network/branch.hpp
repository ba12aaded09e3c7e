#pragma once

#include <type_traits>

#include <dyadic/layer/activation.hpp>
#include <dyadic/network/bind.hpp>
#include <dyadic/network/misfit.hpp>
#include <dyadic/network/residual.hpp>

namespace dyadic {

template <fixed_string Prefix, int Position, class Shape, class... Stages> struct flow;
template <class Layer> struct step;

/// A residual's stages: two branches from one shape to one shape. An empty shortcut list is the input itself.
template <fixed_string Name, class In, class Out, class BodyStages, class ShortcutStages,
          class Activation = no_activation>
struct residual_stage {
  static constexpr auto name = Name;
  static constexpr auto kind = fixed_string("residual");
  static constexpr auto text = fixed_string("add") + activation_suffix<Activation>();
  using activation = Activation;
  using input = In;
  using output = Out;
  using words = typename Activation::words;
  using body = BodyStages;
  using shortcut_stages = ShortcutStages;
  static constexpr bool makes_codes = true;
  static constexpr std::size_t parameter_count =
      parameters_of(BodyStages{}) + parameters_of(ShortcutStages{});
  static constexpr std::size_t mac_count = macs_of(BodyStages{}) + macs_of(ShortcutStages{});

  template <class> static constexpr bool absorbs_norm = false;
  template <class> static constexpr bool absorbs_activation = std::is_same_v<Activation, no_activation>;
  template <class Next>
  using with_activation = residual_stage<Name, In, Out, BodyStages, ShortcutStages, Next>;

  template <class Scheme> static constexpr bool wants_real = !starts_in_codes<Scheme>(BodyStages{});

  template <class Scheme, class Format> struct branches {
    using body = bound_chain<Scheme, Format, BodyStages>;
    using shortcut = typename std::conditional_t<ShortcutStages::size == 0, identity_bound<Format, In>,
                                                 bound_later<Scheme, Format, ShortcutStages>>::type;
  };
  template <class Scheme, class Format, bool Last>
  using bind =
      residual_bound<residual_stage, policies<Scheme, Name, words>, typename branches<Scheme, Format>::body,
                     typename branches<Scheme, Format>::shortcut, Last>;
};

/// A residual's layers, told apart: the body's and the shortcut's.
template <class Body, class... Layers> struct split_branches;
template <class... Body> struct split_branches<list<Body...>> {
  using body = list<Body...>;
  using side = list<>;
};
template <class... Body, class... Side> struct split_branches<list<Body...>, shortcut<Side...>> {
  using body = list<Body...>;
  using side = list<Side...>;
};
template <class... Body, class First, class... Rest>
struct split_branches<list<Body...>, First, Rest...> : split_branches<list<Body..., First>, Rest...> {};

template <fixed_string Prefix, int Position, class Shape, class Layers> struct branch_flow;
template <fixed_string Prefix, int Position, class Shape, class... Layers>
struct branch_flow<Prefix, Position, Shape, list<Layers...>> {
  using type = decltype((flow<Prefix, Position, Shape>{} >> ... >> step<Layers>{}));
};

/// The flow behind a branching layer.
template <fixed_string Prefix, int Position, fixed_string Name, class Layer, class Shape, class Flow>
struct branched;
template <fixed_string Prefix, int Position, fixed_string Name, class... Layers, class Shape, class... Stages>
struct branched<Prefix, Position, Name, residual<Layers...>, Shape,
                flow<Prefix, Position, Shape, Stages...>> {
  using parts = split_branches<list<>, Layers...>;
  using body = typename branch_flow<Name + "/", 0, Shape, typename parts::body>::type;
  using side = typename branch_flow<Name + "/shortcut_", 0, Shape, typename parts::side>::type;

  static constexpr auto next() noexcept {
    if constexpr (!layers_fit<body>)
      return body{};
    else if constexpr (!layers_fit<side>)
      return side{};
    else if constexpr (!std::is_same_v<typename body::output, typename side::output>)
      return misfit<Position, residual<Layers...>, Shape>{};
    else
      return flow<
          Prefix, Position + 1, typename body::output, Stages...,
          residual_stage<Name, Shape, typename body::output, typename body::stages, typename side::stages>>{};
  }
};

template <fixed_string Prefix, int Position, fixed_string Name, class Layer, class Shape, class Flow>
constexpr auto branch_of() noexcept {
  return branched<Prefix, Position, Name, Layer, Shape, Flow>::next();
}

}  // namespace dyadic
