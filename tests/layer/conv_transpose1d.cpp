#include <dyadic/layer/conv_transpose1d.hpp>

#include "float_gradients.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

namespace {

template <class Second> using behind_first = sequential<input<6, 3>, conv1d<4, window{}>, Second>;

auto second(doubles::spreading const& w, int filters) {
  return [=](reader r, array x, bool) {
    x = doubles::convolution(x, {1, 1}, 4, r.take(12));
    x = doubles::plus_bias(x, r.take(4));
    x = doubles::convolution(x, w, filters, r.take(filters * w.height * w.width * 4 / w.groups));
    return doubles::plus_bias(x, r.take(filters));
  };
}

}  // namespace

TEST_CASE("a transposed convolution in time spreads its input") {
  constexpr window w{.size = 3, .stride = 2};
  float_gradients::check<behind_first<conv_transpose1d<5, w>>>(
      second({{.height = 1, .width = 3, .stride_across = 2}}, 5));
}

TEST_CASE("a transposed convolution in time keeps inputs times stride positions where it says same") {
  constexpr window w{.size = 4, .stride = 2, .padding = padding::same};
  float_gradients::check<behind_first<conv_transpose1d<17, w>>>(
      second({{.height = 1, .width = 4, .same = true, .stride_across = 2}}, 17));
}

TEST_CASE("a transposed convolution in time's stride may be larger than its window") {
  constexpr window w{.size = 2, .stride = 3};
  float_gradients::check<behind_first<conv_transpose1d<4, w>>>(
      second({{.height = 1, .width = 2, .stride_across = 3}}, 4));
}

TEST_CASE("a transposed convolution in time's taps may be apart, its channels in groups") {
  constexpr window w{.size = 3, .stride = 2, .padding = padding::same, .dilation = 2, .groups = 2};
  float_gradients::check<behind_first<conv_transpose1d<6, w>>>(
      second({{.height = 1, .width = 3, .same = true, .dilation = 2, .groups = 2, .stride_across = 2}}, 6));
}

TEST_CASE("it takes a sequence alone and gives one") {
  using twice = conv_transpose1d<2, window{.size = 3, .stride = 2, .padding = padding::same}>;
  static_assert(std::is_same_v<twice::output<shape<6, 3>>, shape<12, 2>>);
  static_assert(!twice::takes<shape<6, 3, 1>>);
  static_assert(!conv_transpose1d<2, window{.size = 3, .padding = padding::causal}>::takes<shape<6, 3>>);
  CHECK(twice::name == fixed_string("conv_transpose1d<2,3,stride 2,same>"));
}
