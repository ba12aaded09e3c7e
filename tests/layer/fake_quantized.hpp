#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

#include "doubles.hpp"

/// The backward pass on integers against its definition. The network is written once more in doubles, on the
/// reals that codes stand for. Every rounding is replaced by what the backward pass takes it for at the
/// engine's numbers, a straight line: the code's real, plus the straight-through factor times what the value
/// moved, plus the derivative by the step times what the step moved. That function's derivatives are central
/// differences.
namespace fake_quantized {

using doubles::array;
using doubles::sliding;

/// Codes of one stage and where they lie.
struct stage_codes {
  std::string stage;
  std::vector<int> codes;
  double scale;
  int zero;
};

/// A quantizer as the scheme says.
struct rule {
  int low, high;
  bool learned, clipped;

  template <class Quantizer> static rule of() {
    return {Quantizer::grid::low, Quantizer::grid::high, Quantizer::range::learned,
            std::is_same_v<typename Quantizer::gradient, dyadic::ste::clipped>};
  }
};

/// An activation's bounds.
struct bounds {
  double low = -1e300, high = 1e300;
};
inline constexpr bounds relu{0, 1e300}, relu6{0, 6};

inline double clamped(double v, double low, double high) { return v < low ? low : v > high ? high : v; }

/// One rounding: `values` and `codes` are those at the engine's numbers.
struct rounding_point {
  std::vector<double> values;
  std::vector<int> codes;
};

/// How a batch norm or a bias finishes a linear layer.
enum class finish { bias, norm };

/// What the engine was and did.
struct setting {
  std::vector<double> numbers;
  std::vector<dyadic::segment> segments;
  std::vector<stage_codes> stages;
  rule weight, activation, output;
  bool per_tensor_weights;
  std::size_t group_inputs = 0;  ///< of weights in groups; 0: none
  int largest_factor = 1;
  bool average_keeps_scale;
  bool batch_statistics;
};

struct walker : setting {
  explicit walker(setting s)
      : setting{std::move(s)}, parameters{numbers}, step_factors(numbers.size(), 1.0) {}

  std::vector<double> parameters;    ///< `numbers`, but for the one that is moved
  std::vector<double> step_factors;  ///< the gradient scale of each parameter that is a step
  int other_codes = 0;               ///< of the engine's, that are not the nearest

  array run(auto const& network, array const& input) {
    segment_ = offset_ = stage_ = point_ = 0;
    recording_ = points_.empty();
    return network(*this, input);
  }

  array encode(array const& x) { return rounded(x, {}, activation); }

  template <class Sliding = sliding>
  array linear(array const& x, Sliding const& w, int filters, finish with, bounds active = {},
               bool last = false) {
    return finished(
        doubles::convolution(x, w, filters,
                             weights(filters, w.height * w.width * x.channels / w.groups, false).data()),
        with, active, last);
  }
  array depthwise(array const& x, sliding w, finish with, bounds active = {}) {
    return finished(doubles::depthwise(x, w, weights(x.channels, w.height * w.width, true).data()), with,
                    active, false);
  }
  array lone_norm(array const& x, bounds active = {}, bool last = false) {
    return rounded(normed(x), active, last ? output : activation);
  }
  array average_pool(array const& x, sliding w) {
    array y = doubles::average_pool(x, w);
    return average_keeps_scale ? kept(std::move(y)) : rounded(std::move(y), {}, activation);
  }
  array add(array const& a, array const& b, bounds active = {}, bool last = false) {
    return rounded(doubles::sum(a, b), active, last ? output : activation);
  }
  /// Of the codes at the engine's numbers the first largest one passes.
  array max_pool(array const& x, sliding w) {
    ++stage_;
    rounding_point& at = point(x.values);
    array const base{x.images, x.height, x.width, x.channels, at.values};
    array largest = doubles::max_pool(base, w), y = largest;
    std::vector<bool> taken(y.values.size());
    doubles::for_taps(x, w, [&](int n, int row, int column, int from_row, int from_column, int) {
      for (int c = 0; c < x.channels; ++c) {
        std::size_t const to = y.index(n, row, column, c);
        if (taken[to] || base(n, from_row, from_column, c) != largest.values[to]) continue;
        taken[to] = true;
        y.values[to] = x(n, from_row, from_column, c);
      }
    });
    return y;
  }

