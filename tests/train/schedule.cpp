#include "dyadic/train/schedule.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace dyadic;

static_assert(schedule<constant> && schedule<cosine> && schedule<warm_up<>> &&
              schedule<warm_up<warm_up<cosine>>>);
static_assert(warm_up<cosine>::name == fixed_string{"warm_up<cosine>"});

TEST_CASE("the constant schedule keeps the rate") {
  CHECK(constant{}.factor(0, 0) == 1);
  CHECK(constant{}.factor(1, 12345) == 1);
}

TEST_CASE("the cosine schedule falls from 1 to its floor along half a wave") {
  cosine const plan{.floor = 0.1};
  CHECK(plan.factor(0, 0) == 1);
  CHECK(plan.factor(1, 0) == doctest::Approx(0.1));
  CHECK(plan.factor(2, 0) == doctest::Approx(0.1));
  CHECK(plan.factor(0.5, 0) == doctest::Approx(0.55));
  for (double progress = 0; progress < 1; progress += 0.01) {
    double const wave = std::pow(std::cos(progress * std::acos(0.0)), 2);
    CHECK(plan.factor(progress, 0) == doctest::Approx(0.1 + 0.9 * wave));
    CHECK(plan.factor(progress, 0) > plan.factor(progress + 0.01, 0));
  }
}

TEST_CASE("the cosine schedule keeps the full rate until it begins") {
  cosine const plan{.begin = 0.6};
  CHECK(plan.factor(0.6, 0) == 1);
  CHECK(plan.factor(0.3, 0) == 1);
  CHECK(plan.factor(0.8, 0) == doctest::Approx(0.5));
  CHECK(plan.factor(1, 0) == 0);
  CHECK(cosine{.begin = 1}.factor(1, 0) == 1);
}

TEST_CASE("a warm-up of steps rises evenly and ends at the full rate") {
  warm_up<> const plan{.steps = 4};
  CHECK(plan.factor(0, 0) == 0.25f);
  CHECK(plan.factor(0.1, 1) == 0.5f);
  CHECK(plan.factor(0.2, 2) == 0.75f);
  CHECK(plan.factor(0.3, 3) == 1);
  CHECK(plan.factor(0.4, 4) == 1);
}

TEST_CASE("a warm-up of a fraction of the run rises evenly and ends at the full rate") {
  warm_up<> const plan{.fraction = 0.2};
  CHECK(plan.factor(0, 0) == 0);
  CHECK(plan.factor(0.1, 50) == 0.5f);
  CHECK(plan.factor(0.2, 100) == 1);
  CHECK(plan.factor(0.9, 450) == 1);
}

TEST_CASE("of two warm-ups the longer counts") {
  warm_up<> const plan{.steps = 10, .fraction = 0.5};
  CHECK(plan.factor(0.4, 0) == doctest::Approx(0.1));
  CHECK(plan.factor(0.1, 9) == doctest::Approx(0.2));
}

TEST_CASE("a warm-up multiplies what follows it") {
  warm_up<cosine> const plan{.steps = 2, .then = {.floor = 0.5}};
  CHECK(plan.factor(0, 0) == 0.5f);
  CHECK(plan.factor(0.5, 1) == doctest::Approx(0.75));
  CHECK(plan.factor(0.75, 2) == cosine{.floor = 0.5}.factor(0.75, 2));
}

TEST_CASE("a warm-up of nothing is what follows it") {
  CHECK(warm_up<>{}.factor(0, 0) == 1);
  CHECK(warm_up<cosine>{}.factor(0.5, 7) == cosine{}.factor(0.5, 7));
}
