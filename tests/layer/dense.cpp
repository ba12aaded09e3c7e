#include <dyadic/layer/dense.hpp>

#include "float_gradients.hpp"

using namespace dyadic;

TEST_CASE("dense is a matrix product plus bias, with the gradients of one") {
  using network = sequential<input<13>, dense<7>, dense<5>>;
  float_gradients::check<network>([](doubles::reader r, doubles::array x, bool) {
    x = doubles::convolution(x, {1, 1}, 7, r.take(7 * 13));
    x = doubles::plus_bias(x, r.take(7));
    x = doubles::convolution(x, {1, 1}, 5, r.take(5 * 7));
    return doubles::plus_bias(x, r.take(5));
  });
}

TEST_CASE("on a sequence dense is the same product at every step") {
  using network = sequential<input<4, 6>, dense<5>, dense<3>>;
  static_assert(std::is_same_v<network::output_shape, shape<4, 3>>);
  static_assert(network::parameter_count == 5 * 7 + 3 * 6);
  float_gradients::check<network>([](doubles::reader r, doubles::array x, bool) {
    x = doubles::convolution(x, {1, 1}, 5, r.take(5 * 6));
    x = doubles::plus_bias(x, r.take(5));
    x = doubles::convolution(x, {1, 1}, 3, r.take(3 * 5));
    return doubles::plus_bias(x, r.take(3));
  });
}
