#include <dyadic/layer/average_pool.hpp>

#include "float_gradients.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

namespace {

template <class Pool> using network = sequential<input<7, 6, 2>, conv2d<5, window{.size = 1}>, Pool>;

auto forward(doubles::sliding w) {
  return [=](reader r, array x, bool) {
    x = doubles::convolution(x, {1, 1}, 5, r.take(10));
    return doubles::average_pool(doubles::plus_bias(x, r.take(5)), w);
  };
}

}  // namespace

TEST_CASE("the mean of windows side by side") {
  float_gradients::check<network<average_pool<2>>>(forward({2, 2, 2}));
}

TEST_CASE("the mean of the taps inside the image") {
  float_gradients::check<network<average_pool<3, pooling{.stride = 2, .padding = padding::same}>>>(
      forward({3, 3, 2, true}));
}

TEST_CASE("the mean of the whole image is a vector") {
  static_assert(std::is_same_v<network<global_average_pool>::output_shape, shape<5>>);
  float_gradients::check<network<global_average_pool>>(forward({7, 6}));
}
