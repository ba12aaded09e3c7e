#include <dyadic/layer/separable_conv2d.hpp>

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>

#include <doctest/doctest.h>

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
