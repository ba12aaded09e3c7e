#include "dyadic/train/optimizer.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "dyadic/core/random.hpp"

using namespace dyadic;

static_assert(optimizer<sgd> && optimizer<adam> && optimizer<adamw> && optimizer<rmsprop> &&
              optimizer<lion> && optimizer<lamb>);

namespace {

constexpr std::size_t count = 37;
constexpr std::uint64_t updates = 60;

// The papers' formulas for one parameter, in double; `move` returns the new value.
struct sgd_by_hand {
  sgd rule;
  double velocity = 0;

  double move(double value, double gradient, double rate, bool decays, std::uint64_t) {
    double const whole = gradient + (decays ? static_cast<double>(rule.weight_decay) * value : 0.0);
    velocity = static_cast<double>(rule.momentum) * velocity + whole;
    if (rule.nesterov) return value - rate * (whole + static_cast<double>(rule.momentum) * velocity);
    return value - rate * velocity;
  }
};

struct adam_by_hand {
  adamw rule;
  double first = 0;
  double second = 0;

  double direction(double gradient, std::uint64_t step) {
    auto const b1 = static_cast<double>(rule.beta1);
    auto const b2 = static_cast<double>(rule.beta2);
    first = b1 * first + (1 - b1) * gradient;
    second = b2 * second + (1 - b2) * gradient * gradient;
    double const t = static_cast<double>(step) + 1;
    return first / (1 - std::pow(b1, t)) /
           (std::sqrt(second / (1 - std::pow(b2, t))) + static_cast<double>(rule.epsilon));
  }
  double move(double value, double gradient, double rate, bool decays, std::uint64_t step) {
    double const decayed = value - (decays ? rate * static_cast<double>(rule.weight_decay) * value : 0.0);
    return decayed - rate * direction(gradient, step);
  }
};

struct rmsprop_by_hand {
  rmsprop rule;
  double square = 0;
  double velocity = 0;

  double move(double value, double gradient, double rate, bool decays, std::uint64_t) {
    double const whole = gradient + (decays ? static_cast<double>(rule.weight_decay) * value : 0.0);
    auto const kept = static_cast<double>(rule.smoothing);
    square = kept * square + (1 - kept) * whole * whole;
    velocity = static_cast<double>(rule.momentum) * velocity +
               whole / (std::sqrt(square) + static_cast<double>(rule.epsilon));
    return value - rate * velocity;
  }
};

struct lion_by_hand {
  lion rule;
  double momentum = 0;

  double move(double value, double gradient, double rate, bool decays, std::uint64_t) {
    auto const b1 = static_cast<double>(rule.beta1);
    auto const b2 = static_cast<double>(rule.beta2);
    double const mixed = b1 * momentum + (1 - b1) * gradient;
    momentum = b2 * momentum + (1 - b2) * gradient;
    double const sign = mixed > 0 ? 1 : mixed < 0 ? -1 : 0;
    return value - rate * (sign + (decays ? static_cast<double>(rule.weight_decay) * value : 0.0));
  }
};

template <class Rule, class ByHand>
void check_against(Rule const& rule, ByHand const& by_hand, parameter_kind kind) {
  generator source = generator::from(seed{21});
  std::vector<float> values(count);
  std::vector<double> expected(count);
  std::vector<float> gradients(count);
  std::vector<float> state(count * Rule::moments);
  std::vector<ByHand> oracles(count, by_hand);
  for (std::size_t i = 0; i < count; ++i) expected[i] = static_cast<double>(values[i] = source.normal());
  for (std::uint64_t step = 0; step < updates; ++step) {
    float const rate = rule.rate * (step < 30 ? 1.0f : 0.25f);
    for (std::size_t i = 0; i < count; ++i) {
      gradients[i] = i == 5 ? 0 : source.normal() * (i % 3 == 0 ? 1e-4f : 1.0f);
      expected[i] = oracles[i].move(expected[i], static_cast<double>(gradients[i]), static_cast<double>(rate),
                                    kind == parameter_kind::weight, step);
    }
    rule.update(values.data(), gradients.data(), state.data(), count, kind, rate, step);
  }
  for (std::size_t i = 0; i < count; ++i) {
    CAPTURE(i);
    CHECK(std::abs(static_cast<double>(values[i]) - expected[i]) < 2e-5 * (1 + std::abs(expected[i])));
  }
}

}  // namespace

