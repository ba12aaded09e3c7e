#include <dyadic/network/residual.hpp>

#include "../layer/fake_quantized.hpp"
#include "../layer/float_gradients.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

namespace {

constexpr window one{.size = 1}, three{.size = 3, .padding = padding::same},
    strided{.size = 3, .stride = 2, .padding = padding::same};

using plain =
    sequential<input<5, 6, 2>, conv2d<4, one>, residual<conv2d<4, three>, batch_norm, relu, conv2d<4, three>>,
               relu, residual<depthwise_conv2d<three>>>;

array plain_in_doubles(reader r, array x, bool batch) {
  x = doubles::convolution(x, {1, 1}, 4, r.take(8));
  array const entry = doubles::plus_bias(x, r.take(4));
  x = doubles::convolution(entry, {3, 3, 1, true}, 4, r.take(144));
  x = doubles::relu(doubles::batch_norm(x, r.take(16), batch));
  x = doubles::convolution(x, {3, 3, 1, true}, 4, r.take(144));
  x = doubles::relu(doubles::sum(doubles::plus_bias(x, r.take(4)), entry));
  array const y = doubles::depthwise(x, {3, 3, 1, true}, r.take(36));
  return doubles::sum(doubles::plus_bias(y, r.take(4)), x);
}

using projected = sequential<input<5, 6, 2>,
                             residual<conv2d<5, strided>, batch_norm, relu6, residual<conv2d<5, one>>, relu,
                                      shortcut<conv2d<5, window{.size = 1, .stride = 2}>, batch_norm>>,
                             batch_norm, relu>;

array projected_in_doubles(reader r, array const& x, bool batch) {
  array a = doubles::convolution(x, {3, 3, 2, true}, 5, r.take(90));
  a = doubles::relu6(doubles::batch_norm(a, r.take(20), batch));
  array const inner = doubles::convolution(a, {1, 1}, 5, r.take(25));
  a = doubles::relu(doubles::sum(doubles::plus_bias(inner, r.take(5)), a));
  array const b = doubles::convolution(x, {1, 1, 2}, 5, r.take(10));
  a = doubles::sum(a, doubles::batch_norm(b, r.take(20), batch));
  return doubles::relu(doubles::batch_norm(a, r.take(20), batch));
}

array walk_plain(fake_quantized::walker& w, array const& x) {
  using fake_quantized::finish;
  array const entry = w.linear(w.encode(x), {1, 1}, 4, finish::bias);
  array a = w.linear(entry, {3, 3, 1, true}, 4, finish::norm, fake_quantized::relu);
  a = w.linear(a, {3, 3, 1, true}, 4, finish::bias);
  array const middle = w.add(a, entry, fake_quantized::relu);
  return w.add(w.depthwise(middle, {3, 3, 1, true}, finish::bias), middle, {}, true);
}

array walk_projected(fake_quantized::walker& w, array const& x) {
  using fake_quantized::finish;
  array const codes = w.encode(x);
  array a = w.linear(codes, {3, 3, 2, true}, 5, finish::norm, fake_quantized::relu6);
  a = w.add(w.linear(a, {1, 1}, 5, finish::bias), a, fake_quantized::relu);
  array const b = w.linear(codes, {1, 1, 2}, 5, finish::norm);
  return w.lone_norm(w.add(a, b), fake_quantized::relu, true);
}

template <class Activations, class Policy = scheme::rescale> struct of : scheme {
  using activations = Activations;
  using rescale = Policy;
};

}  // namespace

TEST_CASE("a residual adds its input") {
  float_gradients::check<plain>(plain_in_doubles, false);
  float_gradients::check<plain>(plain_in_doubles, true);
}

TEST_CASE("a residual adds what its shortcut gives, and residuals nest") {
  float_gradients::check<projected>(projected_in_doubles, false);
  float_gradients::check<projected>(projected_in_doubles, true);
}

TEST_CASE_TEMPLATE("the gradients of an addition of codes are those of the straight-through definition",
                   Scheme, of<affine<8>>, of<symmetric<3, per_tensor, range::percentile<range::percent{90}>>>,
                   of<affine<4, per_tensor, range::lsq>>) {
  fake_quantized::check<plain, Scheme>(walk_plain, true);
  fake_quantized::check<projected, Scheme>(walk_projected, false);
  fake_quantized::check<projected, Scheme>(walk_projected, true);
}
