#include <dyadic/layer/prelu.hpp>

#include <doctest/doctest.h>

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

array prelu_of(array x, double const* slopes) {
  for (std::size_t i = 0; i < x.values.size(); ++i)
    if (x.values[i] < 0) x.values[i] *= slopes[i % static_cast<std::size_t>(x.channels)];
  return x;
}

using network = sequential<input<5, 4, 2>, conv2d<6, window{.size = 2}>, prelu,
                           conv2d<5, window{.size = 2}, weights<symmetric<4>>>,
                           prelu_with<slope{.value = 0.5}>, flatten, dense<3>, prelu>;

}  // namespace

TEST_CASE("in float networks the slopes of a prelu are learned channel by channel") {
  using net = sequential<input<3, 3, 2>, conv2d<4, window{.size = 2}>, prelu, flatten, dense<5>, prelu>;
  float_gradients::check<net>([](reader r, array x, bool) {
    x = doubles::convolution(x, {2, 2}, 4, r.take(4 * 8));
    x = doubles::plus_bias(x, r.take(4));
    x = doubles::flattened(prelu_of(x, r.take(4)));
    x = doubles::convolution(x, {1, 1}, 5, r.take(5 * 16));
    x = doubles::plus_bias(x, r.take(5));
    return prelu_of(x, r.take(5));
  });
}

TEST_CASE("on codes a negative input's code is its real times the slope, rounded once") {
  using net = sequential<input<4>, named<"own", prelu>>;
  net::in<trainable<schemes::int8>> engine{seed{1}};
  float const slopes[] = {0.3F, -1.7F, 0, 2.5F};
  for (std::size_t c = 0; c < 4; ++c) layer<"own">(engine).slope[c] = slopes[c];
  std::vector<float> reals(4 * 256);
  for (std::size_t i = 0; i < reals.size(); ++i) reals[i] = static_cast<float>(i / 4) / 40 - 4;
  engine.forward({.observe = true}, {nullptr, reals.data(), 256});
  engine.forward({}, {nullptr, reals.data(), 256});
  std::vector<int> before, after;
  code_grid in{}, out{};
  engine.watch_stages(
      [&]<class Code>(char const* stage, Code const* codes, std::size_t count, code_grid where, auto) {
        bool const own = std::string_view(stage) == "own";
        (own ? after : before).assign(codes, codes + count);
        (own ? out : in) = where;
      });
  REQUIRE(after.size() == before.size());
  int negative = 0;
  for (std::size_t i = 0; i < after.size(); ++i) {
    double const x = double{in.scale} * (before[i] - in.zero);
    double const wanted = (x < 0 ? x * double{slopes[i % 4]} : x) / double{out.scale} + out.zero;
    CHECK(std::abs(after[i] - clamp(wanted, -32767.0, 32767.0)) <= 0.5 + 1e-6);
    negative += x < 0 ? 1 : 0;
  }
  CHECK(negative > 300);
}

TEST_CASE("on codes the gradients are those of the real function at the codes") {
  using net = sequential<input<4>, dense<4>, named<"own", prelu>>;
  net::in<trainable<schemes::int8>> engine{seed{3}};
  auto const x = float_gradients::reals(4 * 32, 4);
  engine.forward({.observe = true, .keep = true}, {nullptr, x.data(), 32});
  std::vector<double> before;
  engine.watch_stages(
      [&]<class Code>(char const* stage, Code const* codes, std::size_t count, code_grid where, auto) {
        if (std::string_view(stage) == "dense_1")
          for (std::size_t i = 0; i < count; ++i)
            before.push_back(double{where.scale} * (static_cast<int>(codes[i]) - where.zero));
      });
  std::vector<float> dy = float_gradients::reals(4 * 32, 5), toward = dy;
  engine.backward({.observe = true, .keep = true}, 32, dy.data());
  double slope[4]{}, bias[4]{};
  for (std::size_t i = 0; i < before.size(); ++i) {
    slope[i % 4] += before[i] < 0 ? double{toward[i]} * before[i] : 0;
    bias[i % 4] += double{toward[i]} * (before[i] < 0 ? 0.25 : 1);
  }
  auto const numbers = layer<"own">(engine);
  auto const at = [&](std::span<float> of) {
    return engine.gradients().data() + (of.data() - engine.floats().data());
  };
  for (std::size_t c = 0; c < 4; ++c) {
    CHECK(double{at(numbers.slope)[c]} == doctest::Approx(slope[c]).epsilon(1e-4));
    CHECK(double{at(layer<"dense_1">(engine).bias)[c]} == doctest::Approx(bias[c]).epsilon(1e-4));
  }
}

TEST_CASE_TEMPLATE("what was trained with prelu is what is deployed", Scheme, schemes::int8,
                   schemes::four_bits, schemes::by_shifts, schemes::three_valued, schemes::as_tflite,
                   as_xnnpack, fixed_scales, wide) {
  parity::check<network, Scheme>(61);
}

TEST_CASE("prelu is saved and loaded with the rest of the network") {
  round_trip<network, schemes::int8>();
  round_trip<network, schemes::as_tflite>();
}

TEST_CASE("a prelu's slopes are its parameters, and no weights that decay") {
  using net = sequential<input<6, 5, 3>, prelu>;
  static_assert(net::parameter_count == 3);
  static_assert(net::in<float32>::segments[0].kind == parameter_kind::norm);
  net::in<float32> engine{seed{1}};
  CHECK(layer<"prelu_1">(engine).slope[2] == 0.25F);
  CHECK(prelu_with<slope{.value = 0.5}>::name == fixed_string("prelu<0.5>"));
}
