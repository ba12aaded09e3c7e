#include <dyadic/layer/recurrent.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <dyadic/deploy/emit_header.hpp>
#include <dyadic/deploy/model_file.hpp>
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/by_name.hpp>
#include <dyadic/train/verify.hpp>

#include "../network/parity.hpp"

using namespace dyadic;

namespace {

struct int8 : scheme {};
struct w4a4 : scheme {
  using weights = symmetric<4, per_channel, range::lsq>;
  using activations = affine<4>;
};
struct shifts : scheme {
  using rescale = power_of_two<rounding::half_even>;
  using outputs = affine<8>;
};
struct two_roundings : scheme {
  using weights = symmetric<8, per_tensor>;
  using rescale = tflite_reference;
};
struct ternary_weights : scheme {
  using weights = ternary<>;
  using activations = power_of_two_scale<6>;
};

struct int16x8 : scheme {
  using activations = symmetric<16>;
};
struct fixed_scales : scheme {
  using activations = fixed_point<8, 6>;
};

using reader = sequential<input<7, 5>, gru<20>, dense<3>>;
using both = sequential<input<6, 3>, lstm<9, return_sequences>, named<"last", gru<17, backwards>>>;

/// In floats between codes, and in codes again behind a layer in floats.
using half_float = sequential<input<6, 3>, gru<5, return_sequences, kept_float>, lstm<6, return_sequences>,
                              named<"last", gru<7>>, dense<3>>;

}  // namespace

TEST_CASE("what a recurrent layer was trained with is what is deployed, under every scheme") {
  parity::check<reader, int8>(1);
  parity::check<both, int8>(2);
  parity::check<both, w4a4>(3);
  parity::check<both, shifts>(4);
  parity::check<reader, two_roundings>(5);
  parity::check<both, ternary_weights>(6);
  parity::check<both, int16x8>(7);
  parity::check<both, fixed_scales>(8);
}

TEST_CASE("a recurrent layer may be kept float: it gives the floats that it was trained with") {
  using words = with<int8, at<"last", kept_float>>;
  parity::check<half_float, words>(10);
  auto const net = parity::trained<half_float, words>(13);
  auto const bytes = parity::images_of(parity::images * net.input_size, 14);
  net.forward({}, {bytes.data(), nullptr, parity::images});
  std::string stages;
  net.watch_stages([&](char const* name, auto const*, std::size_t, code_grid, auto format) {
    stages += std::string(name) + (decltype(format)::is_real ? " float, " : " codes, ");
  });
  CHECK(stages ==
        "gru_1 float, quantize_lstm_2 codes, lstm_2 codes, dequantize_last float, last float, "
        "quantize_dense_4 codes, dense_4 codes, ");
  auto const edge = std::make_unique<half_float::in<mixed<words>>>(to_integer(net).value());
  auto const loaded = from_bytes<half_float::in<mixed<words>>>(to_bytes(*edge));
  REQUIRE_MESSAGE(loaded, loaded.error().what());
  CHECK(to_bytes(*loaded) == to_bytes(*edge));
  auto const same = verify(net, *edge, {.bytes = bytes, .sample_size = net.input_size}).value();
  CHECK(same.differing == 0);
  CHECK(same.compared > parity::images * net.output_size);
}

TEST_CASE("codes of a recurrent layer do not depend on how many sequences are worked on together") {
  auto const net = parity::trained<both, int8>(9);
  auto const bytes = parity::images_of(parity::images * net.input_size, 10);
  auto const edge = std::make_unique<integer_engine<both, int8>>(to_integer(net).value());
  auto const one = parity::grouped<1>(*edge, bytes);
  CHECK(one == parity::grouped<3>(*edge, bytes));
  CHECK(one == parity::grouped<8>(*edge, bytes));
}

TEST_CASE("recurrent layers are saved, loaded and emitted") {
  auto const net = parity::trained<both, w4a4>(11);
  auto const edge = std::make_unique<integer_engine<both, w4a4>>(to_integer(net).value());
  auto const loaded = from_bytes<integer_engine<both, w4a4>>(to_bytes(*edge));
  REQUIRE_MESSAGE(loaded, loaded.error().what());
  CHECK(to_bytes(*loaded) == to_bytes(*edge));
  auto const bytes = parity::images_of(parity::images * net.input_size, 12);
  CHECK(parity::grouped<8>(*loaded, bytes) == parity::grouped<8>(*edge, bytes));
  auto const text = header_text(*edge, {.type = "engine", .include = ""});
  CHECK(text.find(".recurrent = {") != std::string::npos);
  CHECK(text.find(".to_hidden = {") != std::string::npos);
  auto const trained = from_bytes<both::in<trainable<w4a4>>>(to_bytes(net));
  REQUIRE_MESSAGE(trained, trained.error().what());
  CHECK(std::memcmp(trained->floats().data(), net.floats().data(), net.floats().size_bytes()) == 0);
}

TEST_CASE("a lone recurrent layer needs no calibration for its own grids") {
  using net_type = sequential<input<4, 2>, gru<6>, dense<2>>;
  net_type::in<trainable<int8>> net{seed{1}};
  CHECK(std::string(net.calibrated().error().what()).find("input") != std::string::npos);
  std::vector<float> const reals(8, 0.5F);
  net.forward({.observe = true}, {nullptr, reals.data(), 1});
  CHECK(net.calibrated());
  CHECK(layer<"gru_1">(net).recurrent_weight.size() == 18 * 6);
  CHECK(layer<"gru_1">(net).recurrent_bias.size() == 18);
}

TEST_CASE("a saturated gate keeps the state for as long as it is saturated") {
  using net_type = sequential<input<200, 1>, gru<1>>;
  net_type::in<trainable<int8>> net{seed{1}};
  auto const numbers = layer<"gru_1">(net);
  for (float& number : net.floats()) number = 0;
  // z = 0 while x is 1, n = 1 then; z = 1 while x is 0.
  numbers.weight[1] = -30;
  numbers.weight[2] = 30;
  numbers.bias[1] = 15;
  net.refresh();
  std::vector<float> reals(200, 0.0F);
  reals[0] = 1;
  net.forward({.observe = true}, {nullptr, reals.data(), 1});
  CHECK(*net.forward({}, {nullptr, reals.data(), 1}) == doctest::Approx(1.0).epsilon(1e-3));
}
