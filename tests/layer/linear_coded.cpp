#include <dyadic/layer/linear_coded.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include <dyadic/deploy/model_file.hpp>
#include <dyadic/network/summary.hpp>
#include <dyadic/quantize/presets.hpp>
#include <dyadic/train/calibrate.hpp>

#include "../network/parity.hpp"

using namespace dyadic;

namespace {

/// Kernel rows of any length, a depthwise layer, a batch norm, a shortcut and groups that end short.
using network =
    sequential<input<6, 5, 3>, conv2d<7, window{.size = 3, .padding = padding::same}>, batch_norm, relu,
               residual<depthwise_conv2d<window{.size = 3, .padding = padding::same}>>, relu,
               conv2d<6, window{.size = 2}>, flatten, dense<9>, relu, named<"head", dense<5>>>;
using weight_only = presets::weight_only<3, 8>;

}  // namespace

TEST_CASE("codes alone as weights give, trained or deployed, the same floats on a thousand inputs") {
  parity::check<network, weight_only>(71);
}

TEST_CASE("ranges at run time give, trained or deployed, the same floats on a thousand inputs") {
  parity::check<network, presets::dynamic_range>(72);
}

namespace {

/// A dense layer of a float network, and what a scheme makes of it, in doubles from the definitions.
struct one_layer {
  using description = sequential<input<40>, dense<7>>;
  description::in<float32> net{seed{3}};
  std::vector<float> x = std::vector<float>(40);
  double weight(std::size_t o, std::size_t i) const { return double{net.floats()[o * 40 + i]}; }
  double bias(std::size_t o) const { return double{net.floats()[280 + o]}; }

  one_layer() {
    generator random = generator::from({4});
    for (float& value : net.floats()) value *= random.uniform(0.05F, 1.0F);
    for (std::size_t o = 0; o < 7; ++o) net.floats()[280 + o] = random.normal();
    for (float& value : x) value = random.normal();
  }
  double largest(std::size_t o, std::size_t first, std::size_t last) const {
    double found = 0;
    for (std::size_t i = first; i < last; ++i) found = std::max(found, std::fabs(weight(o, i)));
    return found;
  }
  template <class Scheme> std::vector<float> deployed() const {
    using engine = description::in<mixed<Scheme>>;
    engine const edge = to_integer(quantization_aware<Scheme>(net)).value();
    std::vector<float> y(7);
    auto const room = std::make_unique<typename engine::template scratch<>>();
    CHECK(edge.infer(std::span<float const>(x), std::span<float>(y), *room) == 1);
    return y;
  }
};

}  // namespace

TEST_CASE("weights alone are a channel's scale times a factor times a code, without any data seen") {
  one_layer const one;
  auto const y = one.deployed<presets::weight_only<4, 16>>();
  for (std::size_t o = 0; o < 7; ++o) {
    double const unit = one.largest(o, 0, 40) / 7 / 255;
    double sum = one.bias(o);
    for (std::size_t i = 0; i < 40; ++i) {
      double const group = one.largest(o, i / 16 * 16, std::min<std::size_t>(i / 16 * 16 + 16, 40)) / 7;
      double const scale = std::ceil(group / unit - 1e-4) * unit;
      sum += std::nearbyint(one.weight(o, i) / scale) * scale * double{one.x[i]};
    }
    CHECK(std::fabs(sum - double{y[o]}) < 1e-5);
  }
}

TEST_CASE("ranges at run time round inputs by their own largest magnitude") {
  one_layer one;
  for (float const size : {1.0F, 1000.0F, 1e-6F, 0.0F}) {
    for (float& value : one.x) value *= size;
    auto const y = one.deployed<presets::dynamic_range>();
    double largest = 0;
    for (float const value : one.x) largest = std::max(largest, std::fabs(double{value}));
    double const step = largest > 0 ? largest / 127 : 1;
    for (std::size_t o = 0; o < 7; ++o) {
      double const scale = one.largest(o, 0, 40) / 127;
      double sum = one.bias(o);
      for (std::size_t i = 0; i < 40; ++i)
        sum +=
            std::nearbyint(one.weight(o, i) / scale) * scale * std::nearbyint(double{one.x[i]} / step) * step;
      CHECK(std::fabs(sum - double{y[o]}) < 1e-5 * (1 + largest));
    }
  }
}

