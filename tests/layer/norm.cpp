#include <dyadic/layer/norm.hpp>

#include "fake_quantized.hpp"

using namespace dyadic;
using fake_quantized::array;
using fake_quantized::walker;

namespace {

using network = sequential<input<6, 5, 3>, batch_norm, relu, max_pool<2, pooling{.stride = 1}>, batch_norm>;

array walk(walker& w, array const& x) {
  array const y = w.lone_norm(w.encode(x), fake_quantized::relu);
  return w.lone_norm(w.max_pool(y, {2, 2}), {}, true);
}

template <class Activations, class Policy = scheme::rescale> struct of : scheme {
  using activations = Activations;
  using rescale = Policy;
};

}  // namespace

TEST_CASE_TEMPLATE("the gradients of a batch norm on codes are those of the straight-through definition",
                   Scheme, of<affine<8>>, of<symmetric<3, per_tensor, range::percentile<range::percent{90}>>>,
                   of<affine<4, per_tensor, range::lsq>>,
                   of<affine<8>, multiplier<31, rounding::half_even>>) {
  fake_quantized::check<network, Scheme>(walk, false);
  fake_quantized::check<network, Scheme>(walk, true);
}
