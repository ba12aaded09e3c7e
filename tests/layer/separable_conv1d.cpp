#include <dyadic/layer/separable_conv1d.hpp>

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>

#include <doctest/doctest.h>

using namespace dyadic;

TEST_CASE("a separable convolution is a depthwise one and one of single taps") {
  constexpr window w{.size = 3, .stride = 2, .padding = padding::same};
  using one_word = sequential<input<8, 3>, separable_conv1d<7, w>, batch_norm, relu>;
  using two = sequential<input<8, 3>, depthwise_conv1d<w>, conv1d<7, window{}>, batch_norm, relu>;
  static_assert(std::is_same_v<one_word::stages, two::stages>);
  static_assert(std::is_same_v<one_word::flow, two::flow>);
  CHECK(one_word::parameter_count == two::parameter_count);
}

TEST_CASE("its words are those of both layers") {
  using narrow = sequential<input<8, 3>, separable_conv1d<7, window{.size = 3}, weights<symmetric<4>>>>;
  using both = sequential<input<8, 3>, depthwise_conv1d<window{.size = 3}, weights<symmetric<4>>>,
                          conv1d<7, window{}, weights<symmetric<4>>>>;
  CHECK(std::is_same_v<narrow::stages, both::stages>);
}

TEST_CASE("dilation and groups of a separable convolution are those of its two layers") {
  constexpr window w{.size = 3, .dilation = 2, .groups = 2};
  using one_word = sequential<input<9, 4>, separable_conv1d<6, w>>;
  using two = sequential<input<9, 4>, depthwise_conv1d<window{.size = 3, .dilation = 2}>,
                         conv1d<6, window{.groups = 2}>>;
  static_assert(std::is_same_v<one_word::stages, two::stages>);
  CHECK(one_word::parameter_count == 3 * 4 + 4 + 6 * 2 + 6);
}
