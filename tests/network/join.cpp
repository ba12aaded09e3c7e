#include <dyadic/network/join.hpp>

#include "../layer/fake_quantized.hpp"
#include "../layer/float_gradients.hpp"
#include "joins.hpp"

using namespace dyadic;
using doubles::array;
using doubles::reader;

namespace {

constexpr doubles::sliding three{3, 3, 1, true}, one{1, 1};

template <class Layer, int... Extents>
using after = typename sequential<input<Extents...>, Layer>::output_shape;
template <class A, class B> inline constexpr bool same = std::is_same_v<A, B>;

static_assert(same<after<concat<identity, conv2d<5, window{}>>, 6, 4, 3>, shape<6, 4, 8>>);
static_assert(same<after<concat<identity, identity, identity>, 6, 4>, shape<6, 12>>);
static_assert(same<after<concat<identity, dense<2>>, 6>, shape<8>>);
static_assert(same<after<multiply<global_average_pool, identity>, 6, 4, 3>, shape<6, 4, 3>>);
static_assert(same<after<multiply<conv2d<1, window{}>, identity>, 6, 4, 3>, shape<6, 4, 3>>);
static_assert(same<after<multiply<conv2d<1, window{}>, global_average_pool>, 6, 4, 3>, shape<6, 4, 3>>);
static_assert(multiply<identity, identity>::joins<shape<5, 1>, shape<3>> &&
              same<multiply<identity, identity>::output<shape<5, 1>, shape<3>>, shape<5, 3>>);
static_assert(!multiply<identity, identity>::joins<shape<5, 2>, shape<3>>);
static_assert(!concat<identity, identity>::joins<shape<5, 2>, shape<4, 2>> &&
              !concat<identity, identity>::joins<shape<5, 2>, shape<2>>);
static_assert(!add<identity, identity>::joins<shape<5, 2>, shape<10>>);

// Words stand behind the branches; branches and their layers may have names.
using worded = sequential<
    input<6, 4, 3>,
    named<"sum", add<named<"left", branch<conv2d<3, window{}>>>, identity, activations<affine<4>>>>>;
static_assert(
    worded::in<trainable<with<scheme, at<"sum", outputs<symmetric<8>>>>>>::body::output_format::bits == 8);

array side_by_side(std::vector<array> const& parts) {
  array y = parts.front();
  y.channels = 0;
  for (array const& part : parts) y.channels += part.channels;
  y = doubles::zeros(y.images, y.height, y.width, y.channels);
  for (int n = 0; n < y.images; ++n)
    for (int row = 0; row < y.height; ++row)
      for (int column = 0; column < y.width; ++column) {
        int to = 0;
        for (array const& part : parts)
          for (int c = 0; c < part.channels; ++c) y(n, row, column, to++) = part(n, row, column, c);
      }
  return y;
}

/// The second may have one row, column or channel for all.
array product(array a, array const& b) {
  for (int n = 0; n < a.images; ++n)
    for (int row = 0; row < a.height; ++row)
      for (int column = 0; column < a.width; ++column)
        for (int c = 0; c < a.channels; ++c)
          a(n, row, column, c) *=
              b(n, b.height == 1 ? 0 : row, b.width == 1 ? 0 : column, b.channels == 1 ? 0 : c);
  return a;
}

array biased(reader& r, array const& x, doubles::sliding w, int filters) {
  array const y = doubles::convolution(x, w, filters, r.take(filters * w.height * w.width * x.channels));
  return doubles::plus_bias(y, r.take(filters));
}
array normed(reader& r, array const& x, doubles::sliding w, int filters, bool batch) {
  array const y = doubles::convolution(x, w, filters, r.take(filters * w.height * w.width * x.channels));
  return doubles::batch_norm(y, r.take(4 * filters), batch);
}
array pooled(array const& x) { return doubles::average_pool(x, {x.height, x.width}); }

array sums_in_doubles(reader r, array const& x, bool batch) {
  array const entry = biased(r, x, one, 4);
  array const a = doubles::relu(normed(r, entry, three, 4, batch));
  array b = doubles::depthwise(entry, three, r.take(36));
  b = doubles::plus_bias(b, r.take(4));
  array const y = doubles::flattened(doubles::relu(doubles::sum(doubles::sum(entry, a), b)));
  array const left = biased(r, y, one, 3);
  return doubles::sum(left, biased(r, doubles::relu(biased(r, y, one, 6)), one, 3));
}

array inception_in_doubles(reader r, array const& x, bool batch) {
  array const entry = doubles::relu(biased(r, x, three, 5));
  array const point = doubles::relu(normed(r, entry, one, 3, batch));
  array const small = doubles::relu(biased(r, entry, one, 2));
  array const wide = biased(r, small, three, 4);
  array const pool = normed(r, doubles::max_pool(entry, three), one, 2, batch);
  array const y = doubles::relu6(side_by_side({point, wide, pool, entry}));
  return biased(r, side_by_side({pooled(y), doubles::max_pool(y, {6, 6, 6})}), one, 4);
}

array squeezed_in_doubles(reader r, array const& x, bool batch) {
  array const entry = doubles::relu(normed(r, x, three, 6, batch));
  array const a = normed(r, entry, three, 6, batch);
  array const gates = doubles::relu6(biased(r, doubles::relu(biased(r, pooled(a), one, 8)), one, 6));
  return biased(r, pooled(doubles::relu(doubles::sum(product(a, gates), entry))), one, 4);
}

array attention_in_doubles(reader r, array const& x, bool) {
  array const entry = doubles::relu(biased(r, x, three, 5));
  array const y = product(entry, doubles::relu6(biased(r, entry, three, 1)));
  array const a = biased(r, y, one, 3);
  array const b = doubles::relu(biased(r, y, one, 3));
  return biased(r, doubles::flattened(doubles::relu(product(a, b))), one, 3);
}

using fake_quantized::finish;
using fake_quantized::relu;
using fake_quantized::relu6;
using fake_quantized::walker;

/// One rounding of reals that were computed from codes.
array round(walker& w, array const& x, fake_quantized::bounds active = {}, bool last = false) {
  return w.add(x, doubles::zeros(x.images, x.height, x.width, x.channels), active, last);
}

array walk_sums(walker& w, array const& x) {
  array const entry = w.linear(w.encode(x), one, 4, finish::bias);
  array const a = w.linear(entry, three, 4, finish::norm, relu);
  array const b = w.depthwise(entry, three, finish::bias);
  array const y = doubles::flattened(round(w, doubles::sum(doubles::sum(entry, a), b), relu));
  array const left = w.linear(y, one, 3, finish::bias);
  array const right = w.linear(w.linear(y, one, 6, finish::bias, relu), one, 3, finish::bias);
  return round(w, doubles::sum(left, right), {}, true);
}

array walk_inception(walker& w, array const& x) {
  array const entry = w.linear(w.encode(x), three, 5, finish::bias, relu);
  array const point = w.linear(entry, one, 3, finish::norm, relu);
  array const wide = w.linear(w.linear(entry, one, 2, finish::bias, relu), three, 4, finish::bias);
  array const pool = w.linear(w.max_pool(entry, three), one, 2, finish::norm);
  array const y = round(w, side_by_side({point, wide, pool, entry}), relu6);
  array const mean = w.average_pool(y, {6, 7});
  array const largest = w.max_pool(y, {6, 6, 6});
  return w.linear(round(w, side_by_side({mean, largest})), one, 4, finish::bias, {}, true);
}

array walk_squeezed(walker& w, array const& x) {
  array const entry = w.linear(w.encode(x), three, 6, finish::norm, relu);
  array const a = w.linear(entry, three, 6, finish::norm);
  array const small = w.linear(w.average_pool(a, {5, 4}), one, 8, finish::bias, relu);
  array const gated = round(w, product(a, w.linear(small, one, 6, finish::bias, relu6)));
  array const y = w.add(gated, entry, relu);
  return w.linear(w.average_pool(y, {5, 4}), one, 4, finish::bias, {}, true);
}

template <class Activations> struct of : scheme {
  using activations = Activations;
};

}  // namespace

