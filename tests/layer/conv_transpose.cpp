#include <dyadic/layer/conv_transpose.hpp>

#include "fake_quantized.hpp"

using namespace dyadic;
using fake_quantized::array;
using fake_quantized::finish;
using fake_quantized::walker;

namespace {

// Every kind of window that is not plain, on codes.
using network =
    sequential<input<6, 5, 4>, conv2d<6, window{.size = 2, .dilation = 2, .groups = 2}>, relu6,
               conv_transpose2d<4, window{.size = 3, .stride = 2, .padding = padding::same, .groups = 2}>,
               batch_norm, relu, depthwise_conv2d<window{.size = 2, .dilation = 3}>,
               conv2d<3, window{.size = 2, .stride_width = 2}>, relu, flatten, dense<4>>;

array walk(walker& w, array const& x) {
  array y = w.linear(w.encode(x), {.height = 2, .width = 2, .dilation = 2, .groups = 2}, 6, finish::bias,
                     fake_quantized::relu6);
  doubles::spreading const twice{{.height = 3, .width = 3, .stride = 2, .same = true, .groups = 2}};
  y = w.linear(y, twice, 4, finish::norm, fake_quantized::relu);
  y = w.depthwise(y, {.height = 2, .width = 2, .dilation = 3}, finish::bias);
  y = w.linear(y, {.height = 2, .width = 2, .stride_across = 2}, 3, finish::bias, fake_quantized::relu);
  return w.linear(doubles::flattened(y), {1, 1}, 4, finish::bias, {}, true);
}

template <class Weights, class Activations, class Policy = scheme::rescale> struct of : scheme {
  using weights = Weights;
  using activations = Activations;
  using rescale = Policy;
};

}  // namespace

TEST_CASE_TEMPLATE(
    "the gradients of spaced windows on codes are those of the straight-through definition", Scheme,
    of<symmetric<8>, affine<8>>, of<symmetric<4, per_channel, range::lsq>, affine<4, per_tensor, range::lsq>>,
    of<symmetric<4, per_tensor, range::lsq>, symmetric<4, per_tensor, range::lsq>, tflite_reference>) {
  fake_quantized::check<network, Scheme>(walk, false);
  fake_quantized::check<network, Scheme>(walk, true);
}

TEST_CASE("an axis spreads to TensorFlow's number of places, and each has the padding that is missing") {
  for (int inputs = 1; inputs < 6; ++inputs)
    for (int covered = 1; covered < 6; ++covered)
      for (int stride = 1; stride < 5; ++stride) {
        INFO(inputs, " inputs, ", covered, " covered, stride ", stride);
        slid_axis const same = spread_axis(padding::same, inputs, covered, stride);
        slid_axis const valid = spread_axis(padding::valid, inputs, covered, stride);
        CHECK(same.outputs == inputs * stride);
        CHECK(valid.outputs == inputs * stride + (covered > stride ? covered - stride : 0));
        for (slid_axis const& axis : {same, valid}) {
          CHECK(axis.before >= 0);
          CHECK(axis.after >= 0);
          CHECK((inputs - 1) * stride + 1 + axis.before + axis.after - covered + 1 == axis.outputs);
        }
        // The forward convolution of that many outputs, of the same border, gives the inputs back.
        CHECK(slide_axis(padding::same, same.outputs, covered, stride).outputs == inputs);
        CHECK(slide_axis(padding::valid, valid.outputs, covered, stride).outputs == inputs);
        CHECK(slide_axis(padding::same, same.outputs, covered, stride).before == covered - 1 - same.before);
      }
}
