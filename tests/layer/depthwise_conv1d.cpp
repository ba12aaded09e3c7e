#include <dyadic/layer/depthwise_conv1d.hpp>

#include "float_gradients.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

namespace {

template <int Channels, window Window>
using behind_first = sequential<input<10, 2>, conv1d<Channels, window{}>, depthwise_conv1d<Window>>;

auto forward(int channels, doubles::sliding const& w) {
  return [=](reader r, array x, bool) {
    x = doubles::convolution(x, {1, 1}, channels, r.take(2 * channels));
    x = doubles::plus_bias(x, r.take(channels));
    x = doubles::depthwise(x, w, r.take(w.width * channels));
    return doubles::plus_bias(x, r.take(channels));
  };
}

}  // namespace

TEST_CASE("each channel of a sequence has a window of its own") {
  float_gradients::check<behind_first<5, window{.size = 3}>>(forward(5, {1, 3}));
}

TEST_CASE("a causal depthwise convolution's taps may be apart") {
  constexpr window w{.size = 3, .padding = padding::causal, .dilation = 4};
  static_assert(depthwise_conv1d<w>::name == fixed_string("depthwise_conv1d<3,dilation 4,causal>"));
  float_gradients::check<behind_first<19, w>>(
      forward(19, {.height = 1, .width = 3, .dilation = 4, .causal = true}));
}

TEST_CASE("a depthwise convolution in time strides") {
  constexpr window w{.size = 4, .stride = 3, .padding = padding::same, .dilation = 2};
  float_gradients::check<behind_first<7, w>>(
      forward(7, {.height = 1, .width = 4, .stride = 3, .same = true, .dilation = 2}));
}

TEST_CASE("groups of a depthwise convolution in time change nothing") {
  using grouped = depthwise_conv1d<window{.size = 3, .groups = 2}>;
  static_assert(grouped::name == depthwise_conv1d<window{.size = 3}>::name);
  static_assert(grouped::takes<shape<9, 6>> && !grouped::takes<shape<9, 5>>);
  CHECK(grouped::geometry<shape<9, 6>>.groups == 1);
}
