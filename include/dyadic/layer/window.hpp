#pragma once

#include <dyadic/core/shape.hpp>
#include <dyadic/kernel/shape.hpp>

namespace dyadic {

/// How a window meets the border: `valid` stays inside, `same` pads with zeros so that the output has
/// ceil(input / stride) positions (odd padding has its larger half at the bottom and right, as TensorFlow's).
enum class padding { valid, same };

/// The window of a convolution or pool: `window{.size = 5}`, `window{.height = 10, .width = 4, .stride = 2}`.
struct window {
  int size = 1;
  int stride = 1;
  dyadic::padding padding = dyadic::padding::valid;
  int height = 0;  ///< 0: size
  int width = 0;   ///< 0: size

  constexpr int rows() const noexcept { return height > 0 ? height : size; }
  constexpr int columns() const noexcept { return width > 0 ? width : size; }
  constexpr bool operator==(window const&) const = default;
};

/// Does the window fit an image of that shape?
template <class In> constexpr bool window_fits(window w) noexcept {
  if (!is_image<In> || w.stride < 1 || w.rows() < 1 || w.columns() < 1) return false;
  return w.padding == padding::same || (w.rows() <= In::height && w.columns() <= In::width);
}

/// The sliding of `w` over an image `In` with `out_channels` outputs a position.
template <class In> constexpr kernel::window_shape slide(window w, int out_channels) noexcept {
  kernel::window_shape s;
  s.in_height = In::height;
  s.in_width = In::width;
  s.in_channels = In::channels;
  s.out_channels = out_channels;
  s.kernel_height = w.rows();
  s.kernel_width = w.columns();
  s.stride_height = s.stride_width = w.stride;
  if (w.padding == padding::valid) {
    s.out_height = (In::height - w.rows()) / w.stride + 1;
    s.out_width = (In::width - w.columns()) / w.stride + 1;
    return s;
  }
  s.out_height = (In::height + w.stride - 1) / w.stride;
  s.out_width = (In::width + w.stride - 1) / w.stride;
  int const down = (s.out_height - 1) * w.stride + w.rows() - In::height;
  int const across = (s.out_width - 1) * w.stride + w.columns() - In::width;
  s.pad_top = down > 0 ? down / 2 : 0;
  s.pad_bottom = down > 0 ? down - s.pad_top : 0;
  s.pad_left = across > 0 ? across / 2 : 0;
  s.pad_right = across > 0 ? across - s.pad_left : 0;
  return s;
}

/// "5x5", "3x3,stride 2,same"
template <window Window> constexpr auto window_name() noexcept {
  constexpr auto size = decimal<Window.rows()>() + "x" + decimal<Window.columns()>();
  constexpr auto strided = [size] {
    if constexpr (Window.stride != 1)
      return size + ",stride " + decimal<Window.stride>();
    else
      return size;
  }();
  if constexpr (Window.padding == padding::same)
    return strided + ",same";
  else
    return strided;
}

}  // namespace dyadic
