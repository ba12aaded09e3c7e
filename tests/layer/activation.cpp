#include <dyadic/layer/activation.hpp>

#include "float_gradients.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

TEST_CASE("rectifiers behind a linear layer and alone") {
  using network = sequential<input<9>, dense<23>, relu, relu6, dense<21>, relu6, relu, dense<5>>;
  float_gradients::check<network>([](reader r, array x, bool) {
    x = doubles::convolution(x, {1, 1}, 23, r.take(23 * 9));
    x = doubles::relu6(doubles::relu(doubles::plus_bias(x, r.take(23))));
    x = doubles::convolution(x, {1, 1}, 21, r.take(21 * 23));
    x = doubles::relu(doubles::relu6(doubles::plus_bias(x, r.take(21))));
    x = doubles::convolution(x, {1, 1}, 5, r.take(5 * 21));
    return doubles::plus_bias(x, r.take(5));
  });
}

TEST_CASE("relu6 has an upper end, with no gradient beyond it") {
  sequential<input<1>, dense<3>, relu6>::in<float32> net{seed{1}};
  float const weights[] = {5, 7, -1, 0, 0, 0};  // three weights, three biases
  for (std::size_t i = 0; i < 6; ++i) net.floats()[i] = weights[i];
  float const x = 1;
  float const* const y = net.forward({.keep = true}, {nullptr, &x, 1});
  CHECK(y[0] == 5);
  CHECK(y[1] == 6);
  CHECK(y[2] == 0);
  float dy[] = {2, 3, 4};
  net.backward({.keep = true}, 1, dy);
  CHECK(net.gradients()[0] == 2);
  CHECK(net.gradients()[1] == 0);
  CHECK(net.gradients()[2] == 0);
}

TEST_CASE("a clipped relu ends where it says, in floats and on codes") {
  using network = sequential<input<3>, dense<3>, relu_up_to<upper{.value = 1.5}>>;
  network::in<float32> net{seed{1}};
  for (float& number : net.floats()) number = 0;
  for (std::size_t i = 0; i < 3; ++i) net.floats()[4 * i] = 1;
  float const x[] = {5, 1, -1};
  float const* const y = net.forward({.keep = true}, {nullptr, x, 1});
  CHECK(y[0] == 1.5F);
  CHECK(y[1] == 1);
  CHECK(y[2] == 0);
  float dy[] = {2, 3, 4};
  net.backward({.keep = true}, 1, dy);
  CHECK(net.gradients()[9] == 0);
  CHECK(net.gradients()[10] == 3);
  CHECK(net.gradients()[11] == 0);
  auto quantized = network::in<trainable<scheme>>{seed{1}};
  for (std::size_t i = 0; i < 12; ++i)
    quantized.floats()[3 + i] = net.floats()[i];  // behind the input's range
  quantized.refresh();
  quantized.forward({.observe = true}, {nullptr, x, 1});
  float const* const codes = quantized.forward({}, {nullptr, x, 1});
  CHECK(codes[0] == 1.5F);
  CHECK(codes[1] == doctest::Approx(1).epsilon(0.02));
  CHECK(codes[2] == 0);
}
