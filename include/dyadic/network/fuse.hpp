#pragma once

#include <type_traits>

#include <dyadic/layer/batch_norm.hpp>
#include <dyadic/layer/clamp.hpp>
#include <dyadic/layer/linear.hpp>
#include <dyadic/layer/norm.hpp>
#include <dyadic/layer/unary.hpp>
#include <dyadic/network/branch.hpp>
#include <dyadic/network/misfit.hpp>

/// From layers to stages: shapes are inferred, and what can share one rounding to codes becomes one stage. A
/// fold over the layers, `flow >> step<layer> >> ...`; the first layer that does not fit ends it.
namespace dyadic {

template <class Layer> struct step {};

/// The state of the fold: where it stands, the shape there, and the stages so far. Names of unnamed stages
/// begin with `Prefix` (the names of the branches around them).
template <fixed_string Prefix, int Position, class Shape, class... Stages> struct flow {
  using stages = list<Stages...>;
  using output = Shape;
};

template <class... Stages> struct last_of {
  using type = void;
};
template <class Only> struct last_of<Only> {
  using type = Only;
};
template <class First, class Second, class... Rest>
struct last_of<First, Second, Rest...> : last_of<Second, Rest...> {};

/// `Stages` with the last one replaced.
template <class New, class Done, class... Stages> struct replaced;
template <class New, class... Done, class Last> struct replaced<New, list<Done...>, Last> {
  using type = list<Done..., New>;
};
template <class New, class... Done, class First, class Second, class... Rest>
struct replaced<New, list<Done...>, First, Second, Rest...>
    : replaced<New, list<Done..., First>, Second, Rest...> {};

template <fixed_string Prefix, int Position, class Shape, class Stages> struct flow_of;
template <fixed_string Prefix, int Position, class Shape, class... Stages>
struct flow_of<Prefix, Position, Shape, list<Stages...>> {
  using type = flow<Prefix, Position, Shape, Stages...>;
};

/// A stage's name: the user's, else kind and position.
template <fixed_string Prefix, int Position, class Named>
inline constexpr auto stage_name = [] {
  if constexpr (unnamed<Named>::name.size() != 0)
    return Prefix + unnamed<Named>::name;
  else
    return Prefix + unnamed<Named>::type::kind + "_" + decimal<Position>();
}();

template <class Stage, class Layer> constexpr bool takes_norm() noexcept {
  if constexpr (std::is_void_v<Stage>)
    return false;
  else
    return Stage::template absorbs_norm<Layer>;
}
template <class Stage, class Layer> constexpr bool takes_activation() noexcept {
  if constexpr (std::is_void_v<Stage>)
    return false;
  else
    return Stage::template absorbs_activation<Layer>;
}

/// What one layer makes of the flow.
template <class Flow, class Named> struct advanced;
template <fixed_string Prefix, int Position, class Shape, class... Stages, class Named>
struct advanced<flow<Prefix, Position, Shape, Stages...>, Named> {
  using layer = typename unnamed<Named>::type;
  using last = typename last_of<Stages...>::type;
  static constexpr auto name = stage_name<Prefix, Position, Named>;

  template <class Stage>
  using appended = flow<Prefix, Position + 1, typename Stage::output, Stages..., Stage>;
  template <class Stage>
  using in_place =
      typename flow_of<Prefix, Position + 1, Shape, typename replaced<Stage, list<>, Stages...>::type>::type;

  static constexpr auto next() noexcept {
    using plays = typename layer::role;
    if constexpr (std::is_same_v<plays, role::branch>) {
      return branch_of<Prefix, Position, name, layer, Shape, flow<Prefix, Position, Shape, Stages...>>();
    } else if constexpr (!layer::template takes<Shape>) {
      return misfit<Position, layer, Shape>{};
    } else if constexpr (std::is_same_v<plays, role::linear>) {
      return appended<linear_stage<name, layer, Shape>>{};
    } else if constexpr (std::is_same_v<plays, role::shape_only>) {
      return flow<Prefix, Position + 1, typename layer::template output<Shape>, Stages...>{};
    } else if constexpr (std::is_same_v<plays, role::normalization>) {
      if constexpr (takes_norm<last, layer>()) {
        if constexpr (std::is_same_v<typename last::output, Shape>)
          return in_place<typename last::template with_norm<layer>>{};
        else
          return appended<unary_stage<name, lone_norm<layer>, Shape>>{};
      } else {
        return appended<unary_stage<name, lone_norm<layer>, Shape>>{};
      }
    } else if constexpr (std::is_same_v<plays, role::activation>) {
      if constexpr (takes_activation<last, layer>())
        return in_place<typename last::template with_activation<layer>>{};
      else
        return appended<unary_stage<name, lone_activation<layer>, Shape>>{};
    } else {
      return appended<unary_stage<name, layer, Shape>>{};
    }
  }
};

template <fixed_string Prefix, int Position, class Shape, class... Stages, class Named>
constexpr auto operator>>(flow<Prefix, Position, Shape, Stages...>, step<Named>) noexcept {
  if constexpr (layer_description<typename unnamed<Named>::type>)
    return advanced<flow<Prefix, Position, Shape, Stages...>, Named>::next();
  else
    return not_a_layer<Position, Named>{};
}
template <fixed_string Prefix, int Position, class Shape, class... Stages, class... Layers>
constexpr auto operator>>(flow<Prefix, Position, Shape, Stages...> from, step<layers<Layers...>>) noexcept {
  return (from >> ... >> step<Layers>{});
}
/// The flow with another prefix of names; one that does not fit stays.
template <fixed_string Prefix, class Flow> constexpr auto under_prefix(Flow stuck) noexcept { return stuck; }
template <fixed_string Prefix, fixed_string Other, int Position, class Shape, class... Stages>
constexpr auto under_prefix(flow<Other, Position, Shape, Stages...>) noexcept {
  return flow<Prefix, Position, Shape, Stages...>{};
}
template <fixed_string Prefix, int Position, class Shape, class... Stages, fixed_string Name, class... Layers>
constexpr auto operator>>(flow<Prefix, Position, Shape, Stages...> from,
                          step<named<Name, layers<Layers...>>>) noexcept {
  return under_prefix<Prefix>(under_prefix<Prefix + Name + "/">(from) >> step<layers<Layers...>>{});
}
template <class Stuck, class Named>
  requires(!layers_fit<Stuck>)
constexpr auto operator>>(Stuck stuck, step<Named>) noexcept {
  return stuck;
}

/// The flow through layers, from a shape.
template <fixed_string Prefix, int Position, class Shape, class... Layers>
using flow_through = decltype((flow<Prefix, Position, Shape>{} >> ... >> step<Layers>{}));

}  // namespace dyadic
