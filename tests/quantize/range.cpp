#include <dyadic/quantize/range.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <dyadic/core/random.hpp>

using namespace dyadic;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

using affine8 = grid::affine<8>;
using symmetric4 = grid::symmetric<4>;

/// A rule with its memory.
template <class Rule> struct watching {
  float state[Rule::state_size]{};

  template <class Grid> code_grid after(std::vector<std::vector<float>> const& batches) {
    for (auto const& batch : batches) {
      observation seen{0, 0, nullptr, batch.size()};
      if (!batch.empty()) {
        seen.low = *std::min_element(batch.begin(), batch.end());
        seen.high = *std::max_element(batch.begin(), batch.end());
      }
      if (Rule::needs_values(state)) seen.values = batch.data();
      Rule::template observe<Grid>(state, seen);
    }
    return Rule::template place<Grid>(state);
  }
};

void same(code_grid a, code_grid b) {
  CHECK(a.scale == b.scale);
  CHECK(a.zero == b.zero);
}

std::vector<float> sample(std::size_t count, std::uint64_t seed) {
  generator random = generator::from({seed});
  std::vector<float> values(count);
  for (float& v : values) {
    v = random.normal();
    v = v < 0 ? v / 3 : v * std::abs(v);  // a long tail on one side
  }
  return values;
}

double error_of(std::vector<float> const& values, code_grid where, int low, int high) {
  double sum = 0;
  for (float const v : values) {
    double const code =
        std::clamp(std::nearbyint(double{v} / double{where.scale}) + where.zero, double(low), double(high));
    double const off = double{v} - double{where.scale} * (code - where.zero);
    sum += off * off;
  }
  return sum;
}

}  // namespace

TEST_CASE("min_max and max_abs keep the widest bounds") {
  same(watching<range::min_max>{}.after<affine8>({{1, 2}, {-1, 0.5F}, {0, 4}}), affine8::fit({-1, 4}));
  same(watching<range::min_max>{}.after<affine8>({{1, 2}, {1.5F}}), affine8::fit({1, 2}));
  same(watching<range::max_abs>{}.after<symmetric4>({{1, 2}, {-3, 0.5F}}), symmetric4::fit({-3, 3}));
  same(watching<range::max_abs>{}.after<affine8>({{1, 2}, {-3, 0.5F}}), affine8::fit({-3, 3}));
}

TEST_CASE("a moving average starts with the first batch, is a plain mean at first and then forgets") {
  using rule = range::moving_average<range::momentum{.value = 0.75}>;
  watching<rule> w;
  CHECK(!rule::ready(w.state));
  same(w.after<affine8>({{-1, 3}}), affine8::fit({-1, 3}));
  CHECK(rule::ready(w.state));
  same(w.after<affine8>({{-2, 5}}), affine8::fit({-1.5F, 4}));
  w.after<affine8>({{-3, 7}, {-6, 9}});
  CHECK(w.state[0] == doctest::Approx(-3));
  CHECK(w.state[1] == doctest::Approx(6));
  w.after<affine8>({{-1, 2}});
  CHECK(w.state[0] == doctest::Approx(-3 * 0.75 - 1 * 0.25));
  CHECK(w.state[1] == doctest::Approx(6 * 0.75 + 2 * 0.25));
}

TEST_CASE_TEMPLATE("a batch of no values is not seen", Rule, range::min_max, range::max_abs,
                   range::moving_average<>, range::percentile<>, range::mean_squared_error, range::lsq) {
  watching<Rule> w;
  w.template after<affine8>({{}, {}});
  CHECK(!Rule::ready(w.state));
  same(w.template after<affine8>({{1, 2}, {}, {3, 5}, {}}),
       watching<Rule>{}.template after<affine8>({{1, 2}, {3, 5}}));
}

TEST_CASE("counts grow beyond what a float can count one by one") {
  using rule = range::percentile<>;
  watching<rule> w;
  w.after<affine8>({{0, 1}});
  w.state[3] = 0x1p24F;
  w.state[2] = 0x1p24F;
  w.after<affine8>({std::vector<float>(1000, 0.0F)});
  CHECK(w.state[3] == 0x1p24F + 1000);
}

