#pragma once

#include <type_traits>

#include <dyadic/core/name.hpp>
#include <dyadic/core/shape.hpp>
#include <dyadic/kernel/shape.hpp>

namespace dyadic {

/// How a window meets the border: `valid` stays inside, `same` pads with zeros so that the output has
/// ceil(input / stride) positions (odd padding has its larger half at the bottom and right, as TensorFlow's),
/// `causal` pads a sequence before its first step, so that no step sees a later one.
enum class padding { valid, same, causal };

/// The window of a convolution or pool: `window{.size = 5}`, `window{.stride = 2, .height = 10, .width = 4}`.
/// On a sequence it is `width` (or `size`) steps long. What is 0 follows from the plain word.
struct window {
  int size = 1;
  int stride = 1;
  dyadic::padding padding = dyadic::padding::valid;
  int dilation = 1;  ///< places from one tap to the next
  int groups = 1;    ///< of channels, each convolved alone
  int height = 0, width = 0;
  int stride_height = 0, stride_width = 0;
  int dilation_height = 0, dilation_width = 0;

  constexpr int rows() const noexcept { return height != 0 ? height : size; }
  constexpr int columns() const noexcept { return width != 0 ? width : size; }
  constexpr int row_stride() const noexcept { return stride_height != 0 ? stride_height : stride; }
  constexpr int column_stride() const noexcept { return stride_width != 0 ? stride_width : stride; }
  constexpr int row_dilation() const noexcept { return dilation_height != 0 ? dilation_height : dilation; }
  constexpr int column_dilation() const noexcept { return dilation_width != 0 ? dilation_width : dilation; }
  constexpr bool operator==(window const&) const = default;
};

/// The window of a layer that keeps each channel alone: groups of channels are nothing more to it.
constexpr window in_one_group(window w) noexcept {
  w.groups = 1;
  return w;
}

/// The shape of a window's outputs: positions of the input's rank, with `Channels`.
template <class In, int Height, int Width, int Channels>
using slid_output =
    std::conditional_t<is_sequence<In>, shape<Width, Channels>, shape<Height, Width, Channels>>;

/// Is every number of the window possible on a shape of In's rank, with groups that divide its channels and
/// the filters?
template <class In> constexpr bool window_is_possible(window w, int filters) noexcept {
  if (!is_image<In> && !is_sequence<In>) return false;
  bool const down = w.rows() >= 1 && w.row_stride() >= 1 && w.row_dilation() >= 1;
  bool const across = w.columns() >= 1 && w.column_stride() >= 1 && w.column_dilation() >= 1;
  if (!across || !(is_sequence<In> ? w.height <= 1 : down)) return false;
  if (w.padding == padding::causal && !is_sequence<In>) return false;
  return w.groups >= 1 && In::channels % w.groups == 0 && filters % w.groups == 0;
}

/// What of a window does not depend on the border. A sequence is one row.
template <class In> constexpr kernel::window_shape stand(window w, int out_channels) noexcept {
  kernel::window_shape s;
  s.in_height = In::height;
  s.in_width = In::width;
  s.in_channels = In::channels;
  s.out_channels = out_channels;
  s.kernel_width = w.columns();
  s.stride_width = w.column_stride();
  s.dilation_width = s.kernel_width == 1 ? 1 : w.column_dilation();
  s.groups = w.groups;
  if (is_sequence<In>) return s;
  s.kernel_height = w.rows();
  s.stride_height = w.row_stride();
  s.dilation_height = s.kernel_height == 1 ? 1 : w.row_dilation();
  return s;
}

/// Does the window fit that shape, with so many filters?
template <class In> constexpr bool window_fits(window w, int filters = 1) noexcept {
  if (!window_is_possible<In>(w, filters)) return false;
  kernel::window_shape const s = stand<In>(w, 1);
  return w.padding != padding::valid ||
         (s.covered_height() <= s.in_height && s.covered_width() <= s.in_width);
}

/// One axis of a sliding window: its outputs and the padding around.
struct slid_axis {
  int outputs, before, after;
};
constexpr slid_axis slide_axis(padding border, int inputs, int covered, int stride) noexcept {
  if (border == padding::valid) return {(inputs - covered) / stride + 1, 0, 0};
  int const outputs = (inputs + stride - 1) / stride;
  if (border == padding::causal) return {outputs, covered - 1, 0};
  int const missing = (outputs - 1) * stride + covered - inputs;
  if (missing <= 0) return {outputs, 0, 0};
  return {outputs, missing / 2, missing - missing / 2};
}

/// Puts the outputs and paddings of both axes in a window's shape.
constexpr kernel::window_shape with_axes(kernel::window_shape s, slid_axis down, slid_axis across) noexcept {
  s.out_height = down.outputs;
  s.pad_top = down.before;
  s.pad_bottom = down.after;
  s.out_width = across.outputs;
  s.pad_left = across.before;
  s.pad_right = across.after;
  return s;
}

/// The sliding of `w` over an image or a sequence `In` with `out_channels` outputs a position.
template <class In> constexpr kernel::window_shape slide(window w, int out_channels) noexcept {
  kernel::window_shape const s = stand<In>(w, out_channels);
  slid_axis const down = slide_axis(w.padding, s.in_height, s.covered_height(), s.stride_height);
  slid_axis const across = slide_axis(w.padding, s.in_width, s.covered_width(), s.stride_width);
  return with_axes(s, down, across);
}

/// One number, or "AxB" where rows and columns differ.
template <int Rows, int Columns> constexpr auto axes_name() noexcept {
  if constexpr (Rows == Columns)
    return decimal<Rows>();
  else
    return decimal<Rows>() + "x" + decimal<Columns>();
}
template <bool Said, fixed_string Text> constexpr auto said_if() noexcept {
  if constexpr (Said)
    return Text;
  else
    return fixed_string("");
}

/// ",stride 2,dilation 2,groups 4,same": what is not plain.
template <int RowStride, int RowDilation, window Window> constexpr auto window_options_name() noexcept {
  constexpr int stride = Window.column_stride(), dilation = Window.column_dilation();
  constexpr bool strides = RowStride != 1 || stride != 1;
  constexpr bool dilates = RowDilation != 1 || dilation != 1;
  constexpr bool groups = Window.groups != 1;
  constexpr bool same = Window.padding == padding::same, causal = Window.padding == padding::causal;
  return said_if<strides, ",stride " + axes_name<RowStride, stride>()>() +
         said_if<dilates, ",dilation " + axes_name<RowDilation, dilation>()>() +
         said_if<groups, ",groups " + decimal<Window.groups>()>() + said_if<same, fixed_string(",same")>() +
         said_if<causal, fixed_string(",causal")>();
}
/// "5x5", "3x3,stride 2,same"
template <window Window> constexpr auto window_name() noexcept {
  return decimal<Window.rows()>() + "x" + decimal<Window.columns()>() +
         window_options_name<Window.row_stride(), Window.row_dilation(), Window>();
}
/// On a sequence: "5", "3,dilation 2,causal"
template <window Window> constexpr auto steps_name() noexcept {
  return decimal<Window.columns()>() +
         window_options_name<Window.column_stride(), Window.column_dilation(), Window>();
}

}  // namespace dyadic
