#include <dyadic/layer/batch_norm.hpp>

#include "float_gradients.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

namespace {

using fused = sequential<input<5, 6, 3>, conv2d<4, window{.size = 2}>, batch_norm, relu,
                         depthwise_conv2d<window{.size = 2, .stride = 2}>,
                         batch_norm_with<normalization{.epsilon = 0.3}>, flatten, dense<7>, batch_norm>;

array fused_in_doubles(reader r, array x, bool batch) {
  x = doubles::convolution(x, {2, 2}, 4, r.take(4 * 4 * 3));
  x = doubles::relu(doubles::batch_norm(x, r.take(16), batch));
  x = doubles::depthwise(x, {2, 2, 2}, r.take(4 * 4));
  x = doubles::flattened(doubles::batch_norm(x, r.take(16), batch, 0.3));
  x = doubles::convolution(x, {1, 1}, 7, r.take(7 * 16));
  return doubles::batch_norm(x, r.take(28), batch);
}

using lone = sequential<input<4, 5, 3>, batch_norm, relu, max_pool<2, pooling{.stride = 1}>, batch_norm>;

array lone_in_doubles(reader r, array x, bool batch) {
  x = doubles::relu(doubles::batch_norm(x, r.take(12), batch));
  x = doubles::max_pool(x, {2, 2});
  return doubles::batch_norm(x, r.take(12), batch);
}

}  // namespace

TEST_CASE("batch norm behind linear layers") {
  float_gradients::check<fused>(fused_in_doubles, false);
  float_gradients::check<fused>(fused_in_doubles, true);
}

TEST_CASE("batch norm that stands alone") {
  float_gradients::check<lone>(lone_in_doubles, false);
  float_gradients::check<lone>(lone_in_doubles, true);
}

TEST_CASE("a batch moves the running statistics by one minus the momentum, evaluation does not") {
  using network = sequential<input<4, 5, 3>, batch_norm_with<normalization{.momentum = 0.75}>>;
  auto net = float_gradients::network_of<network>(5);
  auto const x = float_gradients::reals(net.input_size * 3, 6);
  auto const batch = doubles::moments_of({3, 4, 5, 3, {x.begin(), x.end()}});
  std::vector<float> const before(net.floats().begin(), net.floats().end());
  net.forward({.keep = true}, {nullptr, x.data(), 3});
  CHECK(std::vector<float>(net.floats().begin(), net.floats().end()) == before);
  net.forward({.batch_statistics = true}, {nullptr, x.data(), 3});
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(net.floats()[c] == before[c]);
    CHECK(net.floats()[3 + c] == before[3 + c]);
    CHECK(net.floats()[6 + c] == doctest::Approx(0.75 * double{before[6 + c]} + 0.25 * batch.mean[c]));
    CHECK(net.floats()[9 + c] == doctest::Approx(0.75 * double{before[9 + c]} + 0.25 * batch.variance[c]));
  }
}

TEST_CASE("a batch norm's name says which options are not the usual ones") {
  CHECK(dyadic::batch_norm::name == dyadic::fixed_string("batch_norm"));
  using other = dyadic::batch_norm_with<dyadic::normalization{.momentum = 0.99, .epsilon = 1e-3}>;
  CHECK(other::name == dyadic::fixed_string("batch_norm<momentum 0.99,epsilon 0.001>"));
  CHECK(other::suffix == dyadic::fixed_string(" + batch_norm<momentum 0.99,epsilon 0.001>"));
}
