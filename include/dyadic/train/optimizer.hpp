#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include <dyadic/core/math.hpp>
#include <dyadic/core/name.hpp>
#include <dyadic/core/parameter.hpp>

namespace dyadic {

/// An optimizer is a small aggregate of settings. `moments` is the number of floats of state it keeps for a
/// parameter, all 0 before the first update. `update` moves `count` parameters of one kind: `state` is
/// [moments][count], `rate` the rate of this update (the optimizer's own times the schedule's factor), `step`
/// the number of updates before it. No update takes a parameter_kind::step below smallest_step or below half
/// of what it was; weight decay is for parameter_kind::weight alone.
template <class Optimizer>
concept optimizer = requires(Optimizer const rule, float* numbers, float const* gradients) {
  { Optimizer::moments } -> std::convertible_to<int>;
  { rule.rate } -> std::convertible_to<float>;
  Optimizer::name;
  rule.update(numbers, gradients, numbers, std::size_t{}, parameter_kind{}, float{}, std::uint64_t{});
};

/// A quantizer's step after an update would make it `wanted`: positive whatever the update.
constexpr float positive_step(float before, float wanted) noexcept {
  float const half = 0.5f * before;
  float const kept = wanted > half ? wanted : half;
  return kept > smallest_step ? kept : smallest_step;
}

namespace detail {

constexpr double power(double base, std::uint64_t exponent) noexcept {
  double result = 1;
  for (; exponent != 0; exponent >>= 1, base *= base)
    if (exponent & 1) result *= base;
  return result;
}

/// The square root of a number that is not negative, to a relative 3e-7: std::sqrt may set errno, which keeps
/// compilers from vectorizing the loop around it.
inline float root(float square) noexcept {
  float inverse = std::bit_cast<float>(0x5f375a86U - (std::bit_cast<std::uint32_t>(square) >> 1));
  float const half = 0.5f * square;
  for (int i = 0; i < 3; ++i) inverse *= 1.5f - half * inverse * inverse;
  return square * inverse;
}

}  // namespace detail

/// Stochastic gradient descent. velocity = momentum velocity + gradient; a parameter moves by -rate velocity,
/// or with nesterov by -rate (gradient + momentum velocity). Weight decay adds weight_decay times the weight
/// to its gradient.
struct sgd {
  static constexpr auto name = fixed_string{"sgd"};
  static constexpr int moments = 1;

  float rate = 0.1f;
  float momentum = 0.9f;
  bool nesterov = false;
  float weight_decay = 0;

  void update(float* parameters, float const* gradients, float* state, std::size_t count, parameter_kind kind,
              float now, std::uint64_t) const noexcept {
    float const decay = kind == parameter_kind::weight ? weight_decay : 0;
    float const kept = momentum;
    float const of_gradient = nesterov ? 1 : 0;
    float const of_velocity = nesterov ? momentum : 1;
    bool const positive = kind == parameter_kind::step;
    for (std::size_t i = 0; i < count; ++i) {
      float const before = parameters[i];
      float const gradient = gradients[i] + decay * before;
      float const velocity = kept * state[i] + gradient;
      float const wanted = before - now * (of_gradient * gradient + of_velocity * velocity);
      state[i] = velocity;
      parameters[i] = positive ? positive_step(before, wanted) : wanted;
    }
  }
};

/// Adam with decoupled weight decay (Loshchilov, Hutter, 2019): a weight also moves by -rate weight_decay
/// weight. Adam's moves are of size `rate` whatever the gradient, so a quantizer's step, which may be far
/// smaller than that, moves in proportion to itself: by rate times the step.
struct adamw {
  static constexpr auto name = fixed_string{"adamw"};
  static constexpr int moments = 2;

  float rate = 1e-3f;
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-8f;
  float weight_decay = 0.01f;

  void update(float* parameters, float const* gradients, float* state, std::size_t count, parameter_kind kind,
              float now, std::uint64_t step) const noexcept {
    float* const means = state;
    float* const squares = state + count;
    float const mean_scale =
        static_cast<float>(now / (1 - detail::power(static_cast<double>(beta1), step + 1)));
    float const root_scale =
        static_cast<float>(1 / math::square_root(1 - detail::power(static_cast<double>(beta2), step + 1)));
    float const kept = kind == parameter_kind::weight ? 1 - now * weight_decay : 1;
    bool const positive = kind == parameter_kind::step;
    float const b1 = beta1;
    float const b2 = beta2;
    float const floor = epsilon;
    for (std::size_t i = 0; i < count; ++i) {
      float const before = parameters[i];
      float const gradient = gradients[i];
      float const mean = b1 * means[i] + (1 - b1) * gradient;
      float const square = b2 * squares[i] + (1 - b2) * gradient * gradient;
      float const move = mean_scale * mean / (root_scale * detail::root(square) + floor);
      means[i] = mean;
      squares[i] = square;
      parameters[i] = positive ? positive_step(before, before - move * before) : kept * before - move;
    }
  }
};

/// Adam (Kingma, Ba, 2015): adamw without decay.
struct adam {
  static constexpr auto name = fixed_string{"adam"};
  static constexpr int moments = adamw::moments;

