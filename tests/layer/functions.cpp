#include <dyadic/layer/functions.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string_view>

#include <dyadic/deploy/to_integer.hpp>
#include <dyadic/network/by_name.hpp>
#include <dyadic/network/sequential.hpp>

#include "../network/parity.hpp"
#include "../network/schemes.hpp"
#include "float_gradients.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

namespace {

double of(functions::sigmoid, double x) { return 1 / (1 + std::exp(-x)); }
double of(functions::tanh, double x) { return std::tanh(x); }
double of(functions::swish, double x) { return x / (1 + std::exp(-x)); }
double of(functions::gelu, double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }
double of(functions::hard_sigmoid, double x) { return std::fmin(std::fmax(x + 3, 0), 6) / 6; }
double of(functions::hard_swish, double x) { return x * std::fmin(std::fmax(x + 3, 0), 6) / 6; }
double of(functions::elu<>, double x) { return x > 0 ? x : std::exp(x) - 1; }
double of(functions::elu<depth{.value = 0.25}>, double x) { return x > 0 ? x : 0.25 * (std::exp(x) - 1); }
double of(functions::leaky_relu<>, double x) { return x > 0 ? x : 0.01 * x; }
double of(functions::leaky_relu<slope{.value = 0.3}>, double x) { return x > 0 ? x : 0.3 * x; }

struct two_powers : scheme {
  using weights = power_of_two_scale<8>;
  using activations = power_of_two_scale<8>;
  using rescale = power_of_two<rounding::half_even>;
};
struct as_xnnpack : scheme {
  using rescale = xnnpack_fp32;
  using outputs = affine<8>;
};

template <class Function> array applied(array x) {
  for (double& v : x.values) v = of(Function{}, v);
  return x;
}

#define DYADIC_ALL_FUNCTIONS                                                                       \
  functions::sigmoid, functions::tanh, functions::swish, functions::gelu, functions::hard_sigmoid, \
      functions::hard_swish, functions::elu<>, functions::elu<depth{.value = 0.25}>,               \
      functions::leaky_relu<>, functions::leaky_relu<slope{.value = 0.3}>

}  // namespace

TEST_CASE_TEMPLATE("a function's three forms are the function and its derivative", Function,
                   DYADIC_ALL_FUNCTIONS) {
  for (double x = -9.01; x < 9; x += 0.0625) {
    INFO("x ", x);
    auto const narrow = static_cast<float>(x);
    double const at = double{narrow}, wanted = of(Function{}, at);
    CHECK(Function::tabulated(at) == doctest::Approx(wanted).epsilon(1e-12).scale(1e-3));
    CHECK(double{Function::forward(narrow)} == doctest::Approx(wanted).epsilon(2e-6).scale(0.1));
    double const step = 1e-6;
    double const slope = (of(Function{}, at + step) - of(Function{}, at - step)) / (2 * step);
    CHECK(double{Function::derivative(narrow)} == doctest::Approx(slope).epsilon(1e-5).scale(0.1));
  }
}

TEST_CASE("in float networks the gradients through every function are those of central differences") {
  using first = sequential<input<5>, dense<9>, sigmoid, dense<8>, tanh_activation, dense<7>, swish, dense<6>,
                           gelu, dense<4>>;
  float_gradients::check<first>([](reader r, array x, bool) {
    auto const linear = [&r](array const& from, int inputs, int units) {
      array const y = doubles::convolution(from, {1, 1}, units, r.take(units * inputs));
      return doubles::plus_bias(y, r.take(units));
    };
    x = applied<functions::sigmoid>(linear(x, 5, 9));
    x = applied<functions::tanh>(linear(x, 9, 8));
    x = applied<functions::swish>(linear(x, 8, 7));
    x = applied<functions::gelu>(linear(x, 7, 6));
    return linear(x, 6, 4);
  });
  using second = sequential<input<5>, dense<9>, hard_sigmoid, dense<8>, hard_swish, dense<7>, elu, dense<6>,
                            leaky_relu, dense<6>, leaky_relu_with<slope{.value = 0.3}>, dense<4>>;
  float_gradients::check<second>([](reader r, array x, bool) {
    auto const linear = [&r](array const& from, int inputs, int units) {
      array const y = doubles::convolution(from, {1, 1}, units, r.take(units * inputs));
      return doubles::plus_bias(y, r.take(units));
    };
    x = applied<functions::hard_sigmoid>(linear(x, 5, 9));
    x = applied<functions::hard_swish>(linear(x, 9, 8));
    x = applied<functions::elu<>>(linear(x, 8, 7));
    x = applied<functions::leaky_relu<>>(linear(x, 7, 6));
    x = applied<functions::leaky_relu<slope{.value = 0.3}>>(linear(x, 6, 6));
    return linear(x, 6, 4);
  });
}

