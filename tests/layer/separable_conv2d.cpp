#include <dyadic/layer/separable_conv2d.hpp>

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>

#include <doctest/doctest.h>

#include <string>

#include <dyadic/network/by_name.hpp>

#include "../deploy/round_trip.hpp"
#include "../network/parity.hpp"
#include "../network/schemes.hpp"

using namespace dyadic;

TEST_CASE("a separable convolution is a depthwise one and one of single taps") {
  constexpr window w{.size = 3, .stride = 2, .padding = padding::same};
  using one_word = sequential<input<6, 5, 3>, separable_conv2d<7, w>, batch_norm, relu>;
  using two = sequential<input<6, 5, 3>, depthwise_conv2d<w>, conv2d<7, window{}>, batch_norm, relu>;
  static_assert(std::is_same_v<one_word::stages, two::stages>);
  static_assert(std::is_same_v<one_word::flow, two::flow>);
  CHECK(one_word::parameter_count == two::parameter_count);
}

TEST_CASE("its words are those of both layers") {
  using narrow = sequential<input<6, 5, 3>, separable_conv2d<7, window{.size = 3}, weights<symmetric<4>>>>;
  using both = sequential<input<6, 5, 3>, depthwise_conv2d<window{.size = 3}, weights<symmetric<4>>>,
                          conv2d<7, window{}, weights<symmetric<4>>>>;
  CHECK(std::is_same_v<narrow::stages, both::stages>);
}

TEST_CASE("dilation and groups of a separable convolution are those of its two layers") {
  constexpr window w{.size = 3, .dilation = 2, .groups = 2};
  using one_word = sequential<input<9, 8, 4>, separable_conv2d<6, w>>;
  using two = sequential<input<9, 8, 4>, depthwise_conv2d<window{.size = 3, .dilation = 2}>,
                         conv2d<6, window{.groups = 2}>>;
  static_assert(std::is_same_v<one_word::stages, two::stages>);
  CHECK(one_word::parameter_count == 9 * 4 + 4 + 6 * 2 + 6);
}

TEST_CASE("under a name its layers are trained, deployed and saved as others are") {
  constexpr window w{.size = 3, .padding = padding::same, .dilation = 2, .groups = 2};
  using net = sequential<input<6, 5, 4>, named<"x", separable_conv2d<6, w>>, batch_norm, relu,
                         residual<named<"inner", separable_conv2d<6, w>>>, flatten, named<"head", dense<3>>>;
  std::string names;
  net::in<trainable<schemes::int8>> engine{seed{1}};
  auto const image = parity::images_of(engine.input_size, 2);
  engine.forward({}, {image.data(), nullptr, 1});
  engine.watch_stages([&](char const* name, auto const*, std::size_t) { names += std::string(name) + " "; });
  CHECK(names ==
        "input x/depthwise_conv2d_1 x/conv2d_2 residual_5/inner/depthwise_conv2d_0 "
        "residual_5/inner/conv2d_1 residual_5 head ");
  CHECK(layer<"x/conv2d_2">(engine).weight.size() == 6 * 2);
  parity::check<net, with<schemes::int8, at<"x/conv2d_2", weights<symmetric<4>>>>>(91);
  round_trip<net, schemes::int8>();
}
