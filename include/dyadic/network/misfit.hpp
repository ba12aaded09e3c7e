#pragma once

#include <dyadic/core/name.hpp>
#include <dyadic/core/shape.hpp>
#include <dyadic/quantize/scheme.hpp>

namespace dyadic {

/// A layer that cannot take the shape it is given. It stands in for the rest of the network, so that a
/// compiler's message ends here and names position (counted from the input, which is 0), layer and shape.
template <int Position, class Layer, class Shape> struct misfit {
  using stages = list<>;
  using output = shape<1>;
  static constexpr bool fits = false;
};

template <class Flow> inline constexpr bool layers_fit = true;
template <int Position, class Layer, class Shape>
inline constexpr bool layers_fit<misfit<Position, Layer, Shape>> = false;

}  // namespace dyadic
