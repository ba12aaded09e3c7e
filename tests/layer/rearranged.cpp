#include <dyadic/layer/rearranged.hpp>

#include "../deploy/round_trip.hpp"
#include "../network/parity.hpp"
#include "../network/schemes.hpp"
#include "fake_quantized.hpp"
#include "float_gradients.hpp"
#include "rearranged.hpp"

#include <numeric>

using namespace dyadic;
using namespace schemes;
using doubles::array;
using doubles::reader;

namespace {

array padded(array const& x, int top, int bottom, int left, int right) {
  array y = doubles::zeros(x.images, x.height + top + bottom, x.width + left + right, x.channels);
  for (int n = 0; n < x.images; ++n)
    for (int row = 0; row < x.height; ++row)
      for (int column = 0; column < x.width; ++column)
        for (int c = 0; c < x.channels; ++c) y(n, row + top, column + left, c) = x(n, row, column, c);
  return y;
}
array cropped(array const& x, int top, int bottom, int left, int right) {
  array y = doubles::zeros(x.images, x.height - top - bottom, x.width - left - right, x.channels);
  for (int n = 0; n < y.images; ++n)
    for (int row = 0; row < y.height; ++row)
      for (int column = 0; column < y.width; ++column)
        for (int c = 0; c < y.channels; ++c) y(n, row, column, c) = x(n, row + top, column + left, c);
  return y;
}
array repeated(array const& x, int rows, int columns) {
  array y = doubles::zeros(x.images, x.height * rows, x.width * columns, x.channels);
  for (int n = 0; n < x.images; ++n)
    for (int row = 0; row < x.height; ++row)
      for (int column = 0; column < x.width; ++column)
        for (int c = 0; c < x.channels; ++c)
          for (int i = 0; i < rows; ++i)
            for (int j = 0; j < columns; ++j)
              y(n, row * rows + i, column * columns + j, c) = x(n, row, column, c);
  return y;
}
/// permute<2, 0, 1>: channels first.
array channels_first(array const& x) {
  array y = doubles::zeros(x.images, x.channels, x.height, x.width);
  for (int n = 0; n < x.images; ++n)
    for (int row = 0; row < x.height; ++row)
      for (int column = 0; column < x.width; ++column)
        for (int c = 0; c < x.channels; ++c) y(n, c, row, column) = x(n, row, column, c);
  return y;
}
array shaped(array x, int height, int width, int channels) {
  return {x.images, height, width, channels, std::move(x.values)};
}
array biased(reader& r, array const& x, doubles::sliding w, int filters) {
  array const y = doubles::convolution(x, w, filters, r.take(filters * w.height * w.width * x.channels));
  return doubles::plus_bias(y, r.take(filters));
}

array padded_in_doubles(reader r, array const& x, bool) {
  array const a = padded(doubles::relu(biased(r, x, {1, 1}, 3)), 1, 2, 0, 3);
  array const b = doubles::relu(cropped(biased(r, a, {2, 2}, 2), 1, 0, 2, 1));
  return biased(r, doubles::flattened(b), {1, 1}, 3);
}
array grown_in_doubles(reader r, array const& x, bool) {
  array const a = doubles::relu(biased(r, repeated(biased(r, x, {1, 1}, 3), 2, 3), {2, 2}, 2));
  array const b = shaped(channels_first(repeated(a, 1, 2)), 4, 5, 11);
  return biased(r, doubles::flattened(biased(r, b, {2, 2}, 3)), {1, 1}, 3);
}

template <class Layer, int... Extents>
using after = typename sequential<input<Extents...>, Layer>::output_shape;
template <class A, class B> inline constexpr bool same = std::is_same_v<A, B>;

static_assert(same<after<zero_pad<margins{1, 2, 3, 4}>, 5, 6, 7>, shape<8, 13, 7>>);
static_assert(same<after<zero_pad<margins{.left = 3}>, 6, 7>, shape<9, 7>>);
static_assert(same<after<zero_pad<all_around(2)>, 5, 6, 7>, shape<9, 10, 7>>);
static_assert(same<after<crop<margins{1, 2, 3, 1}>, 5, 6, 7>, shape<2, 2, 7>>);
static_assert(same<after<crop<margins{.right = 2}>, 6, 7>, shape<4, 7>>);
static_assert(same<after<upsampling<2>, 5, 6, 7>, shape<10, 12, 7>>);
static_assert(same<after<upsampling<2>, 6, 7>, shape<12, 7>>);
static_assert(same<after<permute<2, 0, 1>, 5, 6, 7>, shape<7, 5, 6>>);
static_assert(same<after<permute<1, 0>, 6, 7>, shape<7, 6>>);
static_assert(same<sequential<input<4, 6>, dense<2>, reshape<2, -1>, relu>::output_shape, shape<2, 4>>);
static_assert(!crop<all_around(2)>::takes<shape<4, 5, 1>> && !zero_pad<all_around(1)>::takes<shape<4, 5>>);
static_assert(!permute<1, 0>::takes<shape<4, 5, 1>> && !reshape<3, 3>::takes<shape<4, 2>>);
static_assert(!reshape<3, -1>::takes<shape<4, 2>> && !upsampling<2>::takes<shape<4>>);

}  // namespace

TEST_CASE("numbers move and their gradients move back") {
  float_gradients::check<rearranged::padded>(padded_in_doubles);
  float_gradients::check<rearranged::grown>(grown_in_doubles);
}

TEST_CASE("the axes of a permutation are NumPy's") {
  using net = sequential<input<2, 3, 4>, permute<1, 2, 0>>;
  net::in<float32> engine{seed{1}};
  std::vector<float> x(24);
  std::iota(x.begin(), x.end(), 0.0F);
  float const* const y = engine.forward({}, {nullptr, x.data(), 1});
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 4; ++j)
      for (int k = 0; k < 2; ++k) CHECK(y[(i * 4 + j) * 2 + k] == static_cast<float>((k * 3 + i) * 4 + j));
}

TEST_CASE("padding of codes is the zero point, so that it is zero") {
  using net = sequential<input<2, 2, 1>, zero_pad<all_around(1)>>;
  net::in<trainable<int8>> engine{seed{1}};
  std::vector<float> const x{-1, 2, 3, 0.5F};
  float const* const y = engine.forward({.observe = true}, {nullptr, x.data(), 1});
  for (int row = 0; row < 4; ++row)
    for (int column = 0; column < 4; ++column) {
      bool const inside = row > 0 && row < 3 && column > 0 && column < 3;
      auto const wanted = inside ? double{x[static_cast<std::size_t>((row - 1) * 2 + column - 1)]} : 0.0;
      CHECK(double{y[row * 4 + column]} == doctest::Approx(wanted).epsilon(0.02));
      if (!inside) CHECK(y[row * 4 + column] == 0);
    }
}

TEST_CASE_TEMPLATE("codes that were moved are the deployed ones", Scheme, int8, four_bits, by_shifts,
                   three_valued, as_tflite) {
  parity::check<rearranged::padded, Scheme>(41);
  parity::check<rearranged::grown, Scheme>(42);
}

TEST_CASE("the zero that is put in is saved and loaded") {
  round_trip<rearranged::padded, int8>();
  round_trip<rearranged::grown, four_bits>();
}
