#include <dyadic/quantize/learned_range.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "surrogate.hpp"
#include "watching.hpp"

using namespace dyadic;
using ranges::infinity;
using ranges::not_a_number;
using ranges::sample;
using ranges::watching;
using surrogates::slope;
using surrogate = surrogates::quantizer;

namespace {

using affine4 = grid::affine<4>;
using symmetric4 = grid::symmetric<4>;

/// Unrounded codes from beyond one end of -8 .. 7 to beyond the other, none where a derivative jumps.
std::vector<float> unrounded_codes() {
  std::vector<float> codes;
  for (float code = -11.95F; code < 11; code += 0.1F) codes.push_back(code);
  return codes;
}

/// Every grid that a learned number places, an update's worst outcomes included.
template <class Rule, class Grid> void check_positive() {
  for (float const learned :
       {-1.0F, 0.0F, -0.0F, 1e-45F, 1e-30F, 0x1p-40F, 1.0F, 3.4e38F, infinity, -infinity, not_a_number})
    for (float const second : {0.0F, static_cast<float>(Grid::has_zero_point ? Grid::low : 0)}) {
      INFO("number ", learned);
      float const state[]{learned, second, 1};
      code_grid const where = Rule::template place<Grid>(state);
      CHECK(std::isfinite(where.scale));
      CHECK(where.scale >= smallest_scale);
      CHECK(where.zero >= Grid::low);
      CHECK(where.zero <= Grid::high);
      CHECK(std::isfinite(Rule::template gradient_scale<Grid>(100, state)));
      CHECK(Rule::template gradient_scale<Grid>(100, state) > 0);
    }
}

}  // namespace

TEST_CASE("lsq's gradient is the slope of its quantizer with the rounding held") {
  for (float const u : unrounded_codes()) {
    INFO("unrounded code ", u);
    for (double const step : {0.25, 3.0}) {
      surrogate const middle{double{u} * step, 14, step, -7 * step};
      double const expected = slope(step, [&](double s) { return middle(s, -7 * s); });
      CHECK(double{range::lsq::step_gradient<symmetric4>(u, 0)} == doctest::Approx(expected).epsilon(1e-4));
      surrogate const above{(double{u} + 8) * step, 15, step, 0};
      double const from_zero = slope(step, [&](double s) { return above(s, 0); });
      CHECK(double{range::lsq::step_gradient<affine4>(u, -8)} == doctest::Approx(from_zero).epsilon(1e-4));
    }
  }
}

