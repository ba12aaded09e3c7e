#include <dyadic/layer/max_pool.hpp>

#include "float_gradients.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

namespace {

template <class Pool> using network = sequential<input<7, 6, 2>, conv2d<5, window{.size = 1}>, Pool>;

auto forward(doubles::sliding w) {
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
