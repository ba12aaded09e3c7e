#include <dyadic/layer/average_pool.hpp>

#include "fake_quantized.hpp"
#include "float_gradients.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

namespace {

template <class Pool> using network = sequential<input<7, 6, 2>, conv2d<5, window{.size = 1}>, Pool>;

auto forward(doubles::sliding const& w) {
  return [=](reader r, array x, bool) {
    x = doubles::convolution(x, {1, 1}, 5, r.take(10));
    return doubles::average_pool(doubles::plus_bias(x, r.take(5)), w);
  };
}

using quantized = sequential<input<7, 6, 2>, conv2d<5, window{.size = 1}>,
                             average_pool<3, pooling{.stride = 2, .padding = padding::same}>,
                             conv2d<4, window{.size = 1}>, relu, global_average_pool, dense<3>>;

array walk(fake_quantized::walker& w, array const& x) {
  using fake_quantized::finish;
  array y = w.linear(w.encode(x), {1, 1}, 5, finish::bias);
  y = w.average_pool(y, {3, 3, 2, true});
  y = w.linear(y, {1, 1}, 4, finish::bias, fake_quantized::relu);
  return w.linear(w.average_pool(y, {4, 3}), {1, 1}, 3, finish::bias, {}, true);
}

template <class Activations, class Policy = scheme::rescale> struct of : scheme {
  using activations = Activations;
  using rescale = Policy;
};

}  // namespace

TEST_CASE("the mean of windows side by side") {
  float_gradients::check<network<average_pool<2>>>(forward({2, 2, 2}));
}

TEST_CASE("the mean of the taps inside the image") {
  float_gradients::check<network<average_pool<3, pooling{.stride = 2, .padding = padding::same}>>>(
      forward({3, 3, 2, true}));
}

TEST_CASE("the mean of windows in time, of the taps inside, and of a whole sequence") {
  using before = average_pool<3, pooling{.stride = 1, .padding = padding::causal}>;
  float_gradients::check<sequential<input<9, 2>, conv1d<5, window{}>, before>>(
      forward({.height = 1, .width = 3, .causal = true}));
  using whole = sequential<input<9, 2>, conv1d<5, window{}>, global_average_pool>;
  static_assert(std::is_same_v<whole::output_shape, shape<5>>);
  float_gradients::check<whole>(forward({.height = 1, .width = 9}));
}

TEST_CASE("the mean of oblong windows with strides that differ") {
  constexpr pooling tall{.padding = padding::same, .height = 3, .stride_width = 1};
  float_gradients::check<network<average_pool<2, tall>>>(
      forward({.height = 3, .width = 2, .stride = 3, .same = true, .stride_across = 1}));
}

TEST_CASE("the mean of the whole image is a vector") {
  static_assert(std::is_same_v<network<global_average_pool>::output_shape, shape<5>>);
  float_gradients::check<network<global_average_pool>>(forward({7, 6}));
}

TEST_CASE_TEMPLATE("the gradients of an average of codes are those of the straight-through definition",
                   Scheme, of<affine<8>>, of<affine<3, per_tensor, range::percentile<range::percent{90}>>>,
                   of<affine<4, per_tensor, range::lsq>>,
                   of<symmetric<4, per_tensor, range::lsq>, tflite_reference>) {
  fake_quantized::check<quantized, Scheme>(walk, false);
}
