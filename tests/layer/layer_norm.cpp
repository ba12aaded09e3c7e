#include <dyadic/layer/layer_norm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <string_view>

#include <dyadic/network/by_name.hpp>

#include "../deploy/round_trip.hpp"
#include "../network/parity.hpp"
#include "../network/schemes.hpp"
#include "float_gradients.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

namespace {

struct as_xnnpack : scheme {
  using rescale = xnnpack_fp32;
  using outputs = affine<8>;
};
struct fixed_scales : scheme {
  using weights = fixed_point<8, 7>;
  using activations = fixed_point<8, 4>;
};
struct wide : scheme {
  using activations = symmetric<16>;
};

array layer_norm_of(array x, double const* gamma, double epsilon = 1e-5) {
  auto const channels = static_cast<std::size_t>(x.channels);
  for (std::size_t first = 0; first < x.values.size(); first += channels) {
    double mean = 0, variance = 0;
    for (std::size_t c = 0; c < channels; ++c) mean += x.values[first + c] / x.channels;
    for (std::size_t c = 0; c < channels; ++c)
      variance += (x.values[first + c] - mean) * (x.values[first + c] - mean) / x.channels;
    for (std::size_t c = 0; c < channels; ++c) {
      double& v = x.values[first + c];
      v = (v - mean) / std::sqrt(variance + epsilon) * gamma[c] + gamma[channels + c];
    }
  }
  return x;
}

using network = sequential<input<5, 4, 2>, conv2d<6, window{.size = 2}>, layer_norm, relu,
                           conv2d<66, window{.size = 2}>, relu, layer_norm, flatten, dense<5>, layer_norm>;

}  // namespace

TEST_CASE("in float networks a layer norm has the gradients of central differences") {
  using net = sequential<input<3, 3, 2>, conv2d<4, window{.size = 2}>, layer_norm, relu, flatten, dense<5>,
                         layer_norm_with<layer_normalization{.epsilon = 0.3}>>;
  float_gradients::check<net>([](reader r, array x, bool) {
    x = doubles::convolution(x, {2, 2}, 4, r.take(4 * 8));
    x = doubles::plus_bias(x, r.take(4));
    x = doubles::flattened(doubles::relu(layer_norm_of(x, r.take(8))));
    x = doubles::convolution(x, {1, 1}, 5, r.take(5 * 16));
    x = doubles::plus_bias(x, r.take(5));
    return layer_norm_of(x, r.take(10), 0.3);
  });
}

TEST_CASE("on codes gradients are those of the real function at the codes, and codes its values") {
  using net = sequential<input<4, 3>, conv1d<6, window{.size = 2}>, named<"own", layer_norm>>;
  net::in<trainable<schemes::int8>> engine{seed{3}};
  constexpr std::size_t images = 8, count = images * 3 * 6;
  auto const own = layer<"own">(engine);
  generator random = generator::from(seed{7});
  for (float& g : own.gamma) g = random.uniform(-2, 2);
  for (float& b : own.beta) b = random.uniform(-1, 1);
  auto const x = float_gradients::reals(images * 12, 4);
  pass const p{.images = images, .observe = true, .keep = true};
  float const* const y = engine.forward(p, {nullptr, x.data(), images});
  std::vector<float> const given(y, y + count);
  array before{images, 1, 3, 6};
  float step = 0;
  engine.watch_stages(
      [&]<class Code>(char const* stage, Code const* codes, std::size_t number, code_grid where, auto) {
        if (std::string_view(stage) == "own") step = where.scale;
        if (std::string_view(stage) == "conv1d_1")
          for (std::size_t i = 0; i < number; ++i)
            before.values.push_back(double{where.scale} * (static_cast<int>(codes[i]) - where.zero));
      });
  std::vector<double> parameters;
  for (float g : own.gamma) parameters.push_back(double{g});
  for (float b : own.beta) parameters.push_back(double{b});
  array const expected = layer_norm_of(before, parameters.data());
  for (std::size_t i = 0; i < count; ++i)
    CHECK(std::fabs(double{given[i]} - expected.values[i]) < 0.5 * double{step} + 2e-4);

  std::vector<float> dy = float_gradients::reals(count, 5);
  std::vector<double> const toward(dy.begin(), dy.end());
  engine.backward(p, images, dy.data());
  auto const loss = [&] {
    array const z = layer_norm_of(before, parameters.data());
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += toward[i] * z.values[i];
    return sum;
  };
  auto const slope = [&](auto const& move) {
    move(1e-5);
    double const above = loss();
    move(-2e-5);
    double const below = loss();
    move(1e-5);
    return (above - below) / 2e-5;
  };
  auto const found = [&](std::span<float> of, std::size_t i) {
    return double{engine.gradients()[static_cast<std::size_t>(of.data() - engine.floats().data()) + i]};
  };
  for (std::size_t c = 0; c < 6; ++c) {
    double const gamma = slope([&](double by) { parameters[c] += by; });
    double const beta = slope([&](double by) { parameters[6 + c] += by; });
    double const bias = slope([&](double by) {
      for (std::size_t i = c; i < count; i += 6) before.values[i] += by;
    });
    CHECK(found(own.gamma, c) == doctest::Approx(gamma).epsilon(1e-3).scale(1));
    CHECK(found(own.beta, c) == doctest::Approx(beta).epsilon(1e-3).scale(1));
    CHECK(found(layer<"conv1d_1">(engine).bias, c) == doctest::Approx(bias).epsilon(1e-3).scale(1));
  }
}

TEST_CASE_TEMPLATE("what was trained with a layer norm is what is deployed", Scheme, schemes::int8,
                   schemes::four_bits, schemes::by_shifts, schemes::three_valued, schemes::as_tflite,
                   as_xnnpack, fixed_scales, wide) {
  parity::check<network, Scheme>(71);
}

TEST_CASE("a layer norm is saved and loaded with the rest of the network") {
  round_trip<network, schemes::int8>();
  round_trip<network, schemes::as_tflite>();
}

TEST_CASE("layers without weights may be kept float too, between layers on codes") {
  using net = sequential<input<5, 4, 2>, conv2d<6, window{.size = 2}>,
                         layer_norm_with<layer_normalization{}, kept_float>, prelu_with<slope{}, kept_float>,
                         flatten, dense<5>, softmax_with<kept_float>>;
  parity::check<net, schemes::int8>(72);
  std::string stages;
  auto const engine = parity::trained<net, schemes::int8>(73);
  auto const image = parity::images_of(engine.input_size, 2);
  engine.forward({}, {image.data(), nullptr, 1});
  engine.watch_stages([&](char const* name, auto const*, std::size_t, code_grid, auto format) {
    stages += std::string(name) + (decltype(format)::is_real ? " float, " : " codes, ");
  });
  CHECK(stages ==
        "input codes, conv2d_1 codes, dequantize_layer_norm_2 float, layer_norm_2 float, prelu_3 float, "
        "quantize_dense_5 codes, dense_5 codes, dequantize_softmax_6 float, softmax_6 float, ");
}

TEST_CASE("a layer norm takes two channels or more") {
  static_assert(!layer_norm::takes<shape<1>>);
  static_assert(!layer_norm::takes<shape<4, 4, 1>>);
  static_assert(layer_norm::takes<shape<2>>);
  static_assert(sequential<input<6, 5, 3>, layer_norm>::parameter_count == 6);
  static_assert(layer_norm_with<layer_normalization{.epsilon = 1e-3}>::name ==
                fixed_string("layer_norm<epsilon 0.001>"));
}
