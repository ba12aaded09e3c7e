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
  return std::ptrdiff_t{shape.kernel_width} * shape.in_channels;
}
constexpr std::ptrdiff_t kernel_size(window_shape const& shape) noexcept {
  return kernel_row(shape) * shape.kernel_height;
}

// Rows of a dense layer that one image is: its pixels for a 1 x 1 kernel, one for a kernel as large as the
// image, 0 where the convolution is none.
constexpr std::ptrdiff_t dense_rows(window_shape const& shape) noexcept {
  if (shape.padded()) return 0;
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
  std::ptrdiff_t const depth = at::kernel_size(shape), out = shape.out_channels;
  std::ptrdiff_t const pixels = std::ptrdiff_t{shape.out_height} * shape.out_width;
  std::ptrdiff_t const forward = depth * at::round_up(out, at::widest_panel);
  std::ptrdiff_t const input = shape.taps() * out * at::round_up(shape.in_channels, at::widest_panel);
  std::ptrdiff_t const weights = depth * out + pixels * at::widest_panel + at::line_floats;
  std::ptrdiff_t const image = float_images<float const*>::buffer_size(shape) + 2 * at::line_floats;
  return at::larger(dense_workspace(at::block_depth, depth, out),
                    image + at::larger(forward, at::larger(input, weights)));
}

/// y[image][out pixel][out] = the convolution of x[image][in pixel][in] with weights[out][kernel pixel][in];
/// no bias. Padding counts as 0. `workspace` holds `convolution_workspace(shape)` floats.
template <instruction_set Arch, class Source, class Weights>
void convolution_forward(Arch arch, window_shape const& shape, std::ptrdiff_t images, Source x,
                         Weights weights, float* y, float* workspace) noexcept {
  using batch = float_batch<Arch>;
  namespace at = float_detail;
  std::ptrdiff_t const depth = at::kernel_size(shape), out = shape.out_channels;
  if (std::ptrdiff_t const rows = at::dense_rows(shape); rows > 0)
    return dense_forward(arch, images * rows, depth, out, x, weights, y, workspace);

  float* const panels = at::aligned(workspace);
  float_images<Source> const image_at(shape, x,
                                      at::aligned(panels + depth * at::round_up(out, at::widest_panel)));
  pack_panels<batch>(float_matrix<decltype(transposed(weights))>{transposed(weights), 1, depth}, 0, 0, depth,
                     out, panels);
  std::ptrdiff_t const line = std::ptrdiff_t{shape.padded_width()} * shape.in_channels;
  float_reduction over{.depth = at::kernel_row(shape),
                       .segments = shape.kernel_height,
                       .a_row_stride = std::ptrdiff_t{shape.stride_width} * shape.in_channels,
                       .a_segment_stride = line};
  for (std::ptrdiff_t image = 0; image < images; ++image) {
    float const* const pixels = image_at(image);
    float* const to = y + image * output_size(shape);
    for (std::ptrdiff_t n = 0; n < out; n += panel_columns<batch>) {
      std::ptrdiff_t const left = at::smaller(out - n, panel_columns<batch>);
      over.b_depth_stride = panel_width<batch>(left);
      over.b_segment_stride = over.depth * over.b_depth_stride;
      for (std::ptrdiff_t row = 0; row < shape.out_height; ++row)
        multiply_rows<batch>(over, shape.out_width, pixels + row * shape.stride_height * line,
                             panels + n * depth, {to + row * shape.out_width * out + n, out, left, false});
    }
  }
}

