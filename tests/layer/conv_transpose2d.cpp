#include <dyadic/layer/conv_transpose2d.hpp>

#include "float_gradients.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

namespace {

template <class Second> using behind_first = sequential<input<4, 3, 3>, conv2d<4, window{}>, Second>;

auto second(doubles::spreading const& w, int filters) {
  return [=](reader r, array x, bool) {
    x = doubles::convolution(x, {1, 1}, 4, r.take(12));
    x = doubles::plus_bias(x, r.take(4));
    x = doubles::convolution(x, w, filters, r.take(filters * w.height * w.width * 4 / w.groups));
    return doubles::plus_bias(x, r.take(filters));
  };
}

}  // namespace

TEST_CASE("a transposed convolution spreads its input") {
  constexpr window w{.size = 3, .stride = 2};
  float_gradients::check<behind_first<conv_transpose2d<5, w>>>(
      second({{.height = 3, .width = 3, .stride = 2}}, 5));
}

TEST_CASE("a transposed convolution keeps inputs times stride positions where it says same") {
  constexpr window w{.size = 4, .stride = 2, .padding = padding::same};
  float_gradients::check<behind_first<conv_transpose2d<17, w>>>(
      second({{.height = 4, .width = 4, .stride = 2, .same = true}}, 17));
}

TEST_CASE("a transposed convolution's stride may be larger than its window") {
  constexpr window w{.size = 2, .stride = 3};
  float_gradients::check<behind_first<conv_transpose2d<4, w>>>(
      second({{.height = 2, .width = 2, .stride = 3}}, 4));
}

TEST_CASE("a transposed convolution's taps may be apart, its channels in groups") {
  constexpr window w{
      .stride = 2, .padding = padding::same, .dilation = 2, .groups = 2, .height = 2, .width = 3};
  float_gradients::check<behind_first<conv_transpose2d<6, w>>>(
      second({{.height = 2, .width = 3, .stride = 2, .same = true, .dilation = 2, .groups = 2}}, 6));
}

TEST_CASE("it has TensorFlow's shapes") {
  using valid = conv_transpose2d<2, window{.size = 3, .stride = 2}>;
  using same = conv_transpose2d<2, window{.size = 3, .padding = padding::same, .stride_height = 3}>;
  static_assert(std::is_same_v<valid::output<shape<4, 5, 3>>, shape<9, 11, 2>>);
  static_assert(std::is_same_v<same::output<shape<4, 5, 3>>, shape<12, 5, 2>>);
  static_assert(valid::name == fixed_string("conv_transpose2d<2,3x3,stride 2>"));
  static_assert(!conv_transpose2d<3, window{.size = 3, .groups = 3}>::takes<shape<4, 5, 4>>);
  static_assert(!valid::takes<shape<4, 5>>);
  CHECK(same::geometry<shape<4, 5, 3>>.stride_height == 1);
}
