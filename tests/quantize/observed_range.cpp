#include <dyadic/quantize/observed_range.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include <dyadic/quantize/weight_grid.hpp>

#include "watching.hpp"

using namespace dyadic;
using ranges::same;
using ranges::sample;
using ranges::split;
using ranges::watching;

namespace {

using affine8 = grid::affine<8>;
using symmetric8 = grid::symmetric<8>;
using symmetric4 = grid::symmetric<4>;

/// What a value becomes on a grid of these reals: the nearest.
double nearest(std::vector<double> const& reals, double value) {
  return *std::min_element(reals.begin(), reals.end(),
                           [value](double a, double b) { return std::abs(a - value) < std::abs(b - value); });
}

constexpr int bins = 512;

/// The Kullback-Leibler divergence of the first `kept` bins, with what lies beyond counted in the last of
/// them, from themselves in `levels` groups, each spread evenly over its bins that are not empty.
double divergence(std::vector<double> const& counts, int kept, int levels) {
  std::vector<double> p(counts.begin(), counts.begin() + kept);
  for (int i = kept; i < bins; ++i) p.back() += counts[static_cast<std::size_t>(i)];
  std::vector<double> q(p.size(), 0.0);
  for (int level = 0; level < levels; ++level) {
    auto const first = static_cast<std::size_t>(level * kept / levels);
    auto const last = static_cast<std::size_t>((level + 1) * kept / levels);
    double total = 0, occupied = 0;
    for (std::size_t i = first; i < last; ++i) total += counts[i], occupied += p[i] > 0 ? 1 : 0;
    for (std::size_t i = first; i < last; ++i)
      if (p[i] > 0) q[i] = total / occupied;
  }
  double p_sum = 0, q_sum = 0, sum = 0;
  for (double const share : p) p_sum += share;
  for (double const share : q) q_sum += share;
  if (q_sum == 0) return HUGE_VAL;
  for (std::size_t i = 0; i < p.size(); ++i)
    if (p[i] > 0) sum += p[i] / p_sum * std::log(p[i] / p_sum / std::max(q[i] / q_sum, std::exp2(-40)));
  return sum;
}

/// How many bins the best threshold keeps, of every eighth from the whole down to one bin a level.
int best_threshold(std::vector<double> const& counts, int levels) {
  int best = bins;
  for (int kept = bins - 8; kept >= levels; kept -= 8)
    if (divergence(counts, kept, levels) < divergence(counts, best, levels)) best = kept;
  return best;
}

/// Magnitudes in the middle of bins of [0, largest], most of them small, and the largest itself.
struct long_tail {
  std::vector<float> magnitudes;
  std::vector<double> counts = std::vector<double>(bins);

  long_tail(std::uint64_t seed, double spread, float largest) {
    auto random = generator::from({seed});
    for (int i = 0; i < 30'000; ++i) {
      double const bin = std::min(-std::log(1 - double{random.uniform(0, 1)}) * spread, bins - 1.0);
      magnitudes.push_back(largest * (std::floor(static_cast<float>(bin)) + 0.5F) / bins);
      ++counts[static_cast<std::size_t>(bin)];
    }
    magnitudes.push_back(largest);
    ++counts.back();
  }
};

}  // namespace

TEST_CASE("last_value has the bounds of the last batch, all_values those of every batch") {
  ranges::batches const seen{{1, 9}, {-4, 2}, {-1, 0.5F}};
  same(watching<range::last_value>{}.after<affine8>(seen), affine8::fit({-1, 0.5F}));
  same(watching<range::last_value>{}.after<symmetric4>(seen), symmetric4::fit({-1, 1}));
  same(watching<range::all_values>{}.after<affine8>(seen), affine8::fit({-4, 9}));
  same(watching<range::last_value>{}.after<affine8>({{1, 9}, {}}), affine8::fit({1, 9}));
}

TEST_CASE("a scale in the type is observed by no batch") {
  static_assert(range::in_type::state_size == 0 && range::in_type::ready(nullptr));
  same(watching<range::in_type>{}.after<grid::fixed_point<8, 5>>({{1000, -1000}}), {0x1p-5F, 0});
}

