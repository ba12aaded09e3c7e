#include <dyadic/layer/dropout.hpp>

#include "float_gradients.hpp"

using namespace dyadic;

namespace {

constexpr std::size_t images = 40;
using network = sequential<input<25>, dense<50>, dropout<rate{.value = 0.2}>>;

}  // namespace

TEST_CASE("dropout drops its share and lets the rest grow, forward and backward alike") {
  network::in<float32> net{seed{1}};
  auto const x = float_gradients::reals(images * net.input_size, 2);
  generator random{3};
  float const* y = net.forward({}, {nullptr, x.data(), images});
  std::vector<float> const whole(y, y + images * net.output_size);
  pass const p{.drop = true, .keep = true, .random = &random};
  y = net.forward(p, {nullptr, x.data(), images});
  int dropped = 0;
  std::vector<double> bias(net.output_size);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    dropped += y[i] == 0 ? 1 : 0;
    CHECK((y[i] == 0 || y[i] == whole[i] * 1.25F));
    bias[i % net.output_size] += y[i] == 0 ? 0 : 1.25;
  }
  CHECK(dropped > 330);  // of 2000; a deviation is 18
  CHECK(dropped < 470);
  std::vector<float> dy(whole.size(), 1.0F);
  net.backward(p, images, dy.data());
  for (std::size_t i = 0; i < net.output_size; ++i)
    CHECK(net.gradients()[25 * 50 + i] == doctest::Approx(bias[i]));
}

TEST_CASE("a generator's state decides what is dropped") {
  network::in<float32> net{seed{1}};
  auto const x = float_gradients::reals(net.input_size, 2);
  auto const outputs = [&](std::uint64_t state) {
    generator random{state};
    float const* const y = net.forward({.drop = true, .random = &random}, {nullptr, x.data(), 1});
    return std::vector<float>(y, y + net.output_size);
  };
  CHECK(outputs(7) == outputs(7));
  CHECK(outputs(7) != outputs(8));
}

TEST_CASE("codes that stay are untouched, and the scale grows") {
  struct int8 : scheme {};
  network::in<trainable<int8>> net{seed{1}};
  auto const x = float_gradients::reals(images * net.input_size, 2);
  net.forward({.observe = true}, {nullptr, x.data(), images});
  float const* y = net.forward({}, {nullptr, x.data(), images});
  std::vector<float> const whole(y, y + images * net.output_size);
  generator random{3};
  y = net.forward({.drop = true, .random = &random}, {nullptr, x.data(), images});
  for (std::size_t i = 0; i < whole.size(); ++i)
    CHECK((y[i] == 0 || y[i] == doctest::Approx(whole[i] * 1.25F)));
}
