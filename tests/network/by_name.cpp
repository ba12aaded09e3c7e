#include <dyadic/network/by_name.hpp>

#include <doctest/doctest.h>

#include <memory>

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

namespace {

constexpr window three{.size = 3, .padding = padding::same};
using net =
    sequential<input<6, 6, 2>, conv2d<4, three>, batch_norm, relu,
               named<"block", residual<conv2d<4, three>, batch_norm, relu, named<"deep", conv2d<4, three>>,
                                       shortcut<conv2d<4, window{.size = 1}>>>>,
               flatten, named<"head", dense<3>>>;

}  // namespace

TEST_CASE("a float network's stage is found by name, with a span for each of its runs of numbers") {
  net::in<float32> engine{seed{1}};
  auto const stem = layer<"conv2d_1">(engine);
  CHECK(stem.weight.size() == 4 * 9 * 2);
  CHECK(stem.gamma.size() == 4);
  CHECK(stem.beta.size() == 4);
  CHECK(stem.mean.size() == 4);
  CHECK(stem.variance.size() == 4);
  CHECK(stem.bias.empty());
  CHECK(stem.weight.data() == engine.floats().data());
  CHECK(stem.gamma[3] == 1.0F);

  auto const head = layer<"head">(engine);
  CHECK(head.weight.size() == 6 * 6 * 4 * 3);
  CHECK(head.bias.size() == 3);
  CHECK(head.gamma.empty());
  CHECK(head.bias.data() + 3 == engine.floats().data() + engine.float_count);
}

TEST_CASE("what is written through a name is what the network computes with") {
  net::in<float32> engine{seed{1}};
  for (float& w : layer<"head">(engine).weight) w = 0;
  layer<"head">(engine).bias[1] = 2.5F;
  engine.refresh();
  float image[72]{}, outputs[3]{};
  REQUIRE(engine.predict(std::span<float const>(image), std::span<float>(outputs)));
  CHECK(outputs[0] == 0.0F);
  CHECK(outputs[1] == 2.5F);
  auto const& unchanged = engine;
  CHECK(layer<"head">(unchanged).bias[1] == 2.5F);
}

TEST_CASE("a trainable network's grids are found beside its weights") {
  net::in<trainable<with<scheme, at<"head", weights<symmetric<4, per_tensor, range::lsq>>>>>> engine{seed{1}};
  CHECK(layer<"conv2d_1">(engine).weight_scale.size() == 4);
  CHECK(layer<"head">(engine).weight_scale.size() == 1);
  CHECK(layer<"input">(engine).output_range.size() == range::moving_average<>::state_size);
  CHECK(layer<"block/deep">(engine).weight.size() == 4 * 9 * 4);
  CHECK(layer<"block/shortcut_conv2d_0">(engine).bias.size() == 4);
  CHECK(layer<"block">(engine).weight.empty());
  CHECK(layer<"block">(engine).output_range.size() == range::moving_average<>::state_size);
}

TEST_CASE("an integer engine's slots are found by name, in branches too") {
  auto const engine = std::make_unique<net::in<integer<scheme>>>();
  auto const begin = reinterpret_cast<std::uintptr_t>(engine.get());
  auto const at = [&](auto const& slot) { return reinterpret_cast<std::uintptr_t>(&slot) - begin; };
  CHECK(at(layer<"conv2d_1">(*engine)) < at(layer<"block">(*engine)));
  CHECK(at(layer<"block">(*engine)) < at(layer<"head">(*engine)));
  CHECK(sizeof(layer<"block/deep">(*engine).weights) == 16 * 9 * 4);
  CHECK(sizeof(layer<"block/shortcut_conv2d_0">(*engine).weights) == 16 * 4);
  CHECK(&layer<"block/deep">(*engine) == &get<1>(get<0>(layer<"block">(*engine).branches)));
  CHECK(&layer<"block/shortcut_conv2d_0">(*engine) == &get<0>(get<1>(layer<"block">(*engine).branches)));
  layer<"head">(*engine).zero_in = 7;
  auto const& unchanged = *engine;
  CHECK(layer<"head">(unchanged).zero_in == 7);
}
