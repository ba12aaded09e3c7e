#include "dyadic/train/loss.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "dyadic/core/random.hpp"

using namespace dyadic;

namespace {

// The definitions, written out in double.
double softmax_loss(std::vector<double> const& logits, std::vector<double> const& targets) {
  double sum = 0;
  for (double const logit : logits) sum += std::exp(logit);
  double loss = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) loss -= targets[i] * std::log(std::exp(logits[i]) / sum);
  return loss;
}

double squared_loss(std::vector<double> const& outputs, std::vector<double> const& targets) {
  double sum = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) sum += std::pow(outputs[i] - targets[i], 2);
  return sum / static_cast<double>(outputs.size());
}

using definition = double (*)(std::vector<double> const&, std::vector<double> const&);

std::vector<double> one_hot(std::size_t size, std::int32_t label) {
  std::vector<double> targets(size);
  targets[static_cast<std::size_t>(label)] = 1;
  return targets;
}

std::vector<double> random_reals(generator& source, std::size_t size) {
  std::vector<double> reals(size);
  for (double& real : reals) real = 3 * static_cast<double>(source.normal());
  return reals;
}

void check_gradient(definition loss, std::vector<double> const& outputs, std::vector<double> const& targets,
                    double value, std::vector<double> const& gradient) {
  CHECK(value == doctest::Approx(loss(outputs, targets)).epsilon(1e-9));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    CAPTURE(i);
    std::vector<double> moved = outputs;
    constexpr double width = 1e-5;
    moved[i] = outputs[i] + width;
    double const above = loss(moved, targets);
    moved[i] = outputs[i] - width;
    double const below = loss(moved, targets);
    CHECK(std::abs(gradient[i] - (above - below) / (2 * width)) < 1e-8);
  }
}

double absolute_loss(std::vector<double> const& outputs, std::vector<double> const& targets) {
  double sum = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) sum += std::abs(outputs[i] - targets[i]);
  return sum / static_cast<double>(outputs.size());
}

double huber_loss(std::vector<double> const& outputs, std::vector<double> const& targets) {
  double sum = 0;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    double const size = std::abs(outputs[i] - targets[i]);
    sum += size <= 1.5 ? size * size / 2 : 1.5 * size - 1.5 * 1.5 / 2;
  }
  return sum / static_cast<double>(outputs.size());
}

double binary_loss(std::vector<double> const& logits, std::vector<double> const& targets) {
  double sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    double const probability = 1 / (1 + std::exp(-logits[i]));
    sum -= targets[i] * std::log(probability) + (1 - targets[i]) * std::log(1 - probability);
  }
  return sum / static_cast<double>(logits.size());
}

// Smoothing 0.25, and weights 2, 0.5, 3 of the first three classes.
double smoothed_loss(std::vector<double> const& logits, std::vector<double> const& targets) {
  double const weights[] = {2, 0.5, 3};
  std::vector<double> changed(targets.size());
  for (std::size_t i = 0; i < targets.size(); ++i)
    changed[i] = (0.75 * targets[i] + 0.25 / static_cast<double>(targets.size())) * (i < 3 ? weights[i] : 1);
  return softmax_loss(logits, changed);
}

template <class Loss> void check_gradients(definition loss, Loss const& rule = {}) {
  generator source = generator::from(seed{11});
  for (std::size_t const size : {1U, 2U, 3U, 10U, 17U}) {
    for (int round = 0; round < 5; ++round) {
      CAPTURE(size);
      CAPTURE(round);
      std::vector<double> const outputs = random_reals(source, size);
      std::vector<double> gradient(size, -99);

      auto const label = static_cast<std::int32_t>(source.below(static_cast<std::uint32_t>(size)));
      double value = rule.value_and_gradient(outputs.data(), size, label, gradient.data());
      check_gradient(loss, outputs, one_hot(size, label), value, gradient);

      std::vector<double> const targets = random_reals(source, size);
      value = rule.value_and_gradient(outputs.data(), size, targets.data(), gradient.data());
      check_gradient(loss, outputs, targets, value, gradient);
    }
  }
}

}  // namespace

TEST_CASE("cross entropy is its definition, and its gradient the central difference of that") {
  check_gradients<cross_entropy>(softmax_loss);
}

TEST_CASE("mean squared error is its definition, and its gradient the central difference of that") {
  check_gradients<mean_squared_error>(squared_loss);
}

TEST_CASE("mean absolute error is its definition, and its gradient the central difference of that") {
  check_gradients<mean_absolute_error>(absolute_loss);
  float gradient[] = {5};
  float const output[] = {2};
  CHECK(mean_absolute_error{}.value_and_gradient(output, 1, output, gradient) == 0);
  CHECK(gradient[0] == 0);
}

TEST_CASE("huber's loss is its definition, and its gradient the central difference of that") {
  check_gradients(huber_loss, huber{.delta = 1.5F});
}

TEST_CASE("binary cross entropy is its definition, and its gradient the central difference of that") {
  check_gradients<binary_cross_entropy>(binary_loss);
  float const logits[] = {-2000, 3000};
  float const targets[] = {1, 1};
  float gradient[2];
  CHECK(binary_cross_entropy{}.value_and_gradient(logits, 2, targets, gradient) == 1000);
  CHECK(gradient[0] == -0.5F);
  CHECK(gradient[1] == 0);
}

