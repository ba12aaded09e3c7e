#include <dyadic/layer/linear_weights.hpp>

#include <memory>
#include <vector>

#include "fake_quantized.hpp"

using namespace dyadic;
using fake_quantized::array;
using fake_quantized::finish;
using fake_quantized::walker;

namespace {

constexpr kernel::weight_shape shape{.outputs = 3, .segments = 1, .depth = 22};
template <class Quantizer> using weights_as = linear_weights<weight_quantizer<Quantizer>, shape, false>;

/// What a layer's weights become.
template <class Weights> struct encoded {
  std::vector<float> stored = std::vector<float>(Weights::scales);
  float row_scales[3];
  std::int8_t codes[Weights::count];
  typename Weights::group_memory groups;

  explicit encoded(std::vector<float> const& weight) {
    Weights::place(weight.data(), stored.data());
    for (std::size_t c = 0; c < 3; ++c) row_scales[c] = Weights::row_scale(stored.data(), c, groups);
    Weights::encode_all(weight.data(), row_scales, codes, groups);
  }
};

/// Groups of very different size, one of zeros.
std::vector<float> two_sizes(std::uint64_t seed) {
  generator random = generator::from({seed});
  std::vector<float> weight(3 * 22);
  for (std::size_t i = 0; i < weight.size(); ++i) {
    float const size = i / 22 == 1 && i % 22 / 8 == 1 ? 0.0F : i % 22 / 8 == 0 ? 1.0F : 0.03F;
    weight[i] = size * random.normal();
  }
  return weight;
}

constexpr window strided{.size = 3, .stride = 2, .padding = padding::same};
using network =
    sequential<input<6, 7, 3>, conv2d<5, strided>, relu6, flatten, dense<6>, batch_norm, dense<4>>;

array walk(walker& w, array const& x) {
  array y = w.linear(w.encode(x), {3, 3, 2, true}, 5, finish::bias, fake_quantized::relu6);
  y = w.linear(doubles::flattened(y), {1, 1}, 6, finish::norm);
  return w.linear(y, {1, 1}, 4, finish::bias, {}, true);
}

template <class Weights> struct of : scheme {
  using weights = Weights;
};

}  // namespace

TEST_CASE(
    "a group's scale is the least multiple of its channel's unit that covers it, and codes are nearest") {
  using weights = weights_as<symmetric<4, per_group<8>>>;
  static_assert(weights::groups == 3 && weights::scales == 9 && weights::largest_factor == 255);
  for (std::uint64_t seed = 1; seed < 20; ++seed) {
    INFO("seed ", seed);
    auto const weight = two_sizes(seed);
    encoded<weights> const made(weight);
    for (std::size_t c = 0; c < 3; ++c) {
      double unit = 0;
      for (std::size_t i = 0; i < 22; ++i)
        unit = std::max(unit, std::fabs(double{weight[c * 22 + i]}) / 7 / 255);
      CHECK(std::fabs(double{made.row_scales[c]} - unit) <= 1e-6 * unit);
      for (std::size_t g = 0; g < 3; ++g) {
        double largest = 0;
        for (std::size_t i = g * 8; i < g * 8 + 8 && i < 22; ++i)
          largest = std::max(largest, std::fabs(double{weight[c * 22 + i]}));
        int const factor = made.groups.factors[c * 3 + g];
        double const scale = factor * double{made.row_scales[c]};
        if (largest > 0) {
          CHECK(scale * 7 >= largest * (1 - 1e-6));
          CHECK((factor - 1) * double{made.row_scales[c]} * 7 <= largest * (1 + 1e-6));
        }
        for (std::size_t i = g * 8; i < g * 8 + 8 && i < 22; ++i) {
          std::size_t const at = c * 22 + i;
          CHECK(std::fabs(double{weight[at]} - scale * made.codes[at]) <= scale / 2 * (1 + 1e-5));
          CHECK(made.groups.products[at] == factor * made.codes[at]);
        }
      }
    }
  }
}

TEST_CASE("groups of small weights are not lost beside large ones") {
  auto const weight = two_sizes(3);
  auto const error = [&](auto const& made, std::size_t at, int factor) {
    double const off = double{weight[at]} - double{made.row_scales[at / 22]} * factor * made.codes[at];
    return off * off;
  };
  encoded<weights_as<symmetric<4, per_group<8>>>> const grouped(weight);
  encoded<weights_as<symmetric<4>>> const plain(weight);
  double with = 0, without = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) {
    if (i % 22 / 8 == 0) continue;  // the large ones
    with += error(grouped, i, grouped.groups.factors[i / 22 * 3 + i % 22 / 8]);
    without += error(plain, i, 1);
  }
  CHECK(with < 0.02 * without);
}

TEST_CASE("weights of zeros have a scale and no code") {
  encoded<weights_as<symmetric<4, per_group<8>, range::lsq>>> const learned(std::vector<float>(66));
  encoded<weights_as<symmetric<4, per_group<8>>>> const observed(std::vector<float>(66));
  for (std::size_t i = 0; i < 66; ++i) CHECK((learned.codes[i] == 0 && observed.codes[i] == 0));
  for (float const scale : learned.row_scales) CHECK(scale > 0);
  for (float const scale : observed.row_scales) CHECK(scale > 0);
}

TEST_CASE("a group of zeros beside others has no say in their scales") {
  auto const weight = two_sizes(4);
  encoded<weights_as<symmetric<4, per_group<8>, range::lsq>>> const made(weight);
  float const others = std::max(made.stored[3], made.stored[5]);
  CHECK(made.stored[4] <= others);
}

TEST_CASE_TEMPLATE("the gradients of weights in groups are those of the straight-through definition", Scheme,
                   of<symmetric<4, per_group<8>>>, of<symmetric<3, per_group<12, 5>, range::lsq>>) {
  fake_quantized::check<network, Scheme>(walk, true, 1);
  fake_quantized::check<network, Scheme>(walk, false, 2);
}
