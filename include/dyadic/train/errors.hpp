#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/core/math.hpp>
#include <dyadic/core/name.hpp>

namespace dyadic {

namespace detail {

/// The mean over a sample's outputs of `loss.term(output, target, slope)`, which gives a term and its
/// derivative by the output. The answer is a label, or targets.
template <class Loss, class Real, class Answer>
Real mean_of_terms(Loss const& loss, Real const* outputs, std::size_t size, Answer answer,
                   Real* gradient) noexcept {
  auto const target = [answer](std::size_t i) {
    if constexpr (std::is_convertible_v<Answer, std::int32_t>)
      return answer >= 0 && static_cast<std::size_t>(answer) == i ? Real{1} : Real{0};
    else
      return answer[i];
  };
  if (size == 0) return 0;
  Real const share = 1 / static_cast<Real>(size);
  Real sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    Real slope = 0;
    sum += loss.term(outputs[i], target(i), slope);
    if (gradient != nullptr) gradient[i] = share * slope;
  }
  return share * sum;
}

}  // namespace detail

// Of all losses here: a label stands for targets that are 1 at its class and 0 elsewhere.

/// The mean over a sample's outputs of the squared difference from its targets.
struct mean_squared_error {
  static constexpr auto name = fixed_string{"mean_squared_error"};

  template <class Real> Real term(Real output, Real target, Real& slope) const noexcept {
    Real const difference = output - target;
    slope = 2 * difference;
    return difference * difference;
  }

  template <class Real, class Answer>
  Real value_and_gradient(Real const* outputs, std::size_t size, Answer answer,
                          Real* gradient) const noexcept {
    return detail::mean_of_terms(*this, outputs, size, answer, gradient);
  }
};

/// The mean over a sample's outputs of the absolute difference from its targets; its gradient at a difference
/// of 0 is 0.
struct mean_absolute_error {
  static constexpr auto name = fixed_string{"mean_absolute_error"};

  template <class Real> Real term(Real output, Real target, Real& slope) const noexcept {
    Real const difference = output - target;
    slope = difference > 0 ? Real{1} : difference < 0 ? Real{-1} : Real{0};
    return math::magnitude(difference);
  }

  template <class Real, class Answer>
  Real value_and_gradient(Real const* outputs, std::size_t size, Answer answer,
                          Real* gradient) const noexcept {
    return detail::mean_of_terms(*this, outputs, size, answer, gradient);
  }
};

/// Half the squared difference up to `delta`, beyond it delta (|difference| - delta / 2): a squared error
/// that outliers do not rule (Huber 1964). `huber{.delta = 0.5F}`.
struct huber {
  static constexpr auto name = fixed_string{"huber"};

  float delta = 1;

  template <class Real> Real term(Real output, Real target, Real& slope) const noexcept {
    Real const difference = output - target;
    auto const limit = static_cast<Real>(delta);
    Real const size = math::magnitude(difference);
    slope = size <= limit ? difference : difference > 0 ? limit : -limit;
    return size <= limit ? difference * difference / 2 : limit * (size - limit / 2);
  }

  template <class Real, class Answer>
  Real value_and_gradient(Real const* outputs, std::size_t size, Answer answer,
                          Real* gradient) const noexcept {
    return detail::mean_of_terms(*this, outputs, size, answer, gradient);
  }
};

/// Minus the logarithm of the probability of each target that is 1 (of its opposite where it is 0), with the
/// sigmoid of an output as its probability: each output is a question of its own. Outputs are logits; real
/// targets are 0 to 1. No logit, however large, makes it infinite.
struct binary_cross_entropy {
  static constexpr auto name = fixed_string{"binary_cross_entropy"};

  template <class Real> Real term(Real logit, Real target, Real& slope) const noexcept {
    Real const power = math::exp(-math::magnitude(logit));
    Real const probability = (logit >= 0 ? Real{1} : power) / (1 + power);
    slope = probability - target;
    return (logit > 0 ? logit : Real{0}) - logit * target + math::log1p(power);
  }

  template <class Real, class Answer>
  Real value_and_gradient(Real const* outputs, std::size_t size, Answer answer,
                          Real* gradient) const noexcept {
    return detail::mean_of_terms(*this, outputs, size, answer, gradient);
  }
};

}  // namespace dyadic
