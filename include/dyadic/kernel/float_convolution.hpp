#pragma once

#include <cstddef>

#include <dyadic/kernel/float_dense.hpp>
#include <dyadic/kernel/float_depthwise.hpp>
#include <dyadic/kernel/float_few_channels.hpp>
#include <dyadic/kernel/float_image.hpp>
#include <dyadic/kernel/float_pack.hpp>
#include <dyadic/kernel/shape.hpp>

/// Convolution of floats without a matrix of columns: one row of output pixels is a few rows of a register
/// tile, one kernel row is one segment of its sum, and both are read where they lie in the image.
namespace dyadic::kernel {

namespace float_detail {

// Elements of one kernel row, and of one output channel's weights.
constexpr std::ptrdiff_t kernel_row(window_shape const& shape) noexcept {
  return std::ptrdiff_t{shape.kernel_width} * shape.group_inputs();
}
constexpr std::ptrdiff_t kernel_size(window_shape const& shape) noexcept {
  return kernel_row(shape) * shape.kernel_height;
}

// Rows of a dense layer that one image is: its pixels for a 1 x 1 kernel, one for a kernel as large as the
// image, 0 where the convolution is none.
constexpr std::ptrdiff_t dense_rows(window_shape const& shape) noexcept {
  if (shape.padded() || shape.taps_apart() || shape.dilation_height != 1) return 0;
  if (shape.taps() == 1 && shape.stride_height == 1 && shape.stride_width == 1)
    return std::ptrdiff_t{shape.in_height} * shape.in_width;
  return shape.kernel_height == shape.in_height && shape.kernel_width == shape.in_width ? 1 : 0;
}

// Output positions [first, last] from which a tap `tap` places behind the window's start is read at
// `position`s of an input of `size` that lie inside it: 0 <= position * stride + tap - pad < size.
struct span_of_positions {
  std::ptrdiff_t first, last;
};
constexpr span_of_positions positions_inside(std::ptrdiff_t count, std::ptrdiff_t stride, std::ptrdiff_t tap,
                                             std::ptrdiff_t pad, std::ptrdiff_t size) noexcept {
  std::ptrdiff_t const first = pad > tap ? (pad - tap + stride - 1) / stride : 0;
  std::ptrdiff_t const most = size - 1 + pad - tap;
  return {first, most < 0 ? -1 : smaller(most / stride, count - 1)};
}

}  // namespace float_detail

/// Floats of workspace that each of the three convolution functions needs, for any number of images.
constexpr std::ptrdiff_t convolution_workspace(window_shape const& shape) noexcept {
  namespace at = float_detail;
  std::ptrdiff_t const depth = at::kernel_size(shape), out = shape.group_outputs(), groups = shape.groups;
  std::ptrdiff_t const pixels = std::ptrdiff_t{shape.out_height} * shape.out_width;
  std::ptrdiff_t const forward = groups * depth * at::round_up(out, at::widest_panel);
  std::ptrdiff_t const input =
      groups * shape.taps() * out * at::round_up(shape.group_inputs(), at::widest_panel);
  std::ptrdiff_t const weights = groups * depth * out + pixels * at::widest_panel + at::line_floats;
  std::ptrdiff_t const image = float_images<float const*>::buffer_size(shape) + 2 * at::line_floats;
  return at::larger(dense_workspace(at::block_depth, depth, out),
                    image + at::larger(forward, at::larger(input, weights)));
}

/// Floats of workspace that `convolution_forward` alone needs, for any number of images.
constexpr std::ptrdiff_t convolution_forward_workspace(window_shape const& shape) noexcept {
  namespace at = float_detail;
  std::ptrdiff_t const depth = at::kernel_size(shape), out = shape.group_outputs();
  if (at::dense_rows(shape) > 0) return float_matmul_workspace(at::dense_rows(shape), out, depth);
  return float_images<float const*>::buffer_size(shape) + 2 * at::line_floats +
         shape.groups * depth * at::round_up(out, at::widest_panel);
}

/// y[image][out pixel][out] = the convolution of x[image][in pixel][in] with weights[out][kernel pixel][in];
/// no bias. Padding counts as 0. `workspace` holds `convolution_workspace(shape)` floats.
template <instruction_set Arch, class Source, class Weights>
void convolution_forward(Arch arch, window_shape const& shape, std::ptrdiff_t images, Source x,
                         Weights weights, float* y, float* workspace) noexcept {
  using batch = float_batch<Arch>;
  namespace at = float_detail;
  std::ptrdiff_t const depth = at::kernel_size(shape), out = shape.group_outputs();
  if (std::ptrdiff_t const rows = at::dense_rows(shape); rows > 0)
    return dense_forward(arch, images * rows, depth, out, x, weights, y, workspace);

  float* const panels = at::aligned(workspace);
  std::ptrdiff_t const group_panels = depth * at::round_up(out, at::widest_panel);
  float_images<Source> const image_at(shape, x, at::aligned(panels + shape.groups * group_panels));
  for (std::ptrdiff_t group = 0; group < shape.groups; ++group) {
    auto const rows = from_row(weights, group * out, group * out * depth);
    pack_panels<batch>(float_matrix<decltype(transposed(rows))>{transposed(rows), 1, depth}, 0, 0, depth, out,
                       panels + group * group_panels);
  }
  std::ptrdiff_t const line = std::ptrdiff_t{shape.padded_width()} * shape.in_channels;
  float_reduction over{.depth = at::kernel_row(shape),
                       .segments = shape.kernel_height,
                       .a_row_stride = std::ptrdiff_t{shape.stride_width} * shape.in_channels,
                       .a_segment_stride = shape.dilation_height * line};
  std::ptrdiff_t parts = 1;  // of a sum: one, or a kernel row each
  if (shape.taps_apart()) {
    parts = shape.kernel_height;
    over.depth = shape.group_inputs();
    over.segments = shape.kernel_width;
    over.a_segment_stride = std::ptrdiff_t{shape.dilation_width} * shape.in_channels;
  }
  auto const group_forward = [&](float const* pixels, float const* by, float* to) {
    for (std::ptrdiff_t n = 0; n < out; n += panel_columns<batch>) {
      std::ptrdiff_t const left = at::smaller(out - n, panel_columns<batch>);
      over.b_depth_stride = panel_width<batch>(left);
      over.b_segment_stride = over.depth * over.b_depth_stride;
      for (std::ptrdiff_t row = 0; row < shape.out_height; ++row)
        for (std::ptrdiff_t part = 0; part < parts; ++part)
          multiply_rows<batch>(
              over, shape.out_width,
              pixels + (row * shape.stride_height + part * shape.dilation_height) * line,
              by + n * depth + part * over.segments * over.b_segment_stride,
              {to + row * shape.out_width * shape.out_channels + n, shape.out_channels, left, part > 0});
    }
  };
  for (std::ptrdiff_t image = 0; image < images; ++image) {
    float const* const pixels = image_at(image);
    for (std::ptrdiff_t group = 0; group < shape.groups; ++group)
      group_forward(pixels + group * shape.group_inputs(), panels + group * group_panels,
                    y + image * output_size(shape) + group * out);
  }
}

namespace float_detail {

// The output rows whose windows hold input row `iy` by kernel rows that follow one another: first .. last,
// `ky` the first one's kernel row. Where kernel rows are dilated, those of kernel row `only` alone.
struct rows_above {
  std::ptrdiff_t first, last, ky;
};
constexpr rows_above output_rows(window_shape const& shape, std::ptrdiff_t iy, std::ptrdiff_t only) noexcept {
  std::ptrdiff_t const place = iy * shape.spread_height + shape.pad_top, stride = shape.stride_height;
  if (shape.dilation_height != 1) {
    std::ptrdiff_t const from = place - only * shape.dilation_height;
    if (from < 0 || from % stride != 0 || from / stride >= shape.out_height) return {0, -1, only};
    return {from / stride, from / stride, only};
  }
  std::ptrdiff_t const reach = place - shape.kernel_height + 1;
  std::ptrdiff_t const first = reach > 0 ? (reach + stride - 1) / stride : 0;
  return {first, smaller(place / stride, shape.out_height - 1), place - first * stride};
}

// The pixels of a row that kernel column `kx` connects: `count` from output `out` and input `in` on, in steps
// of the spread there and of the stride here, one of which is 1.
struct connected_pixels {
  std::ptrdiff_t out, in, count;
};
constexpr connected_pixels connected(window_shape const& shape, std::ptrdiff_t kx) noexcept {
  std::ptrdiff_t const tap = kx * shape.dilation_width, pad = shape.pad_left;
  if (shape.spread_width != 1) {
    span_of_positions const ix =
        positions_inside(shape.in_width, shape.spread_width, pad, tap, shape.out_width);
    return {ix.first * shape.spread_width + pad - tap, ix.first, ix.last - ix.first + 1};
  }
  span_of_positions const ox =
      positions_inside(shape.out_width, shape.stride_width, tap, pad, shape.in_width);
  return {ox.first, ox.first * shape.stride_width + tap - pad, ox.last - ox.first + 1};
}

}  // namespace float_detail

/// dx = the gradient of the input, from the output's gradient dy. `workspace` holds
/// `convolution_workspace(shape)` floats.
template <instruction_set Arch, class Weights>
void convolution_backward_input(Arch arch, window_shape const& shape, std::ptrdiff_t images, float const* dy,
                                Weights weights, float* dx, float* workspace) noexcept {
  using batch = float_batch<Arch>;
  namespace at = float_detail;
  std::ptrdiff_t const in = shape.group_inputs(), out = shape.group_outputs();
  std::ptrdiff_t const depth = at::kernel_size(shape), taps = shape.taps();
  if (std::ptrdiff_t const rows = at::dense_rows(shape); rows > 0)
    return dense_backward_input(arch, images * rows, depth, out, dy, weights, dx, workspace);

  if (at::has_few_channels<batch>(shape))
    return at::few_channels_backward_input<batch>(shape, images, dy, weights, dx, at::aligned(workspace));

  // Panels of input channels, in each [kernel column][kernel row][out][channel]: going down the output rows
  // goes up the kernel rows.
  float* const panels = at::aligned(workspace);
  std::ptrdiff_t const group_panels = taps * out * at::round_up(in, at::widest_panel);
  auto const pack_group = [&](auto rows, float* to) {
    float_matrix<decltype(rows)> const matrix{rows, depth, 1};
    for (std::ptrdiff_t n = 0; n < in; n += panel_columns<batch>) {
      std::ptrdiff_t const left = at::smaller(in - n, panel_columns<batch>), width = panel_width<batch>(left);
      for (std::ptrdiff_t kx = 0; kx < shape.kernel_width; ++kx)
        for (std::ptrdiff_t ky = 0; ky < shape.kernel_height; ++ky)
          pack_panel(matrix, 0, (ky * shape.kernel_width + kx) * in + n, out, left, width,
                     to + taps * out * n + (kx * shape.kernel_height + ky) * out * width);
    }
  };
  for (std::ptrdiff_t group = 0; group < shape.groups; ++group)
    pack_group(from_row(weights, group * out, group * out * depth), panels + group * group_panels);
  for (std::ptrdiff_t i = 0; i < images * input_size(shape); ++i) dx[i] = 0.0f;

  std::ptrdiff_t const line = std::ptrdiff_t{shape.out_width} * shape.out_channels;
  float_reduction over{.depth = out,
                       .a_row_stride = std::ptrdiff_t{shape.spread_width} * shape.out_channels,
                       .a_segment_stride = line};
  std::ptrdiff_t const to_stride = std::ptrdiff_t{shape.stride_width} * shape.in_channels;
  // One input row, from some output rows.
  auto const row_backward = [&](at::rows_above const& rows, float const* from, float const* by, float* to,
                                std::ptrdiff_t left) {
    over.segments = rows.last - rows.first + 1;
    over.b_depth_stride = panel_width<batch>(left);
    over.b_segment_stride = -shape.stride_height * out * over.b_depth_stride;
    for (std::ptrdiff_t kx = 0; kx < shape.kernel_width; ++kx) {
      at::connected_pixels const pixels = at::connected(shape, kx);
      if (pixels.count > 0)
        multiply_rows<batch>(over, pixels.count, from + rows.first * line + pixels.out * shape.out_channels,
                             by + (kx * shape.kernel_height + rows.ky) * out * over.b_depth_stride,
                             {to + pixels.in * shape.in_channels, to_stride, left, true});
    }
  };
  std::ptrdiff_t const parts = shape.dilation_height == 1 ? 1 : shape.kernel_height;
  for (std::ptrdiff_t image = 0; image < images; ++image)
    for (std::ptrdiff_t group = 0; group < shape.groups; ++group)
      for (std::ptrdiff_t n = 0; n < in; n += panel_columns<batch>) {
        float const* const from = dy + image * output_size(shape) + group * out;
        float const* const by = panels + group * group_panels + taps * out * n;
        float* const to = dx + image * input_size(shape) + group * in + n;
        for (std::ptrdiff_t iy = 0; iy < shape.in_height; ++iy)
          for (std::ptrdiff_t part = 0; part < parts; ++part)
            if (at::rows_above const rows = at::output_rows(shape, iy, part); rows.first <= rows.last)
              row_backward(rows, from, by, to + iy * shape.in_width * shape.in_channels,
                           at::smaller(in - n, panel_columns<batch>));
      }
}

/// sums[group][kernel element][out] = the gradient of the weights, only of the kernel's elements `of`; where
/// there are `more`, it is added to. Rows of dy are whole vectors of output channels, hence the order.
/// `workspace` holds `convolution_workspace(shape)` floats; for shapes that are no matrix products.
template <instruction_set Arch, class Source>
void convolution_weight_sums(Arch, window_shape const& shape, std::ptrdiff_t images, Source x,
                             float const* dy, float* sums, bool more, float* workspace,
                             result_range of = {}) noexcept {
  using batch = float_batch<Arch>;
  namespace at = float_detail;
  std::ptrdiff_t const depth = at::kernel_size(shape), out = shape.group_outputs();
  std::ptrdiff_t const pixels = std::ptrdiff_t{shape.out_height} * shape.out_width;
  float* const tail = at::aligned(workspace);
  float_images<Source> const image_at(shape, x, at::aligned(tail + pixels * at::widest_panel));
  std::ptrdiff_t const line = std::ptrdiff_t{shape.padded_width()} * shape.in_channels;
  float_reduction over{.depth = shape.out_width,
                       .segments = shape.out_height,
                       .a_row_stride = 1,
                       .a_depth_stride = std::ptrdiff_t{shape.stride_width} * shape.in_channels,
                       .a_segment_stride = shape.stride_height * line};
  // Elements of the window that lie side by side: a kernel row, or a tap.
  bool const apart = shape.taps_apart();
  std::ptrdiff_t const columns = apart ? shape.kernel_width : 1;
  std::ptrdiff_t const run = apart ? shape.group_inputs() : at::kernel_row(shape);
  std::ptrdiff_t const column = std::ptrdiff_t{shape.dilation_width} * shape.in_channels;
  auto const [first, count] = of.within(depth);
  auto const group_backward = [&](float const* from, float const* dy_from, float* to, bool added) {
    for (std::ptrdiff_t n = 0; n < out; n += panel_columns<batch>) {
      std::ptrdiff_t const left = at::smaller(out - n, panel_columns<batch>),
                           width = panel_width<batch>(left);
      float const* gradient = dy_from + n;
      over.b_depth_stride = shape.out_channels;
      if (left < width) {
        pack_panel(float_matrix<float const*>{gradient, shape.out_channels, 1}, 0, 0, pixels, left, width,
                   tail);
        gradient = tail;
        over.b_depth_stride = width;
      }
      over.b_segment_stride = shape.out_width * over.b_depth_stride;
      for (std::ptrdiff_t k = first, next = k; k < first + count; k = next) {
        std::ptrdiff_t const which = k / run, ky = which / columns, kx = which % columns;
        next = at::smaller((which + 1) * run, first + count);
        multiply_rows<batch>(over, next - k, from + ky * shape.dilation_height * line + kx * column + k % run,
                             gradient, {to + k * out + n, out, left, added});
      }
    }
  };
  for (std::ptrdiff_t image = 0; image < images; ++image) {
    float const* const from = image_at(image);
    for (std::ptrdiff_t group = 0; group < shape.groups; ++group)
      group_backward(from + group * shape.group_inputs(), dy + image * output_size(shape) + group * out,
                     sums + group * depth * out, more || image > 0);
  }
}

/// Floats of those sums.
constexpr std::ptrdiff_t weight_sums_size(window_shape const& shape) noexcept {
  return float_detail::kernel_size(shape) * shape.out_channels;
}
/// dw[out][kernel pixel][in] += the sums.
inline void add_weight_sums(window_shape const& shape, float const* sums, float* dw) noexcept {
  std::ptrdiff_t const depth = float_detail::kernel_size(shape), out = shape.group_outputs();
  for (std::ptrdiff_t o = 0; o < shape.out_channels; ++o)
    for (std::ptrdiff_t k = 0; k < depth; ++k)
      dw[o * depth + k] += sums[(o / out * depth + k) * out + o % out];
}

/// dw[out][kernel pixel][in] += the gradient of the weights. `workspace` holds `convolution_workspace(shape)`
/// floats.
template <instruction_set Arch, class Source>
void convolution_backward_weights(Arch arch, window_shape const& shape, std::ptrdiff_t images, Source x,
                                  float const* dy, float* dw, float* workspace) noexcept {
  namespace at = float_detail;
  if (std::ptrdiff_t const rows = at::dense_rows(shape); rows > 0)
    return dense_backward_weights(arch, images * rows, at::kernel_size(shape), shape.out_channels, x, dy, dw,
                                  workspace);
  if (images == 0) return;
  float* const sums = at::aligned(workspace);
  convolution_weight_sums(arch, shape, images, x, dy, sums, false, sums + weight_sums_size(shape));
  add_weight_sums(shape, sums, dw);
}

}  // namespace dyadic::kernel
