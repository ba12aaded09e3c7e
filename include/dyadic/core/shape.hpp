#pragma once

#include <dyadic/core/name.hpp>

namespace dyadic {

/// The extents of one image's tensor, channels last (NHWC without the N): an image `shape<28, 28, 1>`, a
/// sequence `shape<Steps, Channels>`, a vector `shape<10>`.
template <int... Extents> struct shape {
  static_assert(((Extents > 0) && ...), "shape: every extent is at least 1");

  static constexpr int rank = sizeof...(Extents);
  static constexpr int size = (Extents * ... * 1);

  static constexpr int extent(int axis) noexcept {
    constexpr int extents[] = {Extents..., 1};
    return extents[axis];
  }
  static constexpr int channels = extent(rank - 1);
  /// Height and width of an image; a sequence is 1 high and its steps wide, a vector 1 by 1.
  static constexpr int height = rank == 3 ? extent(0) : 1;
  static constexpr int width = rank == 3 ? extent(1) : rank == 2 ? extent(0) : 1;

  static constexpr auto name = [] {
    auto joined = (fixed_string("") + ... + (decimal<Extents>() + "x"));
    fixed_string<joined.size() - 1> trimmed;
    for (std::size_t i = 0; i + 1 < joined.size(); ++i) trimmed.text[i] = joined.text[i];
    return trimmed;
  }();
};

template <class Shape> inline constexpr bool is_image = Shape::rank == 3;
template <class Shape> inline constexpr bool is_sequence = Shape::rank == 2;

}  // namespace dyadic
