#include <dyadic/layer/depthwise_conv2d.hpp>

#include "float_gradients.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

namespace {

template <int Channels, window Window>
using behind_first =
    sequential<input<6, 7, 2>, conv2d<Channels, window{.size = 1}>, depthwise_conv2d<Window>>;

auto forward(int channels, doubles::sliding const& w) {
  return [=](reader r, array x, bool) {
    x = doubles::convolution(x, {1, 1}, channels, r.take(2 * channels));
    x = doubles::plus_bias(x, r.take(channels));
    x = doubles::depthwise(x, w, r.take(w.height * w.width * channels));
    return doubles::plus_bias(x, r.take(channels));
  };
}

}  // namespace

TEST_CASE("each channel has a window of its own") {
  float_gradients::check<behind_first<5, window{.size = 3}>>(forward(5, {3, 3}));
}

TEST_CASE("a depthwise convolution strides and pads") {
  constexpr window w{.stride = 2, .padding = padding::same, .height = 2, .width = 3};
  float_gradients::check<behind_first<19, w>>(forward(19, {2, 3, 2, true}));
}

TEST_CASE("a depthwise convolution's taps may be apart, whatever its stride") {
  float_gradients::check<behind_first<5, window{.size = 3, .dilation = 2}>>(
      forward(5, {.height = 3, .width = 3, .dilation = 2}));
  constexpr window w{.size = 3, .stride = 2, .padding = padding::same, .dilation = 2};
  float_gradients::check<behind_first<5, w>>(
      forward(5, {.height = 3, .width = 3, .stride = 2, .same = true, .dilation = 2}));
}

TEST_CASE("groups of a depthwise convolution change nothing, and divide its channels") {
  using grouped = depthwise_conv2d<window{.size = 3, .dilation = 2, .groups = 3}>;
  using plain = depthwise_conv2d<window{.size = 3, .dilation = 2}>;
  static_assert(grouped::name == plain::name);
  static_assert(grouped::geometry<shape<9, 8, 6>>.groups == 1);
  static_assert(grouped::takes<shape<9, 8, 6>> && !grouped::takes<shape<9, 8, 4>>);
  float_gradients::check<sequential<input<6, 7, 4>, depthwise_conv2d<window{.size = 2, .groups = 2}>>>(
      [](reader r, array x, bool) {
        x = doubles::depthwise(x, {2, 2}, r.take(16));
        return doubles::plus_bias(x, r.take(4));
      });
}