TEST_CASE("sgd is its formula, with momentum, nesterov and weight decay") {
  for (sgd const rule : {sgd{}, sgd{.rate = 0.05f, .momentum = 0}, sgd{.rate = 0.01f, .nesterov = true},
                         sgd{.rate = 0.02f, .momentum = 0.8f, .weight_decay = 0.1f},
                         sgd{.rate = 0.02f, .momentum = 0.8f, .nesterov = true, .weight_decay = 0.1f}})
    check_against(rule, sgd_by_hand{rule}, parameter_kind::weight);
}

TEST_CASE("adam is its formula") {
  for (adam const rule : {adam{}, adam{.rate = 0.1f, .beta1 = 0.8f, .beta2 = 0.99f, .epsilon = 1e-3f}})
    check_against(rule, adam_by_hand{{rule.rate, rule.beta1, rule.beta2, rule.epsilon, 0}},
                  parameter_kind::weight);
}

TEST_CASE("adamw is its formula") {
  for (adamw const rule : {adamw{}, adamw{.rate = 0.1f, .beta1 = 0.8f, .weight_decay = 0.5f}})
    check_against(rule, adam_by_hand{rule}, parameter_kind::weight);
}

TEST_CASE("rmsprop is its formula, with momentum and weight decay") {
  for (rmsprop const rule : {rmsprop{}, rmsprop{.rate = 0.01F, .smoothing = 0.9F, .epsilon = 1e-4F},
                             rmsprop{.rate = 0.003F, .momentum = 0.8F, .weight_decay = 0.1F}})
    check_against(rule, rmsprop_by_hand{rule}, parameter_kind::weight);
}

TEST_CASE("lion is its formula") {
  for (lion const rule : {lion{}, lion{.rate = 0.01F, .beta1 = 0.8F, .beta2 = 0.95F, .weight_decay = 0.3F}})
    check_against(rule, lion_by_hand{rule}, parameter_kind::weight);
}

TEST_CASE("lamb moves a weight tensor along Adam's direction, by the rate times its own length") {
  lamb const rule{.rate = 0.02F, .weight_decay = 0.1F};
  generator source = generator::from(seed{22});
  std::vector<float> values(count), gradients(count), state(2 * count);
  std::vector<double> expected(count), direction(count);
  std::vector<adam_by_hand> oracles(
      count, adam_by_hand{{rule.rate, rule.beta1, rule.beta2, rule.epsilon, rule.weight_decay}});
  for (std::size_t i = 0; i < count; ++i) expected[i] = static_cast<double>(values[i] = source.normal());
  for (std::uint64_t step = 0; step < 20; ++step) {
    double length = 0, moved = 0;
    for (std::size_t i = 0; i < count; ++i) {
      gradients[i] = source.normal();
      direction[i] = oracles[i].direction(static_cast<double>(gradients[i]), step) +
                     static_cast<double>(rule.weight_decay) * expected[i];
      length += expected[i] * expected[i];
      moved += direction[i] * direction[i];
    }
    for (std::size_t i = 0; i < count; ++i)
      expected[i] -= static_cast<double>(rule.rate) * std::sqrt(length / moved) * direction[i];
    rule.update(values.data(), gradients.data(), state.data(), count, parameter_kind::weight, rule.rate,
                step);
  }
  for (std::size_t i = 0; i < count; ++i)
    CHECK(std::abs(static_cast<double>(values[i]) - expected[i]) < 5e-5 * (1 + std::abs(expected[i])));
  float zero = 0, gradient = 1, fresh[2] = {};
  lamb{.rate = 0.5F}.update(&zero, &gradient, fresh, 1, parameter_kind::weight, 0.5F, 0);
  CHECK(zero == doctest::Approx(-0.5));  // no length of its own: Adam's
}

TEST_CASE("weight decay leaves biases, norms and steps alone") {
  for (parameter_kind const kind : {parameter_kind::bias, parameter_kind::norm}) {
    check_against(sgd{.rate = 0.02f, .weight_decay = 0.5f},
                  sgd_by_hand{{.rate = 0.02f, .weight_decay = 0.5f}}, kind);
    check_against(adamw{.rate = 0.02f, .weight_decay = 0.5f},
                  adam_by_hand{{.rate = 0.02f, .weight_decay = 0.5f}}, kind);
  }
  float step = 0.25f;
  float const gradient = 0;
  float state[2] = {};
  sgd{.weight_decay = 0.5f}.update(&step, &gradient, state, 1, parameter_kind::step, 0.1f, 0);
  adamw{.weight_decay = 0.5f}.update(&step, &gradient, state, 1, parameter_kind::step, 0.1f, 0);
  rmsprop{.weight_decay = 0.5f}.update(&step, &gradient, state, 1, parameter_kind::step, 0.1f, 0);
  lion{.weight_decay = 0.5f}.update(&step, &gradient, state, 1, parameter_kind::step, 0.1f, 0);
  lamb{.weight_decay = 0.5f}.update(&step, &gradient, state, 1, parameter_kind::step, 0.1f, 0);
  CHECK(step == 0.25f);
}

