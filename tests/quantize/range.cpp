#include <dyadic/quantize/range.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <dyadic/core/random.hpp>
#include <dyadic/quantize/learned_range.hpp>
#include <dyadic/quantize/observed_range.hpp>
#include <dyadic/quantize/weight_grid.hpp>

#include "watching.hpp"

using namespace dyadic;
using ranges::infinity;
using ranges::not_a_number;
using ranges::same;
using ranges::sample;
using ranges::watching;

namespace {

using affine8 = grid::affine<8>;
using symmetric4 = grid::symmetric<4>;

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

/// Defined, with zero among the reals.
template <class Grid> void check_placed(code_grid where) {
  CHECK(std::isfinite(where.scale));
  CHECK(where.scale >= smallest_scale);
  CHECK(where.zero >= Grid::low);
  CHECK(where.zero <= Grid::high);
  if (!Grid::has_zero_point) CHECK(where.zero == 0);
  CHECK(decode(code_on<Grid>(0, where), where) == 0);
  CHECK(code_on<Grid>(not_a_number, where) == where.zero);
}

template <class... Types> struct list_of {};

}  // namespace

#define EVERY_RULE                                                                                    \
  range::min_max, range::max_abs, range::last_value, range::moving_average<>, range::percentile<>,    \
      range::mean_squared_error, range::entropy, range::sigma<>, range::mean_magnitude<>, range::lsq, \
      range::lsq_plus, range::pact, range::tqt

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
  float const middle[]{1, 0, 1}, lowest[]{1, -8, 1};
  CHECK(range::lsq::gradient_scale<symmetric4>(50, middle) == doctest::Approx(1 / std::sqrt(50.0 * 7)));
  CHECK(range::lsq::gradient_scale<grid::affine<4>>(1000, lowest) ==
        doctest::Approx(1 / std::sqrt(1000.0 * 15)));
}

TEST_CASE_TEMPLATE("every rule gives a grid for batches of every kind", Rule, EVERY_RULE) {
  ranges::batches const kinds[] = {
      {{0, 0, 0}},
      {{-0.0F}},
      {{5, 5, 5}, {5}},
      {{-5, -5}},
      {{1e-45F, 0}},
      {{1e-40F, -1e-40F}},
      {{3e38F, -3e38F}},
      {{1, 2}, {}},
      {{}, {1, 2}},
      {{0}, {1, 2}},
      {{3e38F}, {-3e38F}, {1}},
      {{-2, -1, 0.5F, 1, 3}, {4}, {-1e-3F, 1e-3F}},
  };
  for (auto const& one : kinds) {
    INFO("batches ", &one - kinds);
    watching<Rule> w, v;
    code_grid const affine = w.template after<affine8>(one);
    CHECK(Rule::ready(w.state));
    check_placed<affine8>(affine);
    if constexpr (!requires { Rule::needs_zero_point; })
      check_placed<symmetric4>(v.template after<symmetric4>(one));
    for (float const number : w.state) CHECK(std::isfinite(number));
  }
}

TEST_CASE_TEMPLATE("every rule ignores values that are not finite, first, in the middle and last", Rule,
                   EVERY_RULE) {
  std::vector<float> const clean{0.5F, -1, 2, -0.25F, 1.5F, 0.75F};
  for (float const strange : {not_a_number, infinity, -infinity})
    for (std::size_t at = 0; at <= clean.size(); ++at) {
      INFO("value ", strange, " before number ", at);
      std::vector<float> dirty = clean;
      dirty.insert(dirty.begin() + static_cast<std::ptrdiff_t>(at), strange);
      watching<Rule> w, v;
      same(w.template after<affine8>({dirty}), v.template after<affine8>({clean}));
      same(w.template after<affine8>({{strange}, {1, 3}, {3, strange}}),
           v.template after<affine8>({{1, 3}, {3}}));
      for (std::size_t i = 0; i < Rule::state_size; ++i) CHECK(w.state[i] == v.state[i]);
    }
}

TEST_CASE_TEMPLATE("a batch of no finite values is not seen, and every rule places a grid before it saw any",
                   Rule, EVERY_RULE) {
  watching<Rule> w;
  CHECK(!Rule::ready(w.state));
  check_placed<affine8>(w.template after<affine8>({{not_a_number}, {infinity, -infinity, not_a_number}, {}}));
  CHECK(!Rule::ready(w.state));
  for (float const number : w.state) CHECK(number == 0);
  // A layer shows bounds alone where a rule does not ask for values.
  float const values[]{not_a_number};
  for (interval const bounds : {interval{not_a_number, 1}, interval{1, infinity}, interval{-infinity, 0}})
    Rule::template observe<affine8>(w.state, {bounds.low, bounds.high, values, 1});
  CHECK(!Rule::ready(w.state));
  if constexpr (!requires { Rule::needs_zero_point; })
    check_placed<symmetric4>(Rule::template place<symmetric4>(w.state));
}

TEST_CASE_TEMPLATE("a constant is held to a step, and zero exactly", Rule, EVERY_RULE) {
  for (float const constant : {1.0F, -1.0F, 0.3F, -7e-6F, 12345.0F}) {
    INFO("constant ", constant);
    code_grid const where = watching<Rule>{}.template after<affine8>({std::vector<float>(20, constant)});
    if (std::is_same_v<Rule, range::pact> && constant < 0) {
      CHECK(where.zero == -128);  // nothing below zero
      continue;
    }
    float const real = decode(encode(constant, where, -128, 127), where);
    CHECK(std::abs(real - constant) <= 1.001F * where.scale);  // tqt's highest code is a step below t
    CHECK(decode(encode(0, where, -128, 127), where) == 0);
    CHECK(std::abs(constant) / where.scale > 5.6F);  // lsq: half the root of the highest code
  }
}

TEST_CASE("rules are range rules") {
  []<class... Rules>(list_of<Rules...>) {
    static_assert((range_rule<Rules> && ...));
  }(list_of<EVERY_RULE, range::in_type>{});
  static_assert(!range_rule<int>);
  static_assert(range::lsq::learned && !range::max_abs::learned);
}
