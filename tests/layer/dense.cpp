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
