#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <dyadic/layer/gru.hpp>
#include <dyadic/layer/lstm.hpp>

#include "float_gradients.hpp"

/// Recurrent layers in doubles, written from their definitions; and with every rounding of the integer
/// forward replaced by the straight line that the backward pass takes it for.
namespace recurrent_oracle {

using doubles::array;
using doubles::reader;

inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// What rounds: in its first run to the grid given, later by what it added in the first.
struct rounder {
  bool active = false;
  bool recording = true;
  std::size_t at = 0;
  std::vector<double> added{};

  double operator()(double value, double scale, int zero = 0, int low = -32767, int high = 32767) {
    if (!active) return value;
    if (recording) {
      double const code = std::fmin(std::fmax(std::nearbyint(value / scale) + zero, low), high);
      added.push_back(scale * (code - zero) - value);
    }
    return value + added[at++];
  }
};

struct options {
  int units;
  bool sequences = false, backwards = false;
  rounder* round = nullptr;
  double hidden_scale = 1;  ///< of the grid that the recurrent weights read
  int hidden_zero = 0, hidden_low = 0, hidden_high = 0;
};

/// Pre-activations of one step and image: [gates * units], each part rounded to 2^-11.
inline std::vector<double> part(rounder& round, std::vector<double> const& weights, double const* bias,
                                double const* x, std::size_t depth) {
  std::vector<double> sums(weights.size() / depth);
  for (std::size_t i = 0; i < sums.size(); ++i) {
    sums[i] = bias == nullptr ? 0 : bias[i];
    for (std::size_t k = 0; k < depth; ++k) sums[i] += weights[i * depth + k] * x[k];
    sums[i] = round(sums[i], 0x1p-11);
  }
  return sums;
}

/// Weights on the symmetric grid of 8 bits that their row's largest magnitude sets.
inline std::vector<double> rounded_weights(rounder& round, double const* numbers,
                                           std::vector<float> const& scales, std::size_t depth) {
  std::vector<double> weights(numbers, numbers + scales.size() * depth);
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = round(weights[i], double{scales[i / depth]}, 0, -127, 127);
  return weights;
}

/// `cell(u, x part, h part, state)` gives the hidden state of unit u and moves the state.
template <class Cell>
array layer(Cell cell, int gates, bool recurrent_bias, reader& from, array const& x, options o,
            std::vector<float> scales = {}, std::vector<float> recurrent_scales = {}) {
  rounder none, &round = o.round == nullptr ? none : *o.round;
  auto const units = static_cast<std::size_t>(o.units), channels = static_cast<std::size_t>(x.channels);
  int const rows = gates * o.units;
  scales.resize(static_cast<std::size_t>(rows));
  recurrent_scales.resize(static_cast<std::size_t>(rows));
  auto const w = rounded_weights(round, from.take(rows * x.channels), scales, channels);
  auto const u = rounded_weights(round, from.take(rows * o.units), recurrent_scales, units);
  double const* const bias = from.take(rows);
  double const* const other_bias = recurrent_bias ? from.take(rows) : nullptr;
  array y = doubles::zeros(x.images, 1, o.sequences ? x.width : 1, o.units);
  for (int image = 0; image < x.images; ++image) {
    std::vector<double> state(units), hidden(units), fed(units);
    for (int step = 0; step < x.width; ++step) {
      int const at = o.backwards ? x.width - 1 - step : step;
      auto const a = part(round, w, bias, x.values.data() + x.index(image, 0, at, 0), channels);
      auto const b = part(round, u, other_bias, fed.data(), units);
      for (std::size_t i = 0; i < units; ++i) hidden[i] = cell(i, a, b, state[i]);
      for (std::size_t i = 0; i < units; ++i) {
        if (o.sequences || step + 1 == x.width)
          y(image, 0, o.sequences ? at : 0, static_cast<int>(i)) = round(hidden[i], 1.0 / 32767);
        fed[i] = round(hidden[i], o.hidden_scale, o.hidden_zero, o.hidden_low, o.hidden_high);
      }
    }
  }
  return y;
}

inline array gru(reader& from, array const& x, options o, std::vector<float> const& scales = {},
                 std::vector<float> const& recurrent_scales = {}) {
  auto const n = static_cast<std::size_t>(o.units);
  return layer(
      [n](std::size_t i, std::vector<double> const& a, std::vector<double> const& b, double& state) {
        double const r = sigmoid(a[i] + b[i]), z = sigmoid(a[n + i] + b[n + i]);
        double const fresh = std::tanh(a[2 * n + i] + r * b[2 * n + i]);
        return state = (1 - z) * fresh + z * state;
      },
      3, true, from, x, o, scales, recurrent_scales);
}

inline array lstm(reader& from, array const& x, options o, std::vector<float> const& scales = {},
                  std::vector<float> const& recurrent_scales = {}) {
  auto const n = static_cast<std::size_t>(o.units);
  return layer(
      [n](std::size_t i, std::vector<double> const& a, std::vector<double> const& b, double& state) {
        auto const sum = [&](std::size_t gate) { return a[gate * n + i] + b[gate * n + i]; };
        state = sigmoid(sum(1)) * state + sigmoid(sum(0)) * std::tanh(sum(2));
        return sigmoid(sum(3)) * std::tanh(state);
      },
      4, false, from, x, o, scales, recurrent_scales);
}

/// The gradients of a quantized network of one recurrent layer (8 bits, outputs of 16) against central
/// differences of the layer with straight lines for roundings.
template <class Network, class Oracle> void check_quantized(Oracle oracle, options o, std::uint64_t seed) {
  INFO("seed ", seed);
  using namespace dyadic;
  constexpr int images = 3;
  using shape = typename Network::input_shape;
  typename Network::template in<trainable<scheme>> net{dyadic::seed{seed}};
  generator random = generator::from({seed + 1});
  for (float& number : net.floats()) number += random.uniform(-0.4F, 0.4F);
  net.refresh();
  auto const x = float_gradients::reals(images * net.input_size, seed + 2);
  net.forward({.observe = true}, {nullptr, x.data(), images});
  pass const p{.keep = true};
  float const* const y = net.forward(p, {nullptr, x.data(), images});
  std::vector<double> const outputs(y, y + images * net.output_size);
  array input{images, 1, shape::extent(0), shape::channels, {}};
  net.watch_stages([&](char const* stage, auto const* codes, std::size_t count, code_grid where, auto) {
    if (std::string(stage) == "input")
      for (std::size_t i = 0; i < count; ++i)
        input.values.push_back(double{where.scale} * (static_cast<int>(codes[i]) - where.zero));
  });
  auto dy = float_gradients::reals(images * net.output_size, seed + 3);
  std::vector<double> const toward(dy.begin(), dy.end());
  net.backward(p, images, dy.data());

  code_grid const hidden = grid::affine<8>::fit({-1, 1});
  rounder round{.active = true};
  o.round = &round;
  o.hidden_scale = double{hidden.scale};
  o.hidden_zero = hidden.zero;
  o.hidden_low = -128;
  o.hidden_high = 127;
  std::vector<double> numbers;
  std::vector<float> scales, recurrent_scales;
  std::size_t at = 0, first = 0;
  for (segment const& s : net.segments) {
    auto const part = net.floats().subspan(at, s.count);
    if (std::string(s.stage) == "input") first = s.count;
    if (std::string(s.name) == "weight_scale") scales.assign(part.begin(), part.end());
    if (std::string(s.name) == "recurrent_weight_scale") recurrent_scales.assign(part.begin(), part.end());
    if (s.trained) numbers.insert(numbers.end(), part.begin(), part.end());
    at += s.count;
  }
  auto const run = [&] {
    round.at = 0;
    reader from{numbers.data()};
    array const result = oracle(from, input, o, scales, recurrent_scales);
    round.recording = false;
    return result.values;
  };
  // The gates' tables are within 2^-13; a hidden state may so be a code beside.
  CHECK(float_gradients::distance(run(), outputs) < 0.02 * float_gradients::norm(outputs));
  auto const loss = [&] {
    auto const values = run();
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += values[i] * toward[i];
    return sum;
  };
  std::size_t number = 0;
  for (segment const& s : net.segments) {
    if (!s.trained) continue;
    std::vector<double> wanted, found;
    for (std::size_t i = 0; i < s.count; ++i, ++number) {
      double const kept = numbers[number];
      numbers[number] = kept + 1e-5;
      double const above = loss();
      numbers[number] = kept - 1e-5;
      wanted.push_back((above - loss()) / 2e-5);
      numbers[number] = kept;
      found.push_back(double{net.gradients()[first + number]});
    }
    INFO(std::string(s.name));
    CHECK(float_gradients::norm(wanted) > 0.01);
    CHECK(float_gradients::distance(found, wanted) < 0.01 * float_gradients::norm(wanted));
  }
}

}  // namespace recurrent_oracle
