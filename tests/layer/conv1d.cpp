#include <dyadic/layer/conv1d.hpp>

#include "float_gradients.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

namespace {

// A convolution behind another one, so that its gradient by its input shows in the first one's parameters.
template <class Second> using behind_first = sequential<input<11, 3>, conv1d<4, window{}>, Second>;

auto second(doubles::sliding const& w, int filters) {
  return [=](reader r, array x, bool) {
    x = doubles::convolution(x, {1, 1}, 4, r.take(12));
    x = doubles::plus_bias(x, r.take(4));
    x = doubles::convolution(x, w, filters, r.take(filters * w.width * 4 / w.groups));
    return doubles::plus_bias(x, r.take(filters));
  };
}

template <class Layer> using output_of = typename Layer::template output<shape<11, 4>>;

}  // namespace

TEST_CASE("a convolution in time has the steps that its border leaves") {
  static_assert(std::is_same_v<output_of<conv1d<5, window{.size = 3}>>, shape<9, 5>>);
  static_assert(std::is_same_v<output_of<conv1d<5, window{.size = 3, .dilation = 4}>>, shape<3, 5>>);
  static_assert(std::is_same_v<output_of<conv1d<5, window{.size = 3, .stride = 2, .padding = padding::same}>>,
                               shape<6, 5>>);
  static_assert(
      std::is_same_v<output_of<conv1d<5, window{.size = 3, .stride = 2, .padding = padding::causal}>>,
                     shape<6, 5>>);
  static_assert(!conv1d<5, window{.size = 3, .dilation = 6}>::takes<shape<11, 4>>);
  static_assert(!conv1d<6, window{.size = 3, .groups = 3}>::takes<shape<11, 4>>);
  static_assert(!conv1d<5, window{.size = 3}>::takes<shape<11, 4, 2>>);
  static_assert(!conv1d<5, window{.size = 3}>::takes<shape<11>>);
  static_assert(!conv1d<5, window{.size = 3, .stride = 0}>::takes<shape<11, 4>>);
}

TEST_CASE("its name says what is not plain") {
  using all =
      conv1d<4, window{.size = 3, .stride = 2, .padding = padding::causal, .dilation = 5, .groups = 2}>;
  static_assert(all::name == fixed_string("conv1d<4,3,stride 2,dilation 5,groups 2,causal>"));
  static_assert(conv1d<4, window{.size = 3}>::name == fixed_string("conv1d<4,3>"));
  CHECK(all::name.size() != 0);
}

TEST_CASE("a convolution in time stays inside") {
  float_gradients::check<behind_first<conv1d<5, window{.size = 3}>>>(second({1, 3}, 5));
}
TEST_CASE("a convolution in time strides and pads") {
  constexpr window w{.size = 4, .stride = 2, .padding = padding::same};
  float_gradients::check<behind_first<conv1d<17, w>>>(second({1, 4, 2, true}, 17));
}
TEST_CASE("a causal convolution is padded before its first step, its taps apart") {
  constexpr window w{.size = 3, .padding = padding::causal, .dilation = 3};
  float_gradients::check<behind_first<conv1d<6, w>>>(
      second({.height = 1, .width = 3, .dilation = 3, .causal = true}, 6));
}
TEST_CASE("groups of channels are convolved in time alone") {
  constexpr window w{.size = 3, .stride = 2, .padding = padding::causal, .dilation = 2, .groups = 2};
  float_gradients::check<behind_first<conv1d<6, w>>>(
      second({.height = 1, .width = 3, .stride = 2, .dilation = 2, .groups = 2, .causal = true}, 6));
}

TEST_CASE("a causal convolution sees no later step") {
  using net =
      sequential<input<9, 2>, conv1d<3, window{.size = 3, .padding = padding::causal, .dilation = 2}>>;
  net::in<float32> engine{seed{3}};
  auto x = float_gradients::reals(engine.input_size, 4);
  float const* const first = engine.forward({}, {nullptr, x.data(), 1});
  std::vector<float> const before(first, first + engine.output_size);
  for (std::size_t i = 5 * 2; i < x.size(); ++i) x[i] += 1;
  float const* const y = engine.forward({}, {nullptr, x.data(), 1});
  bool later_moved = false;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (i < 5 * 3)
      CHECK(y[i] == before[i]);
    else
      later_moved = later_moved || y[i] != before[i];
  }
  CHECK(later_moved);
}
