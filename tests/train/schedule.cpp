#include "dyadic/train/schedule.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace dyadic;

static_assert(schedule<constant> && schedule<cosine> && schedule<warm_up<>> &&
              schedule<warm_up<warm_up<cosine>>>);
static_assert(schedule<step_decay> && schedule<exponential> && schedule<one_cycle> &&
              schedule<reduce_on_plateau> && schedule<warm_up<reduce_on_plateau>>);
static_assert(memory_of<warm_up<reduce_on_plateau>>() == 4 && memory_of<warm_up<cosine>>() == 0);
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

TEST_CASE("a step decay falls by its factor after each part of the run") {
  step_decay const plan{.every = 0.25, .factor_each = 0.5};
  CHECK(plan.factor(0, 0) == 1);
  CHECK(plan.factor(0.2499, 0) == 1);
  CHECK(plan.factor(0.25, 0) == 0.5F);
  CHECK(plan.factor(0.6, 0) == 0.25F);
  CHECK(plan.factor(0.99, 0) == 0.125F);
  CHECK(step_decay{.every = 0}.factor(0.5, 0) == 1);
}

TEST_CASE("an exponential falls by the same part in the same time") {
  exponential const plan{.end = 0.01};
  CHECK(plan.factor(0, 0) == 1);
  CHECK(plan.factor(0.5, 0) == doctest::Approx(0.1));
  CHECK(plan.factor(1, 0) == doctest::Approx(0.01));
  CHECK(plan.factor(2, 0) == doctest::Approx(0.01));
}

TEST_CASE("one cycle rises from its start to the full rate and falls to its floor") {
  one_cycle const plan{.rise = 0.4, .start = 0.2, .floor = 0.01};
  CHECK(plan.factor(0, 0) == doctest::Approx(0.2));
  CHECK(plan.factor(0.2, 0) == doctest::Approx(0.6));
  CHECK(plan.factor(0.4, 0) == doctest::Approx(1));
  CHECK(plan.factor(0.7, 0) == doctest::Approx(0.505));
  CHECK(plan.factor(1, 0) == doctest::Approx(0.01));
}

TEST_CASE("the rate falls when the metric has not for more epochs than its patience") {
  reduce_on_plateau const plan{.factor_each = 0.5, .patience = 2, .least = 0.01, .floor = 0.2};
  double memory[4] = {};
  CHECK(plan.factor(0, 0, memory) == 1);
  double const metrics[] = {2, 1, 0.995, 1.5, 1, 0.5, 7, 7, 7, 7, 7};
  // 0.995 is better by less than a hundredth; three epochs that are no better make a reduction.
  float const found[] = {1, 1, 1, 1, 0.5F, 0.5F, 0.5F, 0.5F, 0.25F, 0.25F, 0.25F};
  for (int i = 0; i < 11; ++i) {
    CAPTURE(i);
    plan.observe(metrics[i], memory);
    CHECK(plan.factor(0, 0, memory) == found[i]);
  }
  plan.observe(7, memory);
  CHECK(plan.factor(0, 0, memory) == 0.2F);
}

TEST_CASE("a metric that is no number is no better, and the first number after it is") {
  reduce_on_plateau const plan{.patience = 1};
  double memory[4] = {};
  plan.observe(std::nan(""), memory);
  plan.observe(3, memory);
  CHECK(memory[1] == 3);
  plan.observe(std::nan(""), memory);
  CHECK(memory[1] == 3);
  CHECK(memory[2] == 1);
}

TEST_CASE("a warm-up keeps the memory of what follows it") {
  warm_up<reduce_on_plateau> const plan{.steps = 4, .then = {.patience = 0}};
  double memory[4] = {};
  plan.observe(1, memory);
  plan.observe(2, memory);
  CHECK(plan.factor(0, 1, memory) == doctest::Approx(0.05));
  CHECK(plan.factor(0, 9, memory) == doctest::Approx(0.1));
}
