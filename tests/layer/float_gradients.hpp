#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

#include "doubles.hpp"

/// The float engine against layers in doubles: outputs, and the gradients of all parameters against central
/// differences.
namespace float_gradients {

using doubles::array;
using doubles::reader;

inline double norm(std::vector<double> const& v) {
  double sum = 0;
  for (double const x : v) sum += x * x;
  return std::sqrt(sum);
}
/// |a - b|.
inline double distance(std::vector<double> a, std::vector<double> const& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
  return norm(a);
}

constexpr int images = 3;

/// A network with numbers of every kind in all its parameters.
template <class Network> auto network_of(std::uint64_t seed) {
  typename Network::template in<dyadic::float32> net{dyadic::seed{seed}};
  dyadic::generator random = dyadic::generator::from({seed + 1});
  std::size_t at = 0;
  for (dyadic::segment const& s : net.segments) {
    bool const variance = std::string(s.name) == "variance";
    for (std::size_t i = at; i < at + s.count; ++i)
      net.floats()[i] += variance ? random.uniform(-0.5F, 1.0F) : random.uniform(-0.4F, 0.4F);
    at += s.count;
  }
  net.refresh();
  return net;
}

inline std::vector<float> reals(std::size_t count, std::uint64_t seed) {
  dyadic::generator random = dyadic::generator::from({seed});
  std::vector<float> values(count);
  for (float& v : values) v = random.normal();
  return values;
}

/// `forward(reader, input, batch statistics?)` is the network in doubles.
template <class Network, class Forward>
void check(Forward forward, bool batch_statistics = false, std::uint64_t seed = 1) {
  INFO("seed ", seed, " batch statistics ", batch_statistics);
  auto net = network_of<Network>(seed);
  using shape = typename Network::input_shape;
  auto const x = reals(images * net.input_size, seed + 2),
             weights = reals(images * net.output_size, seed + 3);
  array const input{images, shape::height, shape::width, shape::channels, {x.begin(), x.end()}};
  std::vector<double> parameters(net.floats().begin(), net.floats().end());

  auto const loss = [&] {
    array const y = forward(reader{parameters.data()}, input, batch_statistics);
    double sum = 0;
    for (std::size_t i = 0; i < y.values.size(); ++i) sum += y.values[i] * double{weights[i]};
    return sum;
  };

  dyadic::pass const p{.batch_statistics = batch_statistics, .keep = true};
  float const* const y = net.forward(p, {nullptr, x.data(), images});
  array const expected = forward(reader{parameters.data()}, input, batch_statistics);
  CHECK(distance({y, y + images * net.output_size}, expected.values) < 1e-5 * norm(expected.values));

  std::vector<float> dy = weights;
  net.backward(p, images, dy.data());
  std::vector<double> const analytic(net.gradients().begin(), net.gradients().end());
  std::vector<double> differences(parameters.size());
  std::size_t at = 0;
  for (dyadic::segment const& s : net.segments) {
    for (std::size_t i = at; s.trained && i < at + s.count; ++i) {
      double const kept = parameters[i], step = 1e-5;
      parameters[i] = kept + step;
      double const above = loss();
      parameters[i] = kept - step;
      differences[i] = (above - loss()) / (2 * step);
      parameters[i] = kept;
    }
    at += s.count;
  }
  // Some gradients vanish, such as those of a beta before another batch norm: hence the second tolerance.
  double const rest = 1e-6 * norm(differences);
  CHECK(rest > 0);
  double const *found = analytic.data(), *wanted = differences.data();
  for (dyadic::segment const& s : net.segments) {
    std::vector<double> const one(wanted, wanted + s.count);
    INFO(std::string(s.stage), " ", std::string(s.name));
    CHECK(distance({found, found + s.count}, one) < 1e-5 * norm(one) + rest);
    found += s.count;
    wanted += s.count;
  }
}

}  // namespace float_gradients