TEST_CASE("a learned step descends to nearly the least squared error") {
  auto const values = sample(2'000, 21);
  auto const error = [&](float step) {
    double sum = 0;
    for (float const v : values) {
      double const off = std::clamp(std::nearbyint(double{v} / double{step}), -7.0, 7.0) * double{step};
      sum += (off - double{v}) * (off - double{v});
    }
    return sum;
  };
  double least = HUGE_VAL;
  for (float step = 0.01F; step < 2; step *= 1.01F) least = std::min(least, error(step));
  watching<range::lsq> w;
  w.after<symmetric4>({values});
  double const before = error(w.state[0]);
  for (int i = 0; i < 300; ++i) {
    code_grid const where = range::lsq::place<symmetric4>(w.state);
    double gradient = 0;
    for (float const v : values) {
      float const off = decode(encode(v, where, -7, 7), where) - v;
      gradient += 2 * double{off} * double{range::lsq::step_gradient<symmetric4>(v / where.scale, 0)};
    }
    w.state[0] -=
        2e-3F * range::lsq::gradient_scale<symmetric4>(values.size(), w.state) * static_cast<float>(gradient);
  }
  CHECK(error(w.state[0]) < 1.05 * least);
  CHECK(before > 1.05 * least);
}

TEST_CASE("lsq_plus starts at the first batch's bounds, and its offset is the real of the lowest code") {
  watching<range::lsq_plus> w;
  code_grid const where = w.after<grid::affine<8>>({{-1.3F, 0.2F, 3.1F}, {-50, 50}});
  code_grid const fit = grid::affine<8>::fit({-1.3F, 3.1F});
  ranges::same(where, fit);
  CHECK(w.state[1] == decode(-128, fit));
  for (int zero = -8; zero <= 7; ++zero)
    for (float const off : {-0.49F, 0.0F, 0.49F}) {
      float const state[]{0.5F, -0.5F * (static_cast<float>(zero + 8) + off), 1};
      ranges::same(range::lsq_plus::place<affine4>(state), {0.5F, zero});
    }
  float const above[]{0.5F, 3, 1}, below[]{0.5F, -100, 1};  // zero stays a code
  CHECK(range::lsq_plus::place<affine4>(above).zero == -8);
  CHECK(range::lsq_plus::place<affine4>(below).zero == 7);
}

TEST_CASE("lsq_plus has the gradients of the paper and of its quantizer with the rounding held") {
  for (float const u : unrounded_codes())
    for (int const zero : {-8, -3, 7}) {
      INFO("unrounded code ", u, " zero ", zero);
      double const step = 0.25, offset = -step * (zero + 8);
      surrogate const q{step * (double{u} - zero), 15, step, offset};
      double const by_step = slope(step, [&](double s) { return q(s, offset); });
      double const by_offset = slope(offset, [&](double b) { return q(step, b); });
      CHECK(double{range::lsq_plus::step_gradient<affine4>(u, zero)} ==
            doctest::Approx(by_step).epsilon(1e-4));
      CHECK(double{range::lsq_plus::offset_gradient<affine4>(u)} == doctest::Approx(by_offset).epsilon(1e-3));
      // Bhalgat et al. 2020, equations 4 and 5 with n = 0, p = 15.
      double const rounded = std::nearbyint(double{u}) - double{u};
      CHECK(double{range::lsq_plus::step_gradient<affine4>(u, zero)} == doctest::Approx(u < -8  ? 0
                                                                                        : u > 7 ? 15
                                                                                                : rounded)
                                                                            .epsilon(1e-5));
      CHECK(range::lsq_plus::offset_gradient<affine4>(u) == (u < -8 || u > 7 ? 1 : 0));
    }
  float const state[]{0.25F, -1, 1};
  CHECK(range::lsq_plus::gradient_scale<affine4>(300, state) == doctest::Approx(1 / std::sqrt(300.0 * 15)));
}

TEST_CASE("pact covers 0 to its bound, which starts at the first batch's largest value") {
  watching<range::pact> w;
  ranges::same(w.after<grid::affine<8>>({{-3, 1, 2.5F}, {7}}), grid::affine<8>::fit({0, 2.5F}));
  CHECK(w.state[0] == 2.5F);
  // Nothing above zero: any bound will do until one is learned.
  CHECK(watching<range::pact>{}.after<affine4>({{-3, -1}}).scale == 1.0F / 15);
  for (float bound = 0.1F; bound < 100; bound *= 1.7F) {
    float const state[]{bound, 1};
    ranges::same(range::pact::place<affine4>(state), {static_cast<float>(double{bound} / 15), -8});
  }
}

TEST_CASE("pact's gradient is the slope of the clipped value by its bound") {
  for (float const u : unrounded_codes()) {
    INFO("unrounded code ", u);
    double const bound = 3, value = (double{u} + 8) * bound / 15;
    double const expected = slope(bound, [&](double a) { return std::clamp(value, 0.0, a); });
    CHECK(double{range::pact::step_gradient<affine4>(u, -8)} == doctest::Approx(expected).epsilon(1e-6));
  }
  CHECK(range::pact::step_gradient<affine4>(7, -8) == 1);  // the value is the bound
  float const state[]{3, 1};
  CHECK(range::pact::gradient_scale<affine4>(1000, state) == 1);
}

TEST_CASE_TEMPLATE("tqt's scale is the power of two of its threshold", Grid, grid::symmetric<2>, symmetric4,
                   grid::symmetric<8>, grid::symmetric<16>, affine4, grid::affine<8>) {
  auto const check = [](float threshold) {
    INFO("threshold ", threshold);
    int exponent;
    bool const exact = std::frexp(threshold, &exponent) == 0.5F;
    int const rounded_up = exact ? exponent - 1 : exponent;  // ceil(log2 t)
    float const middle[]{threshold, 0, 1}, lowest[]{threshold, static_cast<float>(Grid::low), 1};
    ranges::same(range::tqt::place<Grid>(middle), {std::ldexp(1.0F, rounded_up - (Grid::bits - 1)), 0});
    if (Grid::has_zero_point)
      ranges::same(range::tqt::place<Grid>(lowest), {std::ldexp(1.0F, rounded_up - Grid::bits), Grid::low});
  };
  for (float threshold = 1e-6F; threshold < 1e6F; threshold *= 1.37F) check(threshold);
  for (float const power : {0x1p-30F, 0.25F, 1.0F, 8.0F, 0x1p20F}) {
    check(power);
    check(std::nextafter(power, 0.0F));
    check(std::nextafter(power, infinity));
  }
}

TEST_CASE("tqt starts at the first batch's largest magnitude, from the lowest code where none is negative") {
  watching<range::tqt> w, v;
  ranges::same(w.after<affine4>({{0, 1, 3}, {100}}), {4.0F / 16, -8});
  CHECK(w.state[0] == 3);
  ranges::same(v.after<affine4>({{-5, 1, 3}}), {8.0F / 8, 0});
  ranges::same(watching<range::tqt>{}.after<symmetric4>({{1, 3}}), {4.0F / 8, 0});
  CHECK(watching<range::tqt>{}.after<symmetric4>({{0, 0}}).scale == 1.0F / 8);
}

TEST_CASE("tqt's gradient is the paper's by log2 of the threshold, and the slope of its quantizer") {
  for (float const u : unrounded_codes())
    for (float const threshold : {0.9F, 1.0F, 1.7F}) {
      INFO("unrounded code ", u, " threshold ", threshold);
      float const state[]{threshold, 0, 1};
      double const step = double{range::tqt::place<symmetric4>(state).scale};
      double const ours = double{range::tqt::step_gradient<symmetric4>(u, 0)} *
                          double{range::tqt::gradient_scale<symmetric4>(1000, state)};
      // Jain et al. 2020, equation 7; d log2(t) / dt = 1 / (t ln 2).
      double const inside = std::nearbyint(double{u}) - double{u};
      double const by_logarithm = step * std::log(2.0) * (u < -7 ? -7 : u > 7 ? 7 : inside);
      CHECK(ours == doctest::Approx(by_logarithm / (double{threshold} * std::log(2.0))).epsilon(1e-5));
      // Their ceil passes straight through too: the step grows as the threshold does.
      surrogate const q{double{u} * step, 14, step, -7 * step};
      double const by_threshold = slope(double{threshold}, [&](double t) {
        double const s = step * t / double{threshold};
        return q(s, -7 * s);
      });
      CHECK(ours == doctest::Approx(by_threshold).epsilon(1e-4));
    }
}

TEST_CASE("a learned number of any value places a grid and scales its gradient") {
  check_positive<range::lsq, symmetric4>();
  check_positive<range::lsq, grid::symmetric<16>>();
  check_positive<range::lsq, grid::affine<8>>();
  check_positive<range::lsq_plus, grid::affine<8>>();
  check_positive<range::pact, grid::affine<8>>();
  check_positive<range::tqt, symmetric4>();
  check_positive<range::tqt, grid::symmetric<16>>();
  check_positive<range::tqt, grid::affine<8>>();
  float const strange[]{1, not_a_number, 1}, beyond[]{1, infinity, 1};
  CHECK(range::lsq_plus::place<affine4>(strange).zero == -8);
  CHECK(range::lsq_plus::place<affine4>(beyond).zero == -8);
}

TEST_CASE("only the first batch is seen by a learned range") {
  auto const check = [](auto rule) {
    watching<decltype(rule)> w;
    auto const first = w.template after<grid::affine<8>>({{-1, 0.5F, 2}});
    ranges::same(w.template after<grid::affine<8>>({{-100, 100}, {0.01F}}), first);
  };
  check(range::lsq{});
  check(range::lsq_plus{});
  check(range::pact{});
  check(range::tqt{});
}
