#include <doctest/doctest.h>

#include <dyadic/train/distillation.hpp>
#include <dyadic/train/fit.hpp>

#include <cmath>
#include <vector>

#include "small_task.hpp"

using namespace dyadic;
using small_task::net;

static_assert(loss_function<distillation<net::in<float32>>>);

namespace {

std::vector<double> softened(std::vector<double> const& logits, double temperature) {
  std::vector<double> all;
  double sum = 0;
  for (double const logit : logits) sum += std::exp(logit / temperature);
  for (double const logit : logits) all.push_back(std::exp(logit / temperature) / sum);
  return all;
}

// Hinton, Vinyals and Dean's loss of one sample, in double.
double by_hand(std::vector<double> const& student, std::vector<double> const& teacher, std::size_t label,
               double temperature, double weight) {
  auto const p = softened(teacher, temperature), q = softened(student, temperature);
  double divergence = 0;
  for (std::size_t i = 0; i < p.size(); ++i) divergence += p[i] * std::log(p[i] / q[i]);
  return (1 - weight) * -std::log(softened(student, 1)[label]) +
         weight * temperature * temperature * divergence;
}

}  // namespace

TEST_CASE("distillation is its definition, and its gradient the central difference of that") {
  net::in<float32> teacher{seed{4}};
  data_set const data = small_task::quarters(6);
  generator random = generator::from(seed{5});
  std::vector<float> student(6 * 4);
  for (float& logit : student) logit = 2 * random.normal();
  for (distilling const how :
       {distilling{}, distilling{.temperature = 1.5F, .weight = 0.9F}, distilling{.weight = 0}}) {
    float const* const taught = teacher.forward({}, source_of(data));
    std::vector<std::vector<double>> lessons;
    for (std::size_t i = 0; i < 6; ++i) lessons.emplace_back(taught + 4 * i, taught + 4 * i + 4);
    distillation const loss{teacher, how};
    std::vector<float> gradient = student;  // in place
    loss_value const found = forward_backward(loss, gradient.data(), 4, data, gradient.data());
    double sum = 0;
    for (std::size_t i = 0; i < 6; ++i) {
      std::vector<double> const row(student.begin() + static_cast<std::ptrdiff_t>(4 * i),
                                    student.begin() + static_cast<std::ptrdiff_t>(4 * i + 4));
      auto const value = [&](std::vector<double> const& at) {
        return by_hand(at, lessons[i], static_cast<std::size_t>(data.labels[i]),
                       static_cast<double>(how.temperature), static_cast<double>(how.weight));
      };
      sum += value(row);
      for (std::size_t j = 0; j < 4; ++j) {
        auto above = row, below = row;
        above[j] += 1e-5;
        below[j] -= 1e-5;
        CHECK(std::abs(static_cast<double>(gradient[4 * i + j]) * 6 - (value(above) - value(below)) / 2e-5) <
              1e-5);
      }
    }
    CHECK(found.sum == doctest::Approx(sum).epsilon(1e-5));
    CHECK(forward_backward(loss, student.data(), 4, data, nullptr).sum == found.sum);
  }
}

TEST_CASE("a quantized student learns a float teacher's answers without seeing right labels") {
  data_set const data = small_task::quarters(400), other = small_task::quarters(200, 2);
  net::in<float32> teacher{seed{1}};
  fit(teacher, data, adam{.rate = 1e-2F}, {.epochs = 4, .batch_size = 32});
  REQUIRE(evaluate(teacher, other)->accuracy > 0.95);
  data_set unlabelled = data;
  for (std::int32_t& label : unlabelled.labels) label = 0;
  net::in<trainable<small_task::int8>> student{seed{2}};
  distillation const loss{teacher, {.temperature = 2, .weight = 1}};
  REQUIRE(fit(student, unlabelled, adam{.rate = 1e-2F}, loss, {.epochs = 4, .batch_size = 32}));
  CHECK(evaluate(student, other)->accuracy > 0.9);
}
