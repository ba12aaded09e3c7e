#pragma once

#include <dyadic/layer/description.hpp>

namespace dyadic {

/// The same numbers as a vector.
struct flatten {
  static constexpr auto name = fixed_string("flatten");
  static constexpr auto kind = fixed_string("flatten");
  using role = role::shape_only;
  using words = list<>;
  template <class In> static constexpr bool takes = true;
  template <class In> using output = shape<In::size>;
};

}  // namespace dyadic