  /// Codes outside the bounds are moved onto them.
  array lone_activation(array x, bounds active) {
    stage_codes const& seen = stages[stage_++];
    rounding_point& at = point(x.values);
    for (std::size_t i = 0; i < x.values.size(); ++i) {
      double const real = seen.scale * (seen.codes[i] - seen.zero);
      double const low = std::nearbyint(active.low / seen.scale),
                   high = std::nearbyint(active.high / seen.scale);
      double const before = at.values[i] / seen.scale;
      x.values[i] = before < low - 0.1 || before > high + 0.1 ? real : real + x.values[i] - at.values[i];
    }
    return x;
  }
  /// A dense layer in floats, and the stages that convert before and behind it.
  array floating(array const& x, int units, bounds active) {
    array y = doubles::convolution(x, {1, 1}, units, take("weight"));
    y = doubles::clamped(doubles::plus_bias(y, take("bias")), active.low, active.high);
    stage_ += 2;
    return y;
  }

 private:
  double const* take(char const* name) {
    if (std::string_view(segments[segment_].name) != name) FAIL("the engine has another segment than ", name);
    double const* const first = parameters.data() + offset_;
    offset_ += segments[segment_++].count;
    return first;
  }
  rounding_point& point(std::vector<double> const& values) {
    if (recording_) points_.push_back({values, {}});
    return points_[point_++];
  }

  std::vector<double> weights(int channels, int depth, bool by_tap) {
    std::size_t const first = offset_, count = segments[segment_].count;
    take("weight");
    std::size_t scale_at = offset_;  // behind gamma, beta, mean and variance, or the bias
    for (std::size_t s = segment_; std::string(segments[s].name) != "weight_scale"; ++s)
      scale_at += segments[s].count;
    rounding_point& at = point({numbers.data() + first, numbers.data() + first + count});
    std::vector<double> y(count);
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t const of = static_cast<std::size_t>(by_tap ? channels : depth);
      std::size_t const groups = group_inputs == 0 ? 1 : (of + group_inputs - 1) / group_inputs;
      std::size_t const s = scale_at + (per_tensor_weights  ? 0
                                        : by_tap            ? i % of
                                        : group_inputs == 0 ? i / of
                                                            : i / of * groups + i % of / group_inputs);
      double scale = numbers[s];
      if (group_inputs != 0) {
        double largest = 0;
        for (std::size_t g = 0; g < groups; ++g)
          largest = std::max(largest, numbers[scale_at + i / of * groups + g]);
        double const row = double{static_cast<float>(largest / largest_factor)};
        scale = row * std::min<double>(largest_factor, std::ceil(numbers[s] / row));
      }
      double const unrounded = at.values[i] / scale;
      if (recording_)
        at.codes.push_back(static_cast<int>(clamped(std::nearbyint(unrounded), weight.low, weight.high)));
      y[i] = line(at, i, scale, 0, unrounded, weight, {-1e300, 1e300}, parameters[first + i],
                  parameters[s] - numbers[s] + scale, unrounded);
      std::size_t const first_input = i % of / (group_inputs == 0 ? of : group_inputs) * group_inputs;
      double const shared = group_inputs == 0 ? double(per_tensor_weights ? channels * depth : depth)
                            : of - first_input < group_inputs ? double(of - first_input)
                                                              : double(group_inputs);
      step_factors[s] = 1 / std::sqrt(shared * weight.high);
    }
    return y;
  }

  array normed(array const& x) {
    double const* const p = take("gamma");
    take("beta");
    take("mean");
    take("variance");
    return doubles::batch_norm(x, p, batch_statistics);
  }
  array finished(array x, finish with, bounds active, bool last) {
    x = with == finish::norm ? normed(x) : doubles::plus_bias(x, take("bias"));
    take("weight_scale");
    return rounded(x, active, last ? output : activation);
  }

  /// A rounding on the grid of what is rounded: the gradient passes.
  array kept(array x) {
    stage_codes const& seen = stages[stage_++];
    rounding_point& at = point(x.values);
    for (std::size_t i = 0; i < x.values.size(); ++i)
      x.values[i] += seen.scale * (seen.codes[i] - seen.zero) - at.values[i];
    return x;
  }

