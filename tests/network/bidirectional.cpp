#include <dyadic/network/bidirectional.hpp>

#include <doctest/doctest.h>

#include <memory>

#include <dyadic/deploy/model_file.hpp>
#include <dyadic/layer/layers.hpp>

#include "../layer/recurrent_oracle.hpp"
#include "parity.hpp"

using namespace dyadic;
namespace oracle = recurrent_oracle;

namespace {

struct int8 : scheme {};
struct w4a4 : scheme {
  using weights = symmetric<4>;
  using activations = affine<4>;
};
struct shifts : scheme {
  using rescale = power_of_two<>;
};

using both_ways = sequential<input<6, 3>, bidirectional<gru<5, return_sequences>>, bidirectional<lstm<4>>>;
using headed = sequential<input<6, 3>, bidirectional<gru<17, return_sequences>>, dense<4>>;

doubles::array beside(doubles::array const& a, doubles::array const& b) {
  doubles::array y = doubles::zeros(a.images, a.height, a.width, a.channels + b.channels);
  for (int n = 0; n < y.images; ++n)
    for (int t = 0; t < y.width; ++t)
      for (int c = 0; c < y.channels; ++c)
        y(n, 0, t, c) = c < a.channels ? a(n, 0, t, c) : b(n, 0, t, c - a.channels);
  return y;
}

}  // namespace

static_assert(std::is_same_v<both_ways::output_shape, shape<8>>);
static_assert(both_ways::parameter_count == 2 * (3 * 5 * (3 + 5 + 2) + 4 * 4 * (10 + 4 + 1)));

TEST_CASE("in float a bidirectional layer is two recurrent layers side by side, with their gradients") {
  float_gradients::check<both_ways>([](auto from, auto const& x, bool) {
    auto const a = oracle::gru(from, x, {5, true});
    auto const b = beside(a, oracle::gru(from, x, {5, true, true}));
    auto const c = oracle::lstm(from, b, {4});
    return beside(c, oracle::lstm(from, b, {4, false, true}));
  });
}

TEST_CASE("a bidirectional layer deploys what was trained") {
  parity::check<both_ways, int8>(1);
  parity::check<both_ways, w4a4>(2);
  parity::check<headed, shifts>(3);
}

TEST_CASE("where a bidirectional layer's halves meet no code changes") {
  auto const net = parity::trained<headed, int8>(4);
  auto const bytes = parity::images_of(parity::images * net.input_size, 5);
  auto const seen = parity::trained_trace(net, bytes);
  std::vector<std::int32_t> forwards, back, met;
  for (auto const& s : seen) {
    if (s.stage.find("/forwards_") != std::string::npos) forwards = s.codes;
    if (s.stage.find("/backwards_") != std::string::npos) back = s.codes;
    if (s.stage == "bidirectional_1") met = s.codes;
  }
  REQUIRE(met.size() == parity::images * 6 * 34);
  bool same = true;
  for (std::size_t row = 0; row < parity::images * 6; ++row)
    for (std::size_t c = 0; c < 34; ++c)
      same = same && met[row * 34 + c] == (c < 17 ? forwards[row * 17 + c] : back[row * 17 + c - 17]);
  CHECK(same);
}

TEST_CASE("a bidirectional layer is saved and loaded") {
  auto const net = parity::trained<headed, w4a4>(6);
  auto const edge = std::make_unique<integer_engine<headed, w4a4>>(to_integer(net).value());
  auto const loaded = from_bytes<integer_engine<headed, w4a4>>(to_bytes(*edge));
  REQUIRE_MESSAGE(loaded, loaded.error().what());
  CHECK(to_bytes(*loaded) == to_bytes(*edge));
}
