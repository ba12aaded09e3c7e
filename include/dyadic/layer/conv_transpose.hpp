#pragma once

#include <dyadic/layer/window.hpp>

namespace dyadic {

/// Can a transposed convolution spread that shape? Its border has no causal form.
template <class In> constexpr bool window_spreads(window w, int filters) noexcept {
  return window_is_possible<In>(w, filters) && w.padding != padding::causal;
}

/// One axis of a transposed convolution: `valid` gives (inputs - 1) * stride + max(covered, stride) outputs,
/// `same` inputs * stride, as TensorFlow does. It is a convolution of stride 1 over the inputs with stride -
/// 1 zeros between them and this padding around.
constexpr slid_axis spread_axis(padding border, int inputs, int covered, int stride) noexcept {
  int const overlap = covered > stride ? covered - stride : 0;
  bool const same = border == padding::same;
  int const outputs = inputs * stride + (same ? 0 : overlap);
  int const before = covered - 1 - (same ? overlap / 2 : 0);
  return {outputs, before, outputs + covered - 2 - (inputs - 1) * stride - before};
}

/// The transposed sliding of `w` over `In`.
template <class In> constexpr kernel::window_shape spread(window w, int out_channels) noexcept {
  kernel::window_shape s = stand<In>(w, out_channels);
  s.spread_height = s.stride_height;
  s.spread_width = s.stride_width;
  s.stride_height = s.stride_width = 1;
  slid_axis const down = spread_axis(w.padding, s.in_height, s.covered_height(), s.spread_height);
  slid_axis const across = spread_axis(w.padding, s.in_width, s.covered_width(), s.spread_width);
  return with_axes(s, down, across);
}

}  // namespace dyadic
