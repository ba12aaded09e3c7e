#pragma once

#include <dyadic/layer/rearranged.hpp>

namespace dyadic {

/// The axes in another order, as NumPy's transpose, without the batch: of `permute<2, 0, 1>` the first axis
/// is the input's last (counted from 0).
template <int... Axes> struct permute : rearranging {
  static constexpr int rank = sizeof...(Axes);
  static constexpr bool is_permutation = [] {
    int seen[rank + 1]{};
    bool inside = true;
    ((Axes >= 0 && Axes < rank ? ++seen[Axes] : (inside = false, 0)), ...);
    for (int axis = 0; axis < rank; ++axis) inside = inside && seen[axis] == 1;
    return inside;
  }();
  static_assert(rank > 0 && rank <= 3 && is_permutation,
                "permute: each axis once, counted from 0, at most three");
  static constexpr auto name = [] {
    auto joined = (fixed_string("permute<") + ... + (decimal<Axes>() + ","));
    joined.text[joined.size() - 1] = '>';
    return joined;
  }();
  static constexpr auto kind = fixed_string("permute");
  template <class In> static constexpr bool takes = In::rank == rank;
  template <class In> using output = shape<In::extent(Axes)...>;

  template <class In> static constexpr std::ptrdiff_t from(int axis, int index) noexcept {
    constexpr int axes[] = {Axes...};
    return index * step_of<In>(axes[axis]);
  }
};

}  // namespace dyadic
