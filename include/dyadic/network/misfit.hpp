#pragma once

#include <dyadic/core/name.hpp>
#include <dyadic/core/shape.hpp>
#include <dyadic/quantize/scheme.hpp>

namespace dyadic {

/// A layer that cannot take the shape it is given. It stands in for the rest of the network, so that a
/// compiler's message ends here and names position, layer and shape. Positions count from the input, which is
/// 0; in a branch from its first layer.
template <int Position, class Layer, class Shape> struct misfit {
  using stages = list<>;
  using output = shape<1>;
};

/// A layer whose branches give shapes that cannot meet.
template <int Position, class Layer, class... Shapes> struct branches_differ {
  using stages = list<>;
  using output = shape<1>;
};

/// A type among a network's layers that is none.
template <int Position, class Type> struct not_a_layer {
  using stages = list<>;
  using output = shape<1>;
};

template <class Flow> inline constexpr bool is_all_layers = true;
template <int Position, class Type> inline constexpr bool is_all_layers<not_a_layer<Position, Type>> = false;

template <class Flow> inline constexpr bool shapes_fit = true;
template <int Position, class Layer, class Shape>
inline constexpr bool shapes_fit<misfit<Position, Layer, Shape>> = false;

template <class Flow> inline constexpr bool branches_fit = true;
template <int Position, class Layer, class... Shapes>
inline constexpr bool branches_fit<branches_differ<Position, Layer, Shapes...>> = false;

template <class Flow>
inline constexpr bool layers_fit = is_all_layers<Flow> && shapes_fit<Flow> && branches_fit<Flow>;

}  // namespace dyadic