  float rate = 1e-3f;
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-8f;

  void update(float* parameters, float const* gradients, float* state, std::size_t count, parameter_kind kind,
              float now, std::uint64_t step) const noexcept {
    adamw{rate, beta1, beta2, epsilon, 0}.update(parameters, gradients, state, count, kind, now, step);
  }
};

/// RMSprop (Hinton 2012; PyTorch's form): a gradient over the root of the moving average of its squares, then
/// momentum. Weight decay adds weight_decay times the weight to its gradient. A quantizer's step moves in
/// proportion to itself, as under adamw.
struct rmsprop {
  static constexpr auto name = fixed_string{"rmsprop"};
  static constexpr int moments = 2;

  float rate = 1e-3f;
  float smoothing = 0.99f;
  float epsilon = 1e-8f;
  float momentum = 0;
  float weight_decay = 0;

  void update(float* parameters, float const* gradients, float* state, std::size_t count, parameter_kind kind,
              float now, std::uint64_t) const noexcept {
    float* const squares = state;
    float* const velocities = state + count;
    float const decay = kind == parameter_kind::weight ? weight_decay : 0;
    bool const positive = kind == parameter_kind::step;
    for (std::size_t i = 0; i < count; ++i) {
      float const before = parameters[i];
      float const gradient = gradients[i] + decay * before;
      float const square = smoothing * squares[i] + (1 - smoothing) * gradient * gradient;
      float const velocity = momentum * velocities[i] + gradient / (detail::root(square) + epsilon);
      squares[i] = square;
      velocities[i] = velocity;
      float const move = now * velocity;
      parameters[i] = positive ? positive_step(before, before - move * before) : before - move;
    }
  }
};

/// Lion (Chen et al. 2023): the sign of a mix of gradient and momentum; decoupled weight decay. Wants a rate
/// three to ten times smaller than Adam's. A quantizer's step moves in proportion to itself.
struct lion {
  static constexpr auto name = fixed_string{"lion"};
  static constexpr int moments = 1;

  float rate = 1e-4f;
  float beta1 = 0.9f;
  float beta2 = 0.99f;
  float weight_decay = 0;

  void update(float* parameters, float const* gradients, float* state, std::size_t count, parameter_kind kind,
              float now, std::uint64_t) const noexcept {
    float const kept = kind == parameter_kind::weight ? 1 - now * weight_decay : 1;
    bool const positive = kind == parameter_kind::step;
    for (std::size_t i = 0; i < count; ++i) {
      float const before = parameters[i];
      float const mixed = beta1 * state[i] + (1 - beta1) * gradients[i];
      float const move = mixed > 0 ? now : mixed < 0 ? -now : 0.0f;
      state[i] = beta2 * state[i] + (1 - beta2) * gradients[i];
      parameters[i] = positive ? positive_step(before, before - move * before) : kept * before - move;
    }
  }
};

/// LAMB (You et al. 2020): Adam's move (with decay added to it) of a whole weight tensor, made as long as
/// `rate` times the tensor's own length. Biases, norms and steps move as under adamw.
struct lamb {
  static constexpr auto name = fixed_string{"lamb"};
  static constexpr int moments = 2;

  float rate = 1e-3f;
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-6f;
  float weight_decay = 0.01f;

  void update(float* parameters, float const* gradients, float* state, std::size_t count, parameter_kind kind,
              float now, std::uint64_t step) const noexcept {
    if (kind != parameter_kind::weight)
      return adamw{rate, beta1, beta2, epsilon, 0}.update(parameters, gradients, state, count, kind, now,
                                                          step);
    float* const means = state;
    float* const squares = state + count;
    auto const mean_scale = static_cast<float>(1 / (1 - detail::power(static_cast<double>(beta1), step + 1)));
    auto const root_scale =
        static_cast<float>(1 / math::square_root(1 - detail::power(static_cast<double>(beta2), step + 1)));
    auto const direction = [&](std::size_t i) {
      return mean_scale * means[i] / (root_scale * detail::root(squares[i]) + epsilon) +
             weight_decay * parameters[i];
    };
    double weight_length = 0;
    double move_length = 0;
    for (std::size_t i = 0; i < count; ++i) {
      means[i] = beta1 * means[i] + (1 - beta1) * gradients[i];
      squares[i] = beta2 * squares[i] + (1 - beta2) * gradients[i] * gradients[i];
      auto const move = static_cast<double>(direction(i));
      weight_length += static_cast<double>(parameters[i]) * static_cast<double>(parameters[i]);
      move_length += move * move;
    }
    double const trust =
        weight_length > 0 && move_length > 0 ? math::square_root(weight_length / move_length) : 1;
    auto const scaled = static_cast<float>(static_cast<double>(now) * trust);
    for (std::size_t i = 0; i < count; ++i) parameters[i] -= scaled * direction(i);
  }
};

}  // namespace dyadic