  /// code0 * scale + passed * (value - value0) + d/d(step) * (step - step0)
  double line(rounding_point const& at, std::size_t i, double scale, int zero, double unrounded,
              rule const& r, bounds passes, double value, double step, double active) const {
    bool const on_grid = unrounded >= r.low - 0.5 && unrounded <= r.high + 0.5;
    bool const inside = unrounded >= passes.low && unrounded <= passes.high;
    double y = scale * (at.codes[i] - zero);
    if (inside && (on_grid || !r.clipped)) y += value - at.values[i];
    if (!r.learned) return y;
    double const slope = active <= r.low    ? r.low - zero
                         : active >= r.high ? r.high - zero
                                            : std::nearbyint(active) - active;
    return y + slope * (step - scale);
  }

  array rounded(array x, bounds active, rule const& r) {
    stage_codes const& seen = stages[stage_++];
    rounding_point& at = point(x.values);
    double step = seen.scale;
    if (r.learned) {
      std::size_t const step_at = offset_;
      step = *take("output_step");
      step_factors[step_at] = 1 / std::sqrt(double(x.height * x.width * x.channels) * (r.high - seen.zero));
    }
    take("output_range");
    double const low = clamped(active.low / seen.scale + seen.zero, -1e6, 1e6);
    double const high = clamped(active.high / seen.scale + seen.zero, -1e6, 1e6);
    bool const by_code = !r.learned && r.clipped;
    bounds const passes = by_code ? bounds{clamped(std::nearbyint(low), r.low, r.high) - 0.5,
                                           clamped(std::nearbyint(high), r.low, r.high) + 0.5}
                                  : bounds{low - 0.5, high + 0.5};
    for (std::size_t i = 0; i < x.values.size(); ++i) {
      double const unrounded = at.values[i] / seen.scale + seen.zero;
      double const nearest = clamped(std::nearbyint(clamped(unrounded, low, high)), r.low, r.high);
      if (recording_) {
        at.codes.push_back(seen.codes[i]);
        other_codes += seen.codes[i] != nearest ? 1 : 0;
      }
      x.values[i] = line(at, i, seen.scale, seen.zero, unrounded, r, passes, x.values[i], step,
                         clamped(unrounded, low, high));
    }
    return x;
  }

  std::vector<rounding_point> points_{};
  std::size_t segment_ = 0, offset_ = 0, stage_ = 0, point_ = 0;
  bool recording_ = true;
};

inline double norm(std::vector<double> const& v) {
  double sum = 0;
  for (double const x : v) sum += x * x;
  return std::sqrt(sum);
}

inline constexpr int images = 4;

/// A quantized network that saw data: every parameter has a value of its own, and learned steps are too small
/// for some numbers.
template <class Network, class Scheme> auto network_of(std::vector<float> const& x, std::uint64_t seed) {
  typename Network::template in<dyadic::trainable<Scheme>> net{dyadic::seed{seed}};
  dyadic::generator random = dyadic::generator::from({seed + 1});
  auto const for_segments = [&](auto const& visit) {
    std::size_t at = 0;
    for (dyadic::segment const& s : net.segments) {
      visit(s, std::string(s.name), at);
      at += s.count;
    }
    net.refresh();
  };
  for_segments([&](dyadic::segment const& s, std::string const& name, std::size_t at) {
    if (name == "weight_scale" || name == "output_range" || name == "output_step") return;
    for (std::size_t i = at; i < at + s.count; ++i) {
      net.floats()[i] += name == "variance" ? random.uniform(-0.5F, 1.0F) : random.uniform(-0.3F, 0.3F);
      if (name == "gamma" && i % 3 == 0) net.floats()[i] = -net.floats()[i];
    }
  });
  net.forward({.batch_statistics = true, .observe = true}, {nullptr, x.data(), images});
  for_segments([&](dyadic::segment const& s, std::string const&, std::size_t at) {
    for (std::size_t i = at; i < at + s.count; ++i)
      if (s.kind == dyadic::parameter_kind::step && s.trained) net.floats()[i] *= random.uniform(0.3F, 1.2F);
  });
  return net;
}

