#include <dyadic/layer/conv2d.hpp>

#include "float_gradients.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

namespace {

// A convolution behind another one, so that its gradient by its input shows in the first one's parameters.
template <class Second> using behind_first = sequential<input<7, 6, 3>, conv2d<4, window{.size = 1}>, Second>;

array first(reader& r, array const& x) {
  array const y = doubles::convolution(x, {1, 1}, 4, r.take(12));
  return doubles::plus_bias(y, r.take(4));
}
auto second(doubles::sliding const& w, int filters) {
  return [=](reader r, array x, bool) {
    x = first(r, x);
    x = doubles::convolution(x, w, filters, r.take(filters * w.height * w.width * 4 / w.groups));
    return doubles::plus_bias(x, r.take(filters));
  };
}

}  // namespace

TEST_CASE("a convolution stays inside") {
  float_gradients::check<behind_first<conv2d<5, window{.size = 3}>>>(second({3, 3}, 5));
}

TEST_CASE("a convolution strides and pads, the larger half at the bottom and right") {
  constexpr window w{.size = 4, .stride = 2, .padding = padding::same};
  float_gradients::check<behind_first<conv2d<17, w>>>(second({4, 4, 2, true}, 17));
}

TEST_CASE("a convolution's window may be oblong and its stride larger than itself") {
  constexpr window w{.stride = 3, .height = 2, .width = 5};
  float_gradients::check<behind_first<conv2d<3, w>>>(second({2, 5, 3}, 3));
}

TEST_CASE("a convolution over the whole image has one position") {
  float_gradients::check<behind_first<conv2d<2, window{.height = 7, .width = 6}>>>(second({7, 6}, 2));
}

TEST_CASE("a convolution's taps may be apart, whatever its stride") {
  constexpr window w{.size = 3, .stride = 2, .padding = padding::same, .dilation = 2};
  float_gradients::check<behind_first<conv2d<5, w>>>(
      second({.height = 3, .width = 3, .stride = 2, .same = true, .dilation = 2}, 5));
}

TEST_CASE("a convolution's groups see their channels alone") {
  float_gradients::check<behind_first<conv2d<6, window{.size = 2, .dilation = 2, .groups = 2}>>>(
      second({.height = 2, .width = 2, .dilation = 2, .groups = 2}, 6));
  float_gradients::check<behind_first<conv2d<8, window{.size = 1, .groups = 4}>>>(
      second({.height = 1, .width = 1, .groups = 4}, 8));
}

TEST_CASE("a convolution's strides may differ") {
  constexpr window w{.size = 3, .padding = padding::same, .stride_height = 3, .stride_width = 2};
  static_assert(conv2d<4, w>::name == fixed_string("conv2d<4,3x3,stride 3x2,same>"));
  float_gradients::check<behind_first<conv2d<4, w>>>(
      second({.height = 3, .width = 3, .stride = 3, .same = true, .stride_across = 2}, 4));
}

TEST_CASE("a convolution takes no image that its window or groups do not fit") {
  static_assert(conv2d<4, window{.size = 3, .dilation = 3}>::takes<shape<7, 7, 4>>);
  static_assert(!conv2d<4, window{.size = 3, .dilation = 3}>::takes<shape<7, 6, 4>>);
  static_assert(!conv2d<9, window{.size = 3, .groups = 3}>::takes<shape<7, 7, 4>>);
  static_assert(!conv2d<4, window{.size = 3}>::takes<shape<7, 4>>);
  static_assert(!conv2d<4, window{.size = 3, .padding = padding::causal}>::takes<shape<7, 7, 4>>);
  CHECK(conv2d<4, window{.size = 3, .dilation = 3}>::geometry<shape<8, 7, 4>>.out_height == 2);
}