TEST_CASE("rmsprop and lion move a quantizer's step in proportion to itself") {
  for (float const start : {1e-5f, 300.0f}) {
    float const gradient = 3;
    float of_lion = start, of_rmsprop = start, state[2] = {}, momentum = 0;
    lion{}.update(&of_lion, &gradient, &momentum, 1, parameter_kind::step, 1e-2f, 0);
    rmsprop{.smoothing = 0}.update(&of_rmsprop, &gradient, state, 1, parameter_kind::step, 1e-2f, 0);
    CHECK(of_lion == doctest::Approx(0.99 * static_cast<double>(start)));
    CHECK(of_rmsprop == doctest::Approx(0.99 * static_cast<double>(start)));
  }
}

TEST_CASE("sgd moves a quantizer's step as any parameter while it stays above half of itself") {
  float step = 0.25f;
  float const gradient = 0.5f;
  float velocity = 0;
  sgd{}.update(&step, &gradient, &velocity, 1, parameter_kind::step, 0.125f, 0);
  CHECK(step == 0.25f - 0.125f * 0.5f);
  sgd{}.update(&step, &gradient, &velocity, 1, parameter_kind::step, 100, 1);
  CHECK(step == 0.09375f);
}

TEST_CASE("adam moves a quantizer's step in proportion to itself") {
  for (float const start : {1e-5f, 1.0f, 300.0f}) {
    float step = start;
    float const gradient = 3;
    float state[2] = {};
    adam_by_hand oracle{{.weight_decay = 0}};
    double expected = static_cast<double>(start);
    for (std::uint64_t i = 0; i < 20; ++i) {
      expected -= 1e-2 * expected * oracle.direction(3, i);
      adam{}.update(&step, &gradient, state, 1, parameter_kind::step, 1e-2f, i);
    }
    CHECK(static_cast<double>(step) == doctest::Approx(expected).epsilon(1e-5));
    CHECK(static_cast<double>(step) ==
          doctest::Approx(static_cast<double>(start) * std::pow(0.99, 20)).epsilon(1e-4));
  }
}

TEST_CASE("a quantizer's step stays positive whatever the gradients") {
  float const infinity = std::numeric_limits<float>::infinity();
  for (float const gradient : {1e30f, infinity, std::numeric_limits<float>::quiet_NaN()}) {
    CAPTURE(gradient);
    float steps[5] = {1, 1, 1, 1, 1};
    float others[3][2] = {};
    float velocity = 0;
    float state[2] = {};
    for (std::uint64_t i = 0; i < 100; ++i) {
      sgd{}.update(&steps[0], &gradient, &velocity, 1, parameter_kind::step, 0.1f, i);
      adam{}.update(&steps[1], &gradient, state, 1, parameter_kind::step, 1, i);
      rmsprop{}.update(&steps[2], &gradient, others[0], 1, parameter_kind::step, 1, i);
      lion{}.update(&steps[3], &gradient, others[1], 1, parameter_kind::step, 1, i);
      lamb{}.update(&steps[4], &gradient, others[2], 1, parameter_kind::step, 1, i);
      for (float const step : steps) REQUIRE(step >= smallest_step);
    }
    CHECK(steps[0] == smallest_step);
  }
}

TEST_CASE("an update of all gradients 0 from a fresh start moves nothing") {
  float value = 3;
  float const gradient = 0;
  float state[2] = {};
  adam{}.update(&value, &gradient, state, 1, parameter_kind::weight, 1e-3f, 0);
  sgd{}.update(&value, &gradient, state, 1, parameter_kind::weight, 1e-3f, 0);
  CHECK(value == 3);
}

TEST_CASE("adam's root is exact enough for every size of gradient") {
  for (float size = 1e-12f; size < 1e12f; size *= 7) {
    CAPTURE(size);
    float value = 0;
    float state[2] = {};
    adam{.epsilon = 0}.update(&value, &size, state, 1, parameter_kind::bias, 1, 0);
    CHECK(value == doctest::Approx(-1).epsilon(2e-6));
  }
}
