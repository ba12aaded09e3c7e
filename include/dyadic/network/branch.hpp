#pragma once

#include <array>
#include <type_traits>

#include <dyadic/layer/activation.hpp>
#include <dyadic/network/add.hpp>
#include <dyadic/network/bidirectional.hpp>
#include <dyadic/network/bind.hpp>
#include <dyadic/network/concat.hpp>
#include <dyadic/network/misfit.hpp>
#include <dyadic/network/multiply.hpp>
#include <dyadic/network/residual.hpp>

namespace dyadic {

template <fixed_string Prefix, int Position, class Shape, class... Stages> struct flow;
template <class Layer> struct step;

/// One branch: its stages and the shape that it gives. An empty list is the input itself.
template <class Stages, class Output> struct branch_stages {
  using stages = Stages;
  using output = Output;
};

/// The stage where branches meet: from one shape through `Branches` to one shape.
template <fixed_string Name, class Layer, class In, class Activation, class... Branches> struct joined_stage {
  static constexpr auto name = Name;
  static constexpr auto kind = Layer::kind;
  static constexpr auto text = Layer::name + activation_suffix<Activation>();
  using layer = Layer;
  using activation = Activation;
  using input = In;
  using output = typename Layer::template output<typename Branches::output...>;
  using words = join<typename Layer::words, typename Activation::words>;
  using branches = list<typename Branches::stages...>;
  static constexpr bool makes_codes = true;
  static constexpr std::size_t parameter_count =
      (std::size_t{0} + ... + parameters_of(typename Branches::stages{}));
  static constexpr std::size_t mac_count = (std::size_t{0} + ... + macs_of(typename Branches::stages{}));
  static constexpr std::array<std::size_t, sizeof...(Branches)> branch_sizes{
      static_cast<std::size_t>(Branches::output::size)...};

  template <class> static constexpr bool absorbs_norm = false;
  template <class> static constexpr bool absorbs_activation = std::is_same_v<Activation, no_activation>;
  template <class Next> using with_activation = joined_stage<Name, Layer, In, Next, Branches...>;

  /// The first wish of a stage at the head of a branch.
  template <class Scheme>
  static constexpr bool wants_real = !starts_in_codes<Scheme>(join<typename Branches::stages...>{});

  template <class Policy, class... Formats>
  using joining =
      typename Layer::template joining<Policy, joined_input<Formats, typename Branches::output>...>;
  /// The same for one step of sequences.
  template <class Policy, class... Formats>
  using step_joining =
      typename Layer::template joining<Policy,
                                       joined_input<Formats, shape<1, Branches::output::channels>>...>;

  template <class Scheme, class Format, class Stages>
  using bound_branch = typename std::conditional_t<Stages::size == 0, identity_bound<Format>,
                                                   bound_later<Scheme, Format, Stages>>::type;
  template <class Scheme, class Format, bool Last>
  using bind = joined_bound<joined_stage, policies<Scheme, Name, words, Layer>, Last,
                            bound_branch<Scheme, Format, typename Branches::stages>...>;
};

/// A branch's layers, and what the names of its stages begin with behind the name of the layer.
template <fixed_string Prefix, class... Layers> struct branch_part {};

/// A residual's layers, told apart: the body's and the shortcut's.
template <class Body, class... Layers> struct split_residual;
template <class... Body> struct split_residual<list<Body...>> {
  using type = list<branch_part<fixed_string(""), Body...>, branch_part<fixed_string("shortcut_")>>;
};
template <class... Body, class... Side> struct split_residual<list<Body...>, shortcut<Side...>> {
  using type = list<branch_part<fixed_string(""), Body...>, branch_part<fixed_string("shortcut_"), Side...>>;
};
template <class... Body, class First, class... Rest>
struct split_residual<list<Body...>, First, Rest...> : split_residual<list<Body..., First>, Rest...> {};

template <std::size_t Index, class Layer> struct numbered_part {
  using type = branch_part<decimal<Index>() + "_", Layer>;
};
template <std::size_t Index, class... Layers> struct numbered_part<Index, branch<Layers...>> {
  using type = branch_part<decimal<Index>() + "_", Layers...>;
};
template <std::size_t Index, fixed_string Name, class... Layers>
struct numbered_part<Index, named<Name, branch<Layers...>>> {
  using type = branch_part<Name + "_", Layers...>;
};
template <class Branches, class Indices> struct numbered_parts;
template <class... Branches, std::size_t... Indices>
struct numbered_parts<list<Branches...>, std::index_sequence<Indices...>> {
  using type = list<typename numbered_part<Indices, Branches>::type...>;
};

/// The branches of a layer.
template <class Layer> struct parts_of {
  using branches = typename Layer::branches;
  using type = typename numbered_parts<branches, std::make_index_sequence<branches::size>>::type;
};
template <class... Layers> struct parts_of<residual<Layers...>> : split_residual<list<>, Layers...> {};

/// The flow through one branch.
template <fixed_string Name, class Shape, class Part> struct branch_flow;
template <fixed_string Name, class Shape, fixed_string Prefix, class... Layers>
struct branch_flow<Name, Shape, branch_part<Prefix, Layers...>> {
  using type = decltype((flow<Name + "/" + Prefix, 0, Shape>{} >> ... >> step<Layers>{}));
};

template <class First, class... Rest> constexpr auto first_misfit() noexcept {
  if constexpr (!layers_fit<First> || sizeof...(Rest) == 0)
    return First{};
  else
    return first_misfit<Rest...>();
}

/// The flow behind a branching layer.
template <int Position, fixed_string Name, class Layer, class Shape, class Flow, class Parts> struct branched;
template <int Position, fixed_string Name, class Layer, class Shape, fixed_string Prefix, class... Stages,
          class... Parts>
struct branched<Position, Name, Layer, Shape, flow<Prefix, Position, Shape, Stages...>, list<Parts...>> {
  template <class Part> using through = typename branch_flow<Name, Shape, Part>::type;

  static constexpr auto next() noexcept {
    if constexpr (!(layers_fit<through<Parts>> && ...)) {
      return first_misfit<through<Parts>...>();
    } else if constexpr (!Layer::template joins<typename through<Parts>::output...>) {
      return branches_differ<Position, Layer, typename through<Parts>::output...>{};
    } else {
      using stage =
          joined_stage<Name, Layer, Shape, no_activation,
                       branch_stages<typename through<Parts>::stages, typename through<Parts>::output>...>;
      return flow<Prefix, Position + 1, typename stage::output, Stages..., stage>{};
    }
  }
};

template <fixed_string Prefix, int Position, fixed_string Name, class Layer, class Shape, class Flow>
constexpr auto branch_of() noexcept {
  return branched<Position, Name, Layer, Shape, Flow, typename parts_of<Layer>::type>::next();
}

}  // namespace dyadic
