#include <dyadic/layer/softmax.hpp>

#include <doctest/doctest.h>

#include <cmath>
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

struct wide : scheme {
  using activations = symmetric<16>;
};

array softmax_of(array x, bool logarithm) {
  auto const channels = static_cast<std::size_t>(x.channels);
  for (std::size_t first = 0; first < x.values.size(); first += channels) {
    double sum = 0;
    for (std::size_t c = 0; c < channels; ++c) sum += std::exp(x.values[first + c]);
    for (std::size_t c = 0; c < channels; ++c) {
      double& v = x.values[first + c];
      v = logarithm ? v - std::log(sum) : std::exp(v) / sum;
    }
  }
  return x;
}

/// A dense layer's bias gradients through the layer behind it, on codes, against the Jacobian in doubles.
template <class Layer> void check_gradient(bool logarithm) {
  using net = sequential<input<6>, dense<5, activations<affine<8, per_tensor, range::min_max>>>, Layer>;
  typename net::template in<trainable<schemes::int8>> engine{seed{3}};
  generator random = generator::from(seed{9});
  std::vector<float> reals(8 * 6);
  for (float& real : reals) real = 2 * random.normal();
  pass const p{.images = 8, .observe = true, .keep = true};
  engine.forward(p, {nullptr, reals.data(), 8});
  std::vector<double> before;
  engine.watch_stages(
      [&]<class Number>(char const* stage, Number const* codes, std::size_t count, code_grid where, auto) {
        if (std::string_view(stage) == "dense_1")
          for (std::size_t i = 0; i < count; ++i)
            before.push_back(double{where.scale} * (static_cast<int>(codes[i]) - where.zero));
      });
  std::vector<float> dy(8 * 5);
  for (float& d : dy) d = random.normal();
  std::vector<double> const toward(dy.begin(), dy.end());
  engine.backward(p, 8, dy.data());
  auto const bias_at =
      static_cast<std::size_t>(layer<"dense_1">(engine).bias.data() - engine.floats().data());
  array x{8, 1, 1, 5, before};
  auto const loss = [&] {
    array const y = softmax_of(x, logarithm);
    double sum = 0;
    for (std::size_t i = 0; i < toward.size(); ++i) sum += toward[i] * y.values[i];
    return sum;
  };
  for (std::size_t unit = 0; unit < 5; ++unit) {
    auto const moved = [&](double by) {
      for (std::size_t i = unit; i < x.values.size(); i += 5) x.values[i] += by;
      return loss();
    };
    double const above = moved(1e-5), below = moved(-2e-5);
    moved(1e-5);
    CHECK(double{engine.gradients()[bias_at + unit]} ==
          doctest::Approx((above - below) / 2e-5).epsilon(1e-4).scale(0.1));
  }
}

using probabilities =
    sequential<input<5, 4, 2>, conv2d<6, window{.size = 2}>, softmax, flatten, dense<9>, softmax>;
using logarithms = sequential<input<14>, log_softmax, dense<9>, log_softmax>;

}  // namespace

TEST_CASE("in float networks softmax and its logarithm have the gradients of central differences") {
  using network = sequential<input<5>, dense<7>, softmax, dense<6>, log_softmax, dense<3>>;
  float_gradients::check<network>([](reader r, array x, bool) {
    auto const linear = [&r](array const& from, int inputs, int units) {
      array const y = doubles::convolution(from, {1, 1}, units, r.take(units * inputs));
      return doubles::plus_bias(y, r.take(units));
    };
    x = softmax_of(linear(x, 5, 7), false);
    x = softmax_of(linear(x, 7, 6), true);
    return linear(x, 6, 3);
  });
}

TEST_CASE("on codes the gradient is the Jacobian of softmax, of its logarithm") {
  check_gradient<softmax>(false);
  check_gradient<log_softmax_with<outputs<symmetric<16, per_tensor, range::min_max>>>>(true);
}

TEST_CASE_TEMPLATE("what was trained with softmax is what is deployed", Scheme, schemes::int8,
                   schemes::four_bits, schemes::by_shifts, schemes::three_valued, as_xnnpack, wide) {
  parity::check<probabilities, Scheme>(51);
  parity::check<logarithms, Scheme>(52);
}

TEST_CASE("softmax is saved and loaded with the rest of the network") {
  round_trip<probabilities, schemes::int8>();
  round_trip<logarithms, schemes::four_bits>();
}

TEST_CASE("softmax takes two channels or more") {
  static_assert(!softmax::takes<shape<1>>);
  static_assert(!log_softmax::takes<shape<4, 4, 1>>);
  static_assert(softmax::takes<shape<2>>);
}
