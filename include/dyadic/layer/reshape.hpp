#pragma once

#include <dyadic/layer/description.hpp>

namespace dyadic {

/// The same numbers in the same order under another shape: `reshape<4, 4, 2>`. One extent may be -1: what is
/// left for it.
template <int... Extents> struct reshape {
  static constexpr int open = ((Extents == -1 ? 1 : 0) + ...);
  static constexpr int named_size = ((Extents == -1 ? 1 : Extents) * ...);
  static_assert(((Extents > 0 || Extents == -1) && ...) && open <= 1,
                "reshape: extents are 1 or more; one of them may be -1");
  static constexpr auto name = [] {
    auto joined = (fixed_string("reshape<") + ... + (decimal<Extents>() + ","));
    joined.text[joined.size() - 1] = '>';
    return joined;
  }();
  static constexpr auto kind = fixed_string("reshape");
  using role = role::shape_only;
  using words = list<>;
  template <class In>
  static constexpr bool takes = open == 1 ? In::size % named_size == 0 : In::size == named_size;
  template <class In> using output = shape<(Extents == -1 ? In::size / named_size : Extents)...>;
};

}  // namespace dyadic