/// `network(walker, input)` is the network's stages.
template <class Network, class Scheme, class Walk>
void check(Walk const& network, bool batch_statistics, std::uint64_t seed = 1) {
  constexpr bool exact_codes = !Scheme::rescale::positive_gain;
  INFO("seed ", seed, " batch statistics ", batch_statistics);
  using shape = typename Network::input_shape;
  dyadic::generator random = dyadic::generator::from({seed + 2});
  std::vector<float> x(images * shape::size);
  for (float& v : x) v = 20 * random.normal();
  auto net = network_of<Network, Scheme>(x, seed);
  std::vector<float> dy(images * net.output_size);
  for (float& v : dy) v = random.normal();
  std::vector<double> const toward(dy.begin(), dy.end()), numbers(net.floats().begin(), net.floats().end());

  dyadic::pass const p{.batch_statistics = batch_statistics, .keep = true};
  float const* const outputs = net.forward(p, {nullptr, x.data(), images});
  std::vector<double> const y(outputs, outputs + dy.size());
  std::vector<stage_codes> stages;
  net.watch_stages(
      [&](char const* name, auto const* codes, std::size_t count, dyadic::code_grid where, auto format) {
        stages.push_back({name, {}, double{where.scale}, where.zero});
        if constexpr (!decltype(format)::is_real) stages.back().codes.assign(codes, codes + count);
      });
  net.backward(p, images, dy.data());

  using weight_rule = dyadic::weight_quantizer<typename Scheme::weights>;
  std::size_t group_inputs = 0;
  int largest_factor = 1;
  if constexpr (dyadic::is_grouped<typename weight_rule::granularity>) {
    group_inputs = weight_rule::granularity::group_inputs;
    largest_factor = weight_rule::granularity::largest_factor;
  }
  walker doubles{{.numbers = numbers,
                  .segments = {net.segments.begin(), net.segments.end()},
                  .stages = stages,
                  .weight = rule::of<weight_rule>(),
                  .activation = rule::of<dyadic::activation_quantizer<typename Scheme::activations>>(),
                  .output = rule::of<dyadic::activation_quantizer<typename Scheme::outputs>>(),
                  .per_tensor_weights = std::is_same_v<typename weight_rule::granularity, dyadic::per_tensor>,
                  .group_inputs = group_inputs,
                  .largest_factor = largest_factor,
                  .average_keeps_scale = Scheme::rescale::average_keeps_scale,
                  .batch_statistics = batch_statistics}};
  array const input{images, shape::height, shape::width, shape::channels, {x.begin(), x.end()}};
  std::vector<double> beside = doubles.run(network, input).values;
  for (std::size_t i = 0; i < y.size(); ++i) beside[i] -= y[i];
  CHECK(norm(beside) <= 1e-6 * norm(y));
  if (exact_codes) CHECK(doubles.other_codes == 0);

  auto const loss = [&] {
    array const moved = doubles.run(network, input);
    double sum = 0;
    for (std::size_t i = 0; i < toward.size(); ++i) sum += moved.values[i] * toward[i];
    return sum;
  };
  std::vector<double> differences(numbers.size());
  std::size_t at = 0;
  for (dyadic::segment const& s : net.segments) {
    for (std::size_t i = at; s.trained && i < at + s.count; ++i) {
      double const step = 1e-5;
      doubles.parameters[i] = numbers[i] + step;
      double const above = loss();
      doubles.parameters[i] = numbers[i] - step;
      differences[i] = doubles.step_factors[i] * (above - loss()) / (2 * step);
      doubles.parameters[i] = numbers[i];
    }
    at += s.count;
  }
  double const rest = 1e-5 * norm(differences);
  CHECK(rest > 0);
  at = 0;
  for (dyadic::segment const& s : net.segments) {
    std::vector<double> wanted, off;
    for (std::size_t i = at; s.trained && i < at + s.count; ++i) {
      wanted.push_back(differences[i]);
      off.push_back(double{net.gradients()[i]} - differences[i]);
    }
    INFO(std::string(s.stage), " ", std::string(s.name));
    CHECK(norm(off) <= 1e-4 * norm(wanted) + rest);
    at += s.count;
  }
}

}  // namespace fake_quantized
