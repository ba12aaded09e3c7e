#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "dyadic/kernel/shape.hpp"

/// Random windows whose taps may be apart: dilated, in groups, over pixels that are spread.
namespace spaced {

using dyadic::kernel::window_shape;

/// One axis: inputs, taps, dilation, stride or spread, padding, and the outputs that follow.
struct axis {
  int in, taps, dilation, stride, spread, before, after, out;
};
/// `pick(low, high)` is a random number.
template <class Pick> axis random_axis(Pick pick) {
  axis a{pick(1, 8), pick(1, 4), pick(1, 3), 1, 1, 0, 0, 0};
  (pick(0, 1) == 0 ? a.stride : a.spread) = pick(1, 3);
  int const covered = (a.taps - 1) * a.dilation + 1, size = (a.in - 1) * a.spread + 1;
  a.before = pick(0, covered - 1);
  a.after = pick(0, covered - 1);
  if (size + a.before + a.after < covered) a.before = a.after = covered - 1;
  a.out = (size + a.before + a.after - covered) / a.stride + 1;
  return a;
}

template <class Pick> window_shape random_window(Pick pick) {
  axis const down = random_axis(pick), across = random_axis(pick);
  window_shape s;
  s.groups = pick(0, 1) == 0 ? 1 : pick(1, 4);
  s.in_channels = s.groups * (pick(0, 3) == 0 ? pick(1, 40) : pick(1, 9));
  s.out_channels = s.groups * (pick(0, 1) == 0 ? pick(1, 36) : pick(1, 5));
  s.in_height = down.in, s.in_width = across.in;
  s.out_height = down.out, s.out_width = across.out;
  s.kernel_height = down.taps, s.kernel_width = across.taps;
  s.stride_height = down.stride, s.stride_width = across.stride;
  s.dilation_height = down.dilation, s.dilation_width = across.dilation;
  s.spread_height = down.spread, s.spread_width = across.spread;
  s.pad_top = down.before, s.pad_bottom = down.after;
  s.pad_left = across.before, s.pad_right = across.after;
  return s;
}

inline std::string text(window_shape const& s) {
  auto const pair = [](int a, int b) { return std::to_string(a) + "x" + std::to_string(b); };
  return pair(s.in_height, s.in_width) + "x" + std::to_string(s.in_channels) + " to " +
         pair(s.out_height, s.out_width) + "x" + std::to_string(s.out_channels) + ", kernel " +
         pair(s.kernel_height, s.kernel_width) + ", stride " + pair(s.stride_height, s.stride_width) +
         ", dilation " + pair(s.dilation_height, s.dilation_width) + ", spread " +
         pair(s.spread_height, s.spread_width) + ", padding " + pair(s.pad_top, s.pad_left) + ", groups " +
         std::to_string(s.groups);
}

/// The input place on one axis that a tap of an output reads, or -1: outside, or between two inputs.
constexpr int place(int out, int stride, int before, int tap, int dilation, int spread, int in) {
  int const at = out * stride - before + tap * dilation;
  return at >= 0 && at % spread == 0 && at / spread < in ? at / spread : -1;
}

/// Calls visit(output pixel, tap, input pixel), the input pixel -1 where there is none, output by output.
template <class Visit> void for_each_tap(window_shape const& s, Visit visit) {
  for (int oy = 0; oy < s.out_height; ++oy)
    for (int ox = 0; ox < s.out_width; ++ox)
      for (int ky = 0; ky < s.kernel_height; ++ky)
        for (int kx = 0; kx < s.kernel_width; ++kx) {
          int const y =
              place(oy, s.stride_height, s.pad_top, ky, s.dilation_height, s.spread_height, s.in_height);
          int const x =
              place(ox, s.stride_width, s.pad_left, kx, s.dilation_width, s.spread_width, s.in_width);
          visit(oy * s.out_width + ox, ky * s.kernel_width + kx, y < 0 || x < 0 ? -1 : y * s.in_width + x);
        }
}

inline std::size_t outputs(window_shape const& s) {
  return static_cast<std::size_t>(s.out_height * s.out_width * s.out_channels);
}
inline std::size_t inputs(window_shape const& s) {
  return static_cast<std::size_t>(s.in_height * s.in_width * s.in_channels);
}

/// The sums by definition. Weights are [out][tap][channel of the group], depthwise [channel][tap].
inline std::vector<std::int32_t> sums_of(window_shape const& s, std::vector<std::int8_t> const& image,
                                         std::vector<std::int8_t> const& weights, int zero, bool depthwise) {
  std::vector<std::int32_t> sums(outputs(s));
  int const in = depthwise ? 1 : s.group_inputs(), out = depthwise ? 1 : s.group_outputs();
  for_each_tap(s, [&](int pixel, int tap, int from) {
    for (int o = 0; o < s.out_channels; ++o)
      for (int c = 0; c < in; ++c) {
        int const code =
            from < 0 ? zero : image[static_cast<std::size_t>(from * s.in_channels + o / out * in + c)];
        sums[static_cast<std::size_t>(pixel * s.out_channels + o)] +=
            code * weights[static_cast<std::size_t>((o * s.taps() + tap) * in + c)];
      }
  });
  return sums;
}

}  // namespace spaced
