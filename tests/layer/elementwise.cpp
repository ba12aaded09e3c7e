#include <dyadic/layer/elementwise.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <dyadic/core/random.hpp>
#include <dyadic/deploy/emit_header.hpp>
#include <dyadic/deploy/model_file.hpp>
#include <dyadic/deploy/to_integer.hpp>
#include <dyadic/layer/dense.hpp>
#include <dyadic/network/by_name.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/train/verify.hpp>

using namespace dyadic;

namespace {

struct silu_function {
  static constexpr auto name = fixed_string("silu");
  static float forward(float x) noexcept { return x / (1 + std::exp(-x)); }
  static float derivative(float x) noexcept {
    float const share = 1 / (1 + std::exp(-x));
    return share * (1 + x * (1 - share));
  }
};
using silu = elementwise<silu_function>;

struct square_function {
  static constexpr auto name = fixed_string("square");
  static constexpr float forward(float x) noexcept { return x * x; }
  static constexpr float derivative(float x) noexcept { return 2 * x; }
};

template <class Activations> struct of : scheme {
  using activations = Activations;
};

constexpr std::size_t images = 32;

std::vector<float> random_images(std::size_t size) {
  generator random = generator::from(seed{4});
  std::vector<float> reals(images * size);
  for (float& real : reals) real = random.uniform(-3, 3);
  return reals;
}

}  // namespace

TEST_CASE("in float a layer of one's own gives its function, and its gradient is the derivative") {
  using net = sequential<input<7>, dense<7>, silu>;
  net::in<float32> engine{seed{1}};
  auto const first = layer<"dense_1">(engine);
  for (std::size_t i = 0; i < 49; ++i) first.weight[i] = i % 8 == 0 ? 1.0F : 0.0F;
  std::vector<float> const reals = random_images(7);
  std::size_t const count = images * 7;
  pass const p{.keep = true};
  float const* const y = engine.forward(p, {nullptr, reals.data(), images});
  for (std::size_t i = 0; i < count; ++i)
    CHECK(y[i] == doctest::Approx(reals[i] / (1 + std::exp(-double{reals[i]}))).epsilon(1e-5));
  std::vector<float> ones(count, 1.0F);
  engine.backward(p, images, ones.data());
  double expected[7]{};
  for (std::size_t i = 0; i < count; ++i) {
    auto const f = [](double x) { return x / (1 + std::exp(-x)); };
    expected[i % 7] += (f(double{reals[i]} + 1e-4) - f(double{reals[i]} - 1e-4)) / 2e-4;
  }
  for (std::size_t i = 0; i < 7; ++i)
    CHECK(engine.gradients()[49 + i] == doctest::Approx(expected[i]).epsilon(1e-4));
}

TEST_CASE("on codes each table entry is the output code nearest to the function's value") {
  struct narrow : scheme {
    using activations = affine<5>;
  };
  using net = sequential<input<9>, named<"own", elementwise<silu_function>>, dense<3>>;
  net::in<trainable<narrow>> engine{seed{1}};
  std::vector<float> const reals = random_images(9);
  engine.forward({.observe = true}, {nullptr, reals.data(), images});
  engine.forward({}, {nullptr, reals.data(), images});
  code_grid in{}, out{};
  engine.watch_stages([&](char const* stage, auto const*, std::size_t, code_grid where, auto) {
    if (std::string_view(stage) == "input") in = where;
    if (std::string_view(stage) == "own") out = where;
  });
  auto const edge = to_integer(engine).value();
  auto const& table = layer<"own">(edge).table;
  REQUIRE(sizeof table == 32);
  for (int code = -16; code < 16; ++code) {
    double const x = double{in.scale} * (code - in.zero);
    double const wanted = x / (1 + std::exp(-x));
    double least = 1e9;
    for (int y = -16; y < 16; ++y)
      least = std::fmin(least, std::fabs(double{out.scale} * (y - out.zero) - wanted));
    int const chosen = table[code + 16];
    INFO("code " << code);
    CHECK(std::fabs(double{out.scale} * (chosen - out.zero) - wanted) <= least + 1e-6);
  }
}