TEST_CASE("a moving average is its recursion over hundreds of batches") {
  auto const check = [](auto rule, double momentum) {
    watching<decltype(rule)> w;
    auto random = generator::from({std::uint64_t{31}});
    double low = 0, high = 0;
    for (int i = 1; i <= 400; ++i) {
      float const a = -random.uniform(0, 1), b = random.uniform(1, 3);
      w.template after<affine8>({{a, 0.25F, b}});
      double const weight = std::max(1.0 / i, 1 - momentum);
      low += weight * (double{a} - low);
      high += weight * (double{b} - high);
      CHECK(double{w.state[0]} == doctest::Approx(low).epsilon(1e-5));
      CHECK(double{w.state[1]} == doctest::Approx(high).epsilon(1e-5));
    }
  };
  check(range::moving_average<>{}, 0.99);
  check(range::moving_average<range::momentum{.value = 0.5}>{}, 0.5);
  check(range::moving_average<range::momentum{.value = 0}>{}, 0);
}

TEST_CASE("mean_magnitude is a factor times the mean of all magnitudes, however they come in batches") {
  auto const values = sample(3'000, 11);
  double sum = 0;
  for (float const v : values) sum += std::abs(double{v});
  double const mean = sum / 3'000;
  CHECK(double{watching<range::mean_magnitude<>>{}.after<grid::binary>({values}).scale} ==
        doctest::Approx(mean).epsilon(1e-6));
  CHECK(double{watching<range::mean_magnitude<>>{}.after<grid::binary>(split(values)).scale} ==
        doctest::Approx(mean).epsilon(1e-5));
  using of_ternary = range::mean_magnitude<range::times{.value = 1.4}>;
  code_grid const where = watching<of_ternary>{}.after<grid::ternary>({values});
  CHECK(double{where.scale} == doctest::Approx(1.4 * mean).epsilon(1e-6));
  // Ternary weight networks: zero where a magnitude is below 0.7 of the mean.
  for (float const v : values)
    if (std::abs(std::abs(double{v}) - 0.7 * mean) > 1e-5)
      CHECK((code_on<grid::ternary>(v, where) != 0) == (std::abs(double{v}) > 0.7 * mean));
}

TEST_CASE("sigma is the mean and some deviations to either side, within the bounds of what was seen") {
  auto values = sample(4'000, 12);
  for (float& v : values) v += 0.4F;
  double sum = 0, squares = 0;
  for (float const v : values) sum += double{v};
  double const mean = sum / 4'000;
  for (float const v : values) squares += (double{v} - mean) * (double{v} - mean);
  double const deviation = std::sqrt(squares / 4'000);
  auto const [lowest, highest] = std::minmax_element(values.begin(), values.end());
  auto const check = [&](auto rule, double count) {
    using type = decltype(rule);
    double const low = std::max(mean - count * deviation, double{*lowest});
    double const high = std::min(mean + count * deviation, double{*highest});
    for (auto const& batches : {ranges::batches{values}, split(values)}) {
      watching<type> w;
      code_grid const where = w.template after<affine8>(batches);
      CHECK(double{w.state[3]} == doctest::Approx(mean).epsilon(1e-5));
      CHECK(double{w.state[4]} == doctest::Approx(deviation * deviation).epsilon(1e-5));
      CHECK(double{where.scale} * 255 ==
            doctest::Approx(std::max(high, 0.0) - std::min(low, 0.0)).epsilon(1e-5));
      double const reach = std::max(-low, high);
      CHECK(double{type::template place<symmetric8>(w.state).scale} * 127 ==
            doctest::Approx(reach).epsilon(1e-5));
    }
  };
  check(range::sigma<range::times{.value = 0.5}>{}, 0.5);
  check(range::sigma<range::times{.value = 2}>{}, 2);  // its lower end is beyond the lowest value
  check(range::sigma<>{}, 3);
  check(range::sigma<range::times{.value = 100}>{}, 100);
}

TEST_CASE("the least mean squared error is sought among the grid's own codes") {
  auto const values = sample(3'000, 13);
  auto const [low, high] = std::minmax_element(values.begin(), values.end());
  auto const check = [&, lowest = *low, highest = *high](auto grid, std::vector<int> const& codes) {
    using type = decltype(grid);
    auto const error = [&](code_grid where) {
      std::vector<double> reals;
      for (int const code : codes) {
        reals.push_back(double{where.scale} * code);
        reals.push_back(-double{where.scale} * code);
      }
      double sum = 0;
      for (float const v : values) {
        double const off = nearest(reals, double{v}) - double{v};
        sum += off * off;
      }
      return sum;
    };
    double least = HUGE_VAL;
    for (int share = 10; share <= 100; ++share) {
      float const factor = static_cast<float>(share) / 100;
      least = std::min(least, error(type::fit({lowest * factor, highest * factor})));
    }
    CHECK(error(watching<range::mean_squared_error>{}.template after<type>({values})) < 1.02 * least);
  };
  check(grid::powers_of_two<3>{}, {0, 1, 2, 4});
  check(grid::powers_of_two<4>{}, {0, 1, 2, 4, 8, 16, 32, 64});
  check(grid::additive_powers_of_two<4>{}, {0, 1, 2, 3, 4, 6, 8, 10});
  check(grid::binary{}, {1});
}

TEST_CASE("entropy's threshold has the least Kullback-Leibler divergence") {
  for (double const spread : {2.0, 8.0, 20.0, 60.0, 150.0}) {
    INFO("spread ", spread);
    long_tail const seen{17, spread, 4};
    std::vector<float> two_sided = seen.magnitudes, negative = seen.magnitudes, positive = seen.magnitudes;
    for (std::size_t i = 0; i < two_sided.size(); i += 2) two_sided[i] = -two_sided[i];
    std::vector<double> counts = seen.counts;
    two_sided.insert(two_sided.end(), {-4, 4});  // both ends of the histogram
    counts.back() += 2;
    auto const bound = [&](std::vector<double> const& of, int levels) {
      return 4 * static_cast<float>(best_threshold(of, levels)) / bins;
    };
    same(watching<range::entropy>{}.after<symmetric8>({two_sided}), symmetric8::fit({0, bound(counts, 128)}));
    same(watching<range::entropy>{}.after<symmetric4>({two_sided}), symmetric4::fit({0, bound(counts, 8)}));
    float const half = bound(counts, 128);
    same(watching<range::entropy>{}.after<affine8>({two_sided}), affine8::fit({-half, half}));

    positive.push_back(0);
    counts = seen.counts;
    counts.front() += 1;
    same(watching<range::entropy>{}.after<affine8>({positive}), affine8::fit({0, bound(counts, 256)}));
    same(watching<range::entropy>{}.after<grid::affine<4>>({positive}),
         grid::affine<4>::fit({0, bound(counts, 16)}));
    for (float& v : negative) v = -v;
    negative.push_back(0);
    same(watching<range::entropy>{}.after<affine8>({negative}), affine8::fit({-bound(counts, 256), 0}));
  }
}

TEST_CASE("entropy cuts a rare tail, and never the whole of what was seen") {
  auto values = sample(20'000, 14);
  for (float& v : values) v = std::clamp(v, -1.0F, 1.0F);
  values.push_back(30);
  CHECK(watching<range::entropy>{}.after<symmetric8>({values}).scale * 127 < 10);
  // Far from zero: most bins of magnitudes are empty.
  auto random = generator::from({std::uint64_t{15}});
  std::vector<float> far(1'000);
  for (float& v : far) v = 4.9F + 0.1F * random.uniform(0, 1) * random.uniform(0, 1);
  code_grid const where = watching<range::entropy>{}.after<symmetric8>({far});
  for (float const v : far) CHECK(std::abs(decode(encode(v, where, -127, 127), where) - v) < 0.11F);
}