TEST_CASE("weights alone take their bits in the engine and in a file, and come back") {
  using engine = network::in<mixed<weight_only>>;
  auto const edge = std::make_unique<engine>(to_integer(parity::trained<network, weight_only>(73)).value());
  auto const saved = to_bytes(*edge);
  auto const loaded = from_bytes<engine>(saved);
  REQUIRE_MESSAGE(loaded, loaded.error().what());
  CHECK(to_bytes(*loaded) == saved);
  // 7 * 27 + 6 * 28 + 9 * 120 + 5 * 9 weights of 3 bits and a byte for each 8; 7 * 9 without groups; floats:
  // a scale for each channel, biases, and four of a batch norm.
  std::size_t const groups = 7 * 4 + 6 * 4 + 9 * 15 + 5 * 2;
  std::size_t const weights = (7 * 27 + 6 * 28 + 9 * 120 + 5 * 9 + 7 * 9) * 3 / 8;
  std::size_t const reals = 4 * (7 + 7 + 6 + 9 + 5 + 4 * 7 + 7 + 6 + 9 + 5);
  CHECK(sizeof(engine) >= weights + groups + reals);
  CHECK(sizeof(engine) <= weights + groups + reals + 64);
  CHECK(std::string_view(summary_rows<engine>[1].weights) == "4 bits");  // 3, and 8 / 8
  std::string description;
  describe<engine>([&](char const* text, std::size_t count) { description.append(text, count); });
  CHECK(description.find("weights symmetric<3>,per_group<8> | inputs float32\n") != std::string::npos);
}

TEST_CASE("an engine with ranges at run time comes back from a file and classifies bytes") {
  using engine = network::in<mixed<presets::dynamic_range>>;
  auto const net = parity::trained<network, presets::dynamic_range>(74);
  auto const edge = std::make_unique<engine>(to_integer(net).value());
  auto const saved = to_bytes(*edge);
  auto const loaded = from_bytes<engine>(saved);
  REQUIRE_MESSAGE(loaded, loaded.error().what());
  CHECK(to_bytes(*loaded) == saved);
  auto const bytes = parity::images_of(engine::input_size, 75);
  float outputs[5];
  REQUIRE(net.predict(std::span<std::uint8_t const>(bytes), outputs));
  int const wanted = static_cast<int>(std::max_element(outputs, outputs + 5) - outputs);
  CHECK(loaded->classify(std::span<std::uint8_t const, engine::input_size>(bytes)) == wanted);
}

TEST_CASE("gradients are those of the float network where weights and inputs lie on their grids") {
  network::in<float32> reference{seed{5}};
  generator random = generator::from({6});
  std::size_t at = 0;
  for (segment const& s : reference.segments) {
    if (std::string_view(s.name) == "weight")
      for (std::size_t i = 0; i < s.count; ++i)
        reference.floats()[at + i] = 0.125F * (static_cast<float>(random.below(3)) * 3 - 3);
    at += s.count;
  }
  auto coded = quantization_aware<weight_only>(reference);
  auto const bytes = parity::images_of(8 * reference.input_size, 7);
  std::vector<float> toward(8 * reference.output_size);
  for (float& value : toward) value = random.normal();
  pass const p{.images = 8, .batch_statistics = true, .keep = true};
  auto const gradients = [&](auto& net) {
    net.forward(p, {bytes.data(), nullptr, 8});
    auto dy = toward;
    net.backward(p, 8, dy.data());
    std::vector<float> found;
    std::size_t first = 0;
    for (segment const& s : net.segments) {
      if (s.trained)
        found.insert(found.end(), net.gradients().data() + first, net.gradients().data() + first + s.count);
      first += s.count;
    }
    return found;
  };
  auto const wanted = gradients(reference), found = gradients(coded);
  REQUIRE(wanted.size() == found.size());
  double off = 0, size = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    off += std::pow(double{wanted[i]} - double{found[i]}, 2);
    size += std::pow(double{wanted[i]}, 2);
  }
  CHECK(size > 0);
  CHECK(std::sqrt(off) < 1e-4 * std::sqrt(size));
}

TEST_CASE("the gradient of a layer with ranges at run time takes its inputs as they were rounded") {
  one_layer const one;
  auto net = quantization_aware<presets::dynamic_range>(one.net);
  pass const p{.images = 1, .keep = true};
  net.forward(p, {nullptr, one.x.data(), 1});
  std::vector<float> dy(7, 1.0F);
  net.backward(p, 1, dy.data());
  double largest = 0;
  for (float const value : one.x) largest = std::max(largest, std::fabs(double{value}));
  for (std::size_t i = 0; i < 40; ++i) {
    double const rounded = std::nearbyint(double{one.x[i]} * 127 / largest) * largest / 127;
    for (std::size_t o = 0; o < 7; ++o)
      CHECK(std::fabs(double{net.gradients()[o * 40 + i]} - rounded) < 1e-5 * largest);
  }
}