/// dx = the gradient of the input, from the output's gradient dy. `workspace` holds
/// `convolution_workspace(shape)` floats.
template <instruction_set Arch, class Weights>
void convolution_backward_input(Arch arch, window_shape const& shape, std::ptrdiff_t images, float const* dy,
                                Weights weights, float* dx, float* workspace) noexcept {
  using batch = float_batch<Arch>;
  namespace at = float_detail;
  std::ptrdiff_t const in = shape.in_channels, out = shape.out_channels;
  if (std::ptrdiff_t const rows = at::dense_rows(shape); rows > 0)
    return dense_backward_input(arch, images * rows, at::kernel_size(shape), out, dy, weights, dx, workspace);

  if (at::has_few_channels<batch>(shape))
    return at::few_channels_backward_input<batch>(shape, images, dy, weights, dx, at::aligned(workspace));

  // Panels of input channels, in each [kernel column][kernel row][out][channel]: going down the output rows
  // goes up the kernel rows.
  float* const panels = at::aligned(workspace);
  float_matrix<Weights> const matrix{weights, at::kernel_size(shape), 1};
  std::ptrdiff_t const taps = shape.taps();
  for (std::ptrdiff_t n = 0; n < in; n += panel_columns<batch>) {
    std::ptrdiff_t const left = at::smaller(in - n, panel_columns<batch>), width = panel_width<batch>(left);
    for (std::ptrdiff_t kx = 0; kx < shape.kernel_width; ++kx)
      for (std::ptrdiff_t ky = 0; ky < shape.kernel_height; ++ky)
        pack_panel(matrix, 0, (ky * shape.kernel_width + kx) * in + n, out, left, width,
                   panels + taps * out * n + (kx * shape.kernel_height + ky) * out * width);
  }
  for (std::ptrdiff_t i = 0; i < images * input_size(shape); ++i) dx[i] = 0.0f;

  float_reduction over{.depth = out, .a_row_stride = out, .a_segment_stride = shape.out_width * out};
  for (std::ptrdiff_t image = 0; image < images; ++image)
    for (std::ptrdiff_t n = 0; n < in; n += panel_columns<batch>) {
      std::ptrdiff_t const left = at::smaller(in - n, panel_columns<batch>);
      over.b_depth_stride = panel_width<batch>(left);
      over.b_segment_stride = -shape.stride_height * out * over.b_depth_stride;
      float const* const from = dy + image * output_size(shape);
      for (std::ptrdiff_t iy = 0; iy < shape.in_height; ++iy) {
        // The output rows whose windows hold this input row.
        std::ptrdiff_t const reach = iy + shape.pad_top - shape.kernel_height + 1;
        std::ptrdiff_t const first = reach > 0 ? (reach + shape.stride_height - 1) / shape.stride_height : 0;
        std::ptrdiff_t const last =
            at::smaller((iy + shape.pad_top) / shape.stride_height, shape.out_height - 1);
        if (last < first) continue;
        over.segments = last - first + 1;
        std::ptrdiff_t const ky = iy + shape.pad_top - first * shape.stride_height;
        float* const to = dx + image * input_size(shape) + iy * shape.in_width * in + n;
        for (std::ptrdiff_t kx = 0; kx < shape.kernel_width; ++kx) {
          at::span_of_positions const ox =
              at::positions_inside(shape.out_width, shape.stride_width, kx, shape.pad_left, shape.in_width);
          if (ox.last < ox.first) continue;
          multiply_rows<batch>(
              over, ox.last - ox.first + 1, from + (first * shape.out_width + ox.first) * out,
              panels + taps * out * n + (kx * shape.kernel_height + ky) * out * over.b_depth_stride,
              {to + (ox.first * shape.stride_width + kx - shape.pad_left) * in, shape.stride_width * in, left,
               true});
        }
      }
    }
}

/// dw[out][kernel pixel][in] += the gradient of the weights. `workspace` holds `convolution_workspace(shape)`
/// floats.
template <instruction_set Arch, class Source>
void convolution_backward_weights(Arch arch, window_shape const& shape, std::ptrdiff_t images, Source x,
                                  float const* dy, float* dw, float* workspace) noexcept {
  using batch = float_batch<Arch>;
  namespace at = float_detail;
  std::ptrdiff_t const depth = at::kernel_size(shape), out = shape.out_channels;
  if (std::ptrdiff_t const rows = at::dense_rows(shape); rows > 0)
    return dense_backward_weights(arch, images * rows, depth, out, x, dy, dw, workspace);

  // The gradient is summed as [kernel element][out], since rows of dy are whole vectors of output channels.
  std::ptrdiff_t const pixels = std::ptrdiff_t{shape.out_height} * shape.out_width;
  float* const sums = at::aligned(workspace);
  float* const tail = at::aligned(sums + depth * out);
  float_images<Source> const image_at(shape, x, at::aligned(tail + pixels * at::widest_panel));
  std::ptrdiff_t const line = std::ptrdiff_t{shape.padded_width()} * shape.in_channels;
  std::ptrdiff_t const row = at::kernel_row(shape);
  float_reduction over{.depth = shape.out_width,
                       .segments = shape.out_height,
                       .a_row_stride = 1,
                       .a_depth_stride = std::ptrdiff_t{shape.stride_width} * shape.in_channels,
                       .a_segment_stride = shape.stride_height * line};
  for (std::ptrdiff_t image = 0; image < images; ++image) {
    float const* const from = image_at(image);
    for (std::ptrdiff_t n = 0; n < out; n += panel_columns<batch>) {
      std::ptrdiff_t const left = at::smaller(out - n, panel_columns<batch>),
                           width = panel_width<batch>(left);
      float const* gradient = dy + image * output_size(shape) + n;
      over.b_depth_stride = out;
      if (left < width) {
        pack_panel(float_matrix<float const*>{gradient, out, 1}, 0, 0, pixels, left, width, tail);
        gradient = tail;
        over.b_depth_stride = width;
      }
      over.b_segment_stride = shape.out_width * over.b_depth_stride;
      for (std::ptrdiff_t ky = 0; ky < shape.kernel_height; ++ky)
        multiply_rows<batch>(over, row, from + ky * line, gradient,
                             {sums + ky * row * out + n, out, left, image > 0});
    }
  }
  if (images > 0)
    for (std::ptrdiff_t o = 0; o < out; ++o)
      for (std::ptrdiff_t k = 0; k < depth; ++k) dw[o * depth + k] += sums[k * out + o];
}

}  // namespace dyadic::kernel
