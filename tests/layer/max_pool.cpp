#include <dyadic/layer/max_pool.hpp>

#include "float_gradients.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

namespace {

template <class Pool> using network = sequential<input<7, 6, 2>, conv2d<5, window{.size = 1}>, Pool>;

auto forward(doubles::sliding const& w) {
  return [=](reader r, array x, bool) {
    x = doubles::convolution(x, {1, 1}, 5, r.take(10));
    return doubles::max_pool(doubles::plus_bias(x, r.take(5)), w);
  };
}

}  // namespace

TEST_CASE("the maximum of windows side by side") {
  float_gradients::check<network<max_pool<2>>>(forward({2, 2, 2}));
}

TEST_CASE("the maximum of windows that overlap and hang over the border") {
  float_gradients::check<network<max_pool<3, pooling{.stride = 2, .padding = padding::same}>>>(
      forward({3, 3, 2, true}));
}

TEST_CASE("the maximum of windows in time, before each step too") {
  using in_time = sequential<input<9, 2>, conv1d<5, window{}>,
                             max_pool<3, pooling{.stride = 2, .padding = padding::causal}>>;
  static_assert(std::is_same_v<in_time::output_shape, shape<5, 5>>);
  float_gradients::check<in_time>(forward({.height = 1, .width = 3, .stride = 2, .causal = true}));
  float_gradients::check<sequential<input<9, 2>, conv1d<5, window{}>, max_pool<2>>>(
      forward({.height = 1, .width = 2, .stride_across = 2}));
}

TEST_CASE("a pool's window may be oblong and its strides may differ") {
  constexpr pooling wide{.height = 1, .width = 3, .stride_height = 2};
  static_assert(max_pool<1, wide>::name == fixed_string("max_pool<1x3,stride 2x3>"));
  float_gradients::check<network<max_pool<1, wide>>>(
      forward({.height = 1, .width = 3, .stride = 2, .stride_across = 3}));
}

TEST_CASE("of equal numbers the first one has the gradient") {
  using two = sequential<input<2, 2, 1>, conv2d<1, window{.size = 1}>, max_pool<2>>;
  two::in<float32> net{seed{1}};
  net.floats()[0] = 1;
  net.floats()[1] = 0;
  float const x[] = {3, 5, 5, 5};
  net.forward({.keep = true}, {nullptr, x, 1});
  float dy = 2;
  net.backward({.keep = true}, 1, &dy);
  CHECK(net.gradients()[0] == 10);
  CHECK(net.gradients()[1] == 2);
}
