#include <dyadic/layer/linear_quantized.hpp>

#include "fake_quantized.hpp"

using namespace dyadic;
using fake_quantized::array;
using fake_quantized::finish;
using fake_quantized::walker;

namespace {

constexpr window strided{.size = 3, .stride = 2, .padding = padding::same};

using network = sequential<input<6, 7, 3>, conv2d<5, strided>, relu6, depthwise_conv2d<window{.size = 2}>,
                           batch_norm, relu, flatten, dense<6>, batch_norm, dense<4>>;

array walk(walker& w, array const& x) {
  array y = w.linear(w.encode(x), {3, 3, 2, true}, 5, finish::bias, fake_quantized::relu6);
  y = w.depthwise(y, {2, 2}, finish::norm, fake_quantized::relu);
  y = w.linear(doubles::flattened(y), {1, 1}, 6, finish::norm);
  return w.linear(y, {1, 1}, 4, finish::bias, {}, true);
}

using tight = range::percentile<range::percent{90}>;

template <class Weights, class Activations, class Policy = scheme::rescale> struct of : scheme {
  using weights = Weights;
  using activations = Activations;
  using rescale = Policy;
};

}  // namespace

TEST_CASE_TEMPLATE(
    "the gradients of linear layers are those of the straight-through definition", Scheme,
    of<symmetric<8>, affine<8>>,
    of<symmetric<4, per_channel, range::mean_squared_error>, affine<3, per_tensor, tight>>,
    of<symmetric<3, per_tensor, range::mean_squared_error, ste::identity>,
       symmetric<4, per_tensor, tight, ste::identity>>,
    of<symmetric<4, per_channel, range::lsq>, affine<4, per_tensor, range::lsq>>,
    of<symmetric<3, per_tensor, range::lsq, ste::identity>, symmetric<4, per_tensor, range::lsq>>) {
  fake_quantized::check<network, Scheme>(walk, false);
  fake_quantized::check<network, Scheme>(walk, true);
}

TEST_CASE("a policy that negates weights has the same gradients") {
  using negating =
      of<symmetric<4, per_channel, range::lsq>, affine<4, per_tensor, range::lsq>, tflite_reference>;
  fake_quantized::check<network, negating>(walk, true);
}