TEST_CASE_TEMPLATE("the gradients of meeting codes are those of the straight-through definition", Scheme,
                   of<affine<8>>, of<symmetric<3, per_tensor, range::percentile<range::percent{90}>>>,
                   of<affine<4, per_tensor, range::lsq>>) {
  fake_quantized::check<joins::sums, Scheme>(walk_sums, true);
  fake_quantized::check<joins::inception, Scheme>(walk_inception, false);
  fake_quantized::check<joins::squeeze_and_excitation, Scheme>(walk_squeezed, true);
}

TEST_CASE("branches are added, any number of them") {
  float_gradients::check<joins::sums>(sums_in_doubles, false);
  float_gradients::check<joins::sums>(sums_in_doubles, true);
}

TEST_CASE("branches stand side by side along the channels") {
  float_gradients::check<joins::inception>(inception_in_doubles, false);
  float_gradients::check<joins::inception>(inception_in_doubles, true);
}

TEST_CASE("branches are multiplied, and the narrower one meets every pixel or channel of the other") {
  float_gradients::check<joins::squeeze_and_excitation>(squeezed_in_doubles, false);
  float_gradients::check<joins::squeeze_and_excitation>(squeezed_in_doubles, true);
  float_gradients::check<joins::attention>(attention_in_doubles, false);
}