TEST_CASE("cross entropy with smoothing and class weights is that of the changed targets") {
  float const weights[] = {2, 0.5F, 3};
  check_gradients(smoothed_loss, cross_entropy{.smoothing = 0.25F, .class_weights = weights});
}

TEST_CASE("cross entropy of huge logits is finite and right") {
  float const logits[] = {1e4f, -1e4f, 9998};
  float gradient[3];
  float const likely = cross_entropy{}.value_and_gradient(logits, 3, 0, gradient);
  CHECK(static_cast<double>(likely) == doctest::Approx(std::log1p(std::exp(-2.0))).epsilon(1e-2));
  CHECK(gradient[1] == 0);
  CHECK(static_cast<double>(gradient[2]) == doctest::Approx(std::exp(-2.0) / (1 + std::exp(-2.0))));
  CHECK(cross_entropy{}.value_and_gradient(logits, 3, 1, gradient) == doctest::Approx(20000.13));
  CHECK(gradient[1] == -1);
}

TEST_CASE("a label that is no class has no loss and no gradient") {
  float const logits[] = {1, 2};
  for (std::int32_t const label : {-1, 2, 1000000, INT32_MIN}) {
    float gradient[] = {5, 5};
    CHECK(cross_entropy{}.value_and_gradient(logits, 2, label, gradient) == 0);
    CHECK(gradient[0] == 0);
    CHECK(gradient[1] == 0);
  }
}

TEST_CASE("a batch's gradient is that of its mean loss, and sums and correct answers are counted") {
  generator source = generator::from(seed{12});
  constexpr std::size_t count = 7;
  constexpr std::size_t classes = 4;
  std::vector<float> outputs(count * classes);
  for (float& output : outputs) output = source.normal();
  std::vector<std::uint8_t> const samples(count);
  std::vector<std::int32_t> const labels{0, 1, 2, 3, 0, 1, 2};
  batch const part{.bytes = samples, .labels = labels, .sample_size = 1};

  std::vector<float> gradient(count * classes);
  loss_value const found = forward_backward(cross_entropy{}, outputs.data(), classes, part, gradient.data());

  double sum = 0;
  std::size_t correct = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<double> const row(outputs.begin() + static_cast<std::ptrdiff_t>(i * classes),
                                  outputs.begin() + static_cast<std::ptrdiff_t>((i + 1) * classes));
    sum += softmax_loss(row, one_hot(classes, labels[i]));
    bool largest = true;
    for (std::size_t j = 0; j < classes; ++j)
      largest = largest && row[j] <= row[static_cast<std::size_t>(labels[i])];
    correct += largest ? 1 : 0;
    std::vector<double> alone(classes);
    cross_entropy{}.value_and_gradient(row.data(), classes, labels[i], alone.data());
    for (std::size_t j = 0; j < classes; ++j)
      CHECK(std::abs(static_cast<double>(gradient[i * classes + j]) - alone[j] / count) < 1e-6);
  }
  CHECK(found.sum == doctest::Approx(sum).epsilon(1e-5));
  CHECK(found.correct == correct);
  CHECK(found.count == count);
  CHECK(found.labelled == count);
  CHECK(found.mean() == doctest::Approx(sum / count).epsilon(1e-5));
  CHECK(found.accuracy() == doctest::Approx(static_cast<double>(correct) / count));

  loss_value twice = found;
  twice += found;
  CHECK(twice.count == 2 * count);
  CHECK(twice.mean() == doctest::Approx(found.mean()));

  CHECK(forward_backward(cross_entropy{}, outputs.data(), classes, part, nullptr).sum == found.sum);
  std::vector<float> in_place = outputs;
  CHECK(forward_backward(cross_entropy{}, in_place.data(), classes, part, in_place.data()).sum == found.sum);
  CHECK(in_place == gradient);
}

TEST_CASE("of equal outputs the first is the answer") {
  float const outputs[] = {1, 3, 3, 2};
  CHECK(index_of_largest(outputs, 4) == 1);
  std::uint8_t const sample[] = {0};
  std::int32_t const first[] = {1};
  std::int32_t const second[] = {2};
  CHECK(forward_backward(cross_entropy{}, outputs, 4, {.bytes = sample, .labels = first, .sample_size = 1},
                         nullptr)
            .correct == 1);
  CHECK(forward_backward(cross_entropy{}, outputs, 4, {.bytes = sample, .labels = second, .sample_size = 1},
                         nullptr)
            .correct == 0);
}

TEST_CASE("a batch with real targets has a loss and no accuracy") {
  float const outputs[] = {1, 2, 3, 4};
  float const targets[] = {0, 2, 3, 6};
  float const samples[] = {0, 0};
  float gradient[4];
  batch const part{.reals = samples, .targets = targets, .sample_size = 1, .target_size = 2};
  loss_value const found = forward_backward(mean_squared_error{}, outputs, 2, part, gradient);
  CHECK(found.sum == doctest::Approx(0.5 + 2));
  CHECK(found.labelled == 0);
  CHECK(found.accuracy() == 0);
  CHECK(gradient[0] == 0.5f);
  CHECK(gradient[1] == 0);
  CHECK(gradient[3] == -1);
}

TEST_CASE("an empty batch has no loss") {
  loss_value const found = forward_backward(cross_entropy{}, nullptr, 10, {}, nullptr);
  CHECK(found.mean() == 0);
  CHECK(found.accuracy() == 0);
}
