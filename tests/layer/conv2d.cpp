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
auto second(doubles::sliding w, int filters) {
  return [=](reader r, array x, bool) {
    x = first(r, x);
    x = doubles::convolution(x, w, filters, r.take(filters * w.height * w.width * 4));
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