TEST_CASE_TEMPLATE("on codes the gradient passes the table's grid and then the derivative at the code",
                   Activations, affine<8>, symmetric<16>) {
  using plain = of<Activations>;
  using net = sequential<input<5>, dense<5>, named<"own", elementwise<square_function>>>;
  typename net::template in<trainable<plain>> engine{seed{3}};
  std::vector<float> const reals = random_images(5);
  pass const p{.observe = true, .keep = true};
  float const* y = engine.forward(p, {nullptr, reals.data(), images});
  std::vector<float> before;
  engine.watch_stages(
      [&]<class Number>(char const* stage, Number const* codes, std::size_t count, code_grid where, auto) {
        if (std::string_view(stage) == "dense_1")
          for (std::size_t i = 0; i < count; ++i) before.push_back(decode(static_cast<int>(codes[i]), where));
      });
  for (std::size_t i = 0; i < images * 5; ++i)
    CHECK(y[i] == doctest::Approx(double{before[i]} * double{before[i]}).epsilon(1e-3).scale(1));
  std::vector<float> ones(images * 5, 1.0F);
  engine.backward(p, images, ones.data());
  auto const bias_at =
      static_cast<std::size_t>(layer<"dense_1">(engine).bias.data() - engine.floats().data());
  double expected[5]{};
  for (std::size_t i = 0; i < images * 5; ++i) expected[i % 5] += 2 * double{before[i]};
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(double{engine.gradients()[bias_at + i]} == doctest::Approx(expected[i]).epsilon(1e-4));
}

TEST_CASE("what was trained with a layer of one's own is what is deployed") {
  struct four : scheme {
    using weights = symmetric<4, per_channel, range::lsq>;
    using activations = affine<4, per_tensor, range::lsq>;
  };
  using net = sequential<input<12>, dense<16>, silu, dense<8>, silu>;
  net::in<trainable<four>> engine{seed{2}};
  std::vector<float> const reals = random_images(12);
  pass const p{.observe = true, .keep = true};
  for (int step = 0; step < 5; ++step) {
    engine.forward(p, {nullptr, reals.data(), images});
    std::vector<float> gradient(images * 8);
    for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = static_cast<float>(i % 5) - 2;
    engine.backward(p, images, gradient.data());
    std::size_t at = 0;
    for (segment const& s : engine.segments) {
      for (std::size_t i = 0; s.trained && i < s.count; ++i)
        engine.floats()[at + i] -= 1e-4F * engine.gradients()[at + i];
      at += s.count;
    }
    engine.refresh();
  }
  auto edge = std::make_unique<integer_engine<net, four>>(to_integer(engine).value());
  data_view const samples{.reals = reals, .sample_size = 12};
  auto const same = verify(engine, *edge, samples).value();
  CHECK(same.compared == images * (12 + 16 + 16 + 8 + 8));
  CHECK(same.differing == 0);
  layer<"silu_2">(*edge).table[3] ^= 1;
  for (auto& entry : layer<"silu_2">(*edge).table) entry ^= 1;
  CHECK(verify(engine, *edge, samples).value().first_stage == std::string_view("silu_2"));
  static_assert(sizeof(layer<"silu_4">(*edge).table) == 2 * 16);  // the network's outputs have 16 bits
}

TEST_CASE("a table is saved, loaded and emitted with the rest of the network") {
  using net = sequential<input<12>, dense<16>, silu, dense<4>>;
  net::in<trainable<scheme>> engine{seed{2}};
  std::vector<float> const reals = random_images(12);
  engine.forward({.observe = true}, {nullptr, reals.data(), images});
  auto edge = std::make_unique<integer_engine<net, scheme>>(to_integer(engine).value());
  auto const saved = to_bytes(*edge);
  auto const loaded = from_bytes<integer_engine<net, scheme>>(saved);
  REQUIRE_MESSAGE(loaded, loaded.error().what());
  CHECK(std::memcmp(&layer<"silu_2">(*loaded), &layer<"silu_2">(*edge), sizeof(layer<"silu_2">(*edge))) == 0);
  CHECK(header_text(*edge, {.type = "engine", .include = ""}).find(".table = {") != std::string::npos);
}

TEST_CASE("inference with a table is a constant expression") {
  using net = sequential<input<2>, elementwise<square_function>>;
  constexpr int answer = [] {
    net::in<integer<scheme>> edge{};
    auto& slot = layer<"square_1">(edge);
    for (int i = 0; i < 256; ++i) slot.table[i] = static_cast<std::int16_t>(3 * i);
    std::array<std::int8_t, 2> const codes{-128, 127};
    auto const out = edge.infer(std::span<std::int8_t const, 2>(codes), kernel::reference{});
    return out[0] + out[1];
  }();
  static_assert(answer == 765);
  CHECK(answer == 765);
}