TEST_CASE_TEMPLATE(
    "on codes a linear layer keeps what comes before the function, and each entry of the "
    "table is the code nearest to the function's value",
    Function, DYADIC_ALL_FUNCTIONS) {
  using net = sequential<input<9>, dense<9>, named<"own", elementwise<Function>>, dense<3>>;
  typename net::template in<trainable<schemes::int8>> engine{seed{1}};
  generator random = generator::from(seed{4});
  std::vector<float> reals(32 * 9);
  for (float& real : reals) real = random.uniform(-9, 9);
  engine.forward({.images = 32, .observe = true}, {nullptr, reals.data(), 32});
  engine.forward({.images = 32}, {nullptr, reals.data(), 32});
  code_grid in{}, out{};
  int below_zero = 0;
  engine.watch_stages(
      [&]<class Number>(char const* stage, Number const* codes, std::size_t count, code_grid where, auto) {
        if (std::string_view(stage) == "dense_1") {
          in = where;
          for (std::size_t i = 0; i < count; ++i) below_zero += codes[i] < where.zero ? 1 : 0;
        }
        if (std::string_view(stage) == "own") out = where;
      });
  CHECK(below_zero > 50);
  auto const edge = to_integer(engine).value();
  auto const& table = layer<"own">(edge).table;
  REQUIRE(sizeof table == 256);
  for (int code = -128; code < 128; ++code) {
    double const wanted = of(Function{}, double{in.scale} * (code - in.zero));
    double least = 1e9;
    for (int y = -128; y < 128; ++y)
      least = std::fmin(least, std::fabs(double{out.scale} * (y - out.zero) - wanted));
    INFO("code " << code);
    CHECK(std::fabs(double{out.scale} * (table[code + 128] - out.zero) - wanted) <= least + 1e-6);
  }
}

namespace {

using image_net =
    sequential<input<6, 5, 2>, conv2d<7, window{.size = 3}>, batch_norm, swish, conv2d<6, window{.size = 2}>,
               leaky_relu, conv2d<5, window{.size = 1}>, relu_up_to<upper{.value = 1.5}>,
               average_pool<2, pooling{.stride = 1}>, tanh_activation, flatten, dense<9>, sigmoid>;
using vector_net =
    sequential<input_with<shape<12>, bytes<sensor{.offset = 128, .scale = 0.04}>>, hard_sigmoid, dense<11>,
               gelu, dense<10>, elu, dense<9>, hard_swish, dense<5>, leaky_relu_with<slope{.value = 0.3}>>;

}  // namespace

TEST_CASE_TEMPLATE("what was trained with these functions is what is deployed", Scheme, schemes::int8,
                   schemes::four_bits, two_powers, schemes::three_valued, as_xnnpack) {
  parity::check<image_net, Scheme>(41);
  parity::check<vector_net, Scheme>(42);
}

TEST_CASE("names hold the options that are not the usual ones") {
  CHECK(leaky_relu::name == fixed_string("leaky_relu"));
  CHECK(leaky_relu_with<slope{.value = 0.3}>::name == fixed_string("leaky_relu<0.3>"));
  CHECK(elu::name == fixed_string("elu"));
  CHECK(elu_with<depth{.value = 0.25}>::name == fixed_string("elu<0.25>"));
  CHECK(relu_up_to<upper{.value = 1.5}>::name == fixed_string("relu_up_to<1.5>"));
}