TEST_CASE("a percentile is that of the values, within a bin, however they come in batches") {
  auto const values = sample(20'000, 1);
  std::vector<std::vector<float>> batches;
  for (std::size_t i = 0; i < values.size(); i += 500)
    batches.emplace_back(values.begin() + static_cast<std::ptrdiff_t>(i),
                         values.begin() + static_cast<std::ptrdiff_t>(i) + 500);
  std::vector<float> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  double const bin = (double{sorted.back()} - double{sorted.front()}) / range::histogram::bins;
  auto const check = [&](auto rule, double share) {
    using type = decltype(rule);
    auto const cut = static_cast<std::size_t>(std::lround(20'000 * (1 - share) / 2));
    double const low = sorted[cut], high = sorted[sorted.size() - 1 - cut];
    code_grid const at_once = watching<type>{}.template after<affine8>({values});
    CHECK(double{at_once.scale} * 255 == doctest::Approx(high - low).epsilon(1.01 * 2 * bin / (high - low)));
    // Each widening moves a value by at most half an old bin, and bins only grow.
    code_grid const in_batches = watching<type>{}.template after<affine8>(batches);
    CHECK(std::abs(double{in_batches.scale} * 255 - (high - low)) < 6 * bin);
  };
  check(range::percentile<range::percent{.value = 99}>{}, 0.99);
  check(range::percentile<range::percent{.value = 90}>{}, 0.90);
  check(range::percentile<>{}, 0.9999);
  same(watching<range::percentile<range::percent{.value = 100}>>{}.after<affine8>({values}),
       affine8::fit({sorted.front(), sorted.back()}));
}

TEST_CASE("the least mean squared error is that of the values, within a bin") {
  auto const values = sample(5'000, 2);
  auto const [low, high] = std::minmax_element(values.begin(), values.end());
  auto const check = [&](auto grid) {
    using type = decltype(grid);
    double least = 1e300;
    for (int share = 10; share <= 100; ++share) {
      float const factor = static_cast<float>(share) / 100;
      least = std::min(least,
                       error_of(values, type::fit({*low * factor, *high * factor}), type::low, type::high));
    }
    code_grid const found = watching<range::mean_squared_error>{}.after<type>({values});
    CHECK(error_of(values, found, type::low, type::high) < 1.02 * least);
    CHECK(error_of(values, type::fit({*low, *high}), type::low, type::high) > 1.1 * least);
  };
  check(symmetric4{});
  check(grid::affine<4>{});
  check(grid::symmetric<2>{});
  check(grid::ternary{});
}

TEST_CASE("a learned step starts at twice the mean magnitude over the root of the highest code") {
  std::vector<float> const values{-1, 2, 0.5F, -0.5F};
  CHECK(watching<range::lsq>{}.after<grid::symmetric<8>>({values}).scale ==
        doctest::Approx(2 * 1.0 / std::sqrt(127.0)));
  CHECK(watching<range::lsq>{}.after<symmetric4>({values}).scale ==
        doctest::Approx(2 * 1.0 / std::sqrt(7.0)));
  code_grid const mixed = watching<range::lsq>{}.after<grid::affine<4>>({values});
  CHECK(mixed.scale == doctest::Approx(2 * 1.0 / std::sqrt(7.0)));
  CHECK(mixed.zero == 0);
  // Not negative: the whole grid is above zero, and its highest code counts from there.
  code_grid const above = watching<range::lsq>{}.after<grid::affine<4>>({{1, 2, 0, 5}});
  CHECK(above.scale == doctest::Approx(2 * 2.0 / std::sqrt(15.0)));
  CHECK(above.zero == -8);
  // Only the first batch starts it.
  CHECK(watching<range::lsq>{}.after<symmetric4>({values, {100, -100}}).scale ==
        doctest::Approx(2 / std::sqrt(7.0)));
}

TEST_CASE("a learned step's gradient is the paper's") {
  for (float u = -12; u <= 12; u += 0.11F) {
    INFO("unrounded code ", u);
    // Esser et al. 2020, equation 3, for codes -7 .. 7.
    double const expected = u <= -7 ? -7 : u >= 7 ? 7 : std::nearbyint(double{u}) - double{u};
    CHECK(range::lsq::step_gradient<symmetric4>(u, 0) == doctest::Approx(expected).epsilon(1e-6));
    // With a zero point z the quantizer is s * (clamp(v / s + z) - z).
    double const shifted = u <= -8 ? -8 + 8 : u >= 7 ? 7 + 8 : std::nearbyint(double{u}) - double{u};
    CHECK(range::lsq::step_gradient<grid::affine<4>>(u, -8) == doctest::Approx(shifted).epsilon(1e-6));
  }
  CHECK(range::lsq::gradient_scale<symmetric4>(50, 0) == doctest::Approx(1 / std::sqrt(50.0 * 7)));
  CHECK(range::lsq::gradient_scale<grid::affine<4>>(1000, -8) == doctest::Approx(1 / std::sqrt(1000.0 * 15)));
}

TEST_CASE("a step that an update drove below zero still places a grid") {
  float const state[] = {-1, 0, 1};
  CHECK(range::lsq::place<symmetric4>(state).scale == smallest_step);
}

TEST_CASE_TEMPLATE("every rule gives a grid for batches of every kind", Rule, range::min_max, range::max_abs,
                   range::moving_average<>, range::percentile<>, range::mean_squared_error, range::lsq) {
  std::vector<std::vector<float>> const batches[] = {
      {{0, 0, 0}},
      {{-0.0F}},
      {{5, 5, 5}, {5}},
      {{-5, -5}},
      {{1e-45F, 0}},
      {{1e-40F, -1e-40F}},
      {{3e38F, -3e38F}},
      {{infinity, 1}},
      {{-infinity, infinity}},
      {{not_a_number, 1, 2}},
      {{1, not_a_number}},
      {{not_a_number}},
      {{1, 2}, {not_a_number, infinity}},
      {{1, 2}, {}},
      {{}, {1, 2}},
      {{0}, {1, 2}},
      {{3e38F}, {-3e38F}, {1}},
  };
  for (auto const& one : batches) {
    INFO("batches ", &one - batches);
    watching<Rule> w, v;
    code_grid const affine = w.template after<affine8>(one);
    CHECK(Rule::ready(w.state));
    code_grid const symmetric = v.template after<symmetric4>(one);
    for (code_grid const where : {affine, symmetric}) {
      CHECK(std::isfinite(where.scale));
      CHECK(where.scale >= smallest_scale);
    }
    CHECK(affine.zero >= -128);
    CHECK(affine.zero <= 127);
    CHECK(symmetric.zero == 0);
    for (float const number : w.state) CHECK(std::isfinite(number));
  }
  CHECK(!Rule::ready(watching<Rule>{}.state));
}

TEST_CASE("rules are range rules") {
  static_assert(range_rule<range::min_max> && range_rule<range::max_abs> &&
                range_rule<range::moving_average<>> && range_rule<range::percentile<>> &&
                range_rule<range::mean_squared_error> && range_rule<range::lsq>);
  static_assert(!range_rule<int>);
  static_assert(range::lsq::learned && !range::max_abs::learned);
}
