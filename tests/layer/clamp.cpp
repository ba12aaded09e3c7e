#include <dyadic/layer/clamp.hpp>

#include "fake_quantized.hpp"

using namespace dyadic;

TEST_CASE("an activation that stands alone limits codes and keeps their grid") {
  struct int8 : scheme {};
  using net = sequential<input<30>, relu6, dropout<>, relu>;
  net::in<trainable<int8>> trained{seed{1}};
  std::vector<float> x(30);
  for (std::size_t i = 0; i < 30; ++i) x[i] = static_cast<float>(i) - 15;
  trained.forward({.observe = true}, {nullptr, x.data(), 1});
  float const* const y = trained.forward({}, {nullptr, x.data(), 1});
  for (std::size_t i = 0; i < 30; ++i) {
    float const exact = x[i] < 0 ? 0 : x[i] > 6 ? 6 : x[i];
    CHECK(std::abs(y[i] - exact) <= 0.51F * 29 / 255);
    CHECK(y[i] >= 0);
  }
}

TEST_CASE("its gradient passes where the code was within the bounds") {
  struct int8 : scheme {};
  using net = sequential<input<5, 4, 2>, conv2d<3, window{.size = 1}>, max_pool<2, pooling{.stride = 1}>,
                         relu, flatten, dense<3>>;
  fake_quantized::check<net, int8>(
      [](fake_quantized::walker& w, fake_quantized::array const& x) {
        using fake_quantized::finish;
        auto y = w.linear(w.encode(x), {1, 1}, 3, finish::bias);
        y = w.lone_activation(w.max_pool(y, {2, 2}), fake_quantized::relu);
        return w.linear(doubles::flattened(y), {1, 1}, 3, finish::bias, {}, true);
      },
      false);
}
