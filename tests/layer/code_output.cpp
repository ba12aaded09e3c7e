#include <dyadic/layer/code_output.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <dyadic/layer/linear_weights.hpp>
#include <dyadic/quantize/quantizer.hpp>

#include "../quantize/surrogate.hpp"

using namespace dyadic;
using surrogates::slope;

namespace {

struct shown {
  std::vector<float> values, dy;
};

/// Values of a grid of that step and lowest code, inside and beyond it, none near where a derivative jumps.
shown random_values(std::size_t count, double step, int zero, std::uint64_t number) {
  auto random = generator::from({number});
  shown made;
  for (std::size_t i = 0; i < count; ++i) {
    double const code =
        std::floor(double{random.uniform(-14, 13)}) + 0.1 + 0.3 * double{random.uniform(0, 1)};
    made.values.push_back(static_cast<float>(step * (code - zero)));
    made.dy.push_back(random.normal());
  }
  return made;
}

double activated(float value, auto activation) {
  return std::clamp(double{value}, double{activation.low}, double{activation.high});
}

/// The loss is the sum of dy times the quantized values behind the activation.
template <class Rule, class Activation> void check_pass(code_grid where, float const* state) {
  using grid = typename Rule::grid;
  for (std::size_t count = 1; count < 40; count += count < 4 ? 1 : 5) {
    INFO("numbers ", count, " zero ", where.zero);
    double const step = double{where.scale}, offset = step * (grid::low - where.zero);
    shown const given = random_values(count, step, where.zero, count);
    auto const loss = [&](double s, double b) {
      double sum = 0;
      for (std::size_t i = 0; i < count; ++i) {
        double const value = activated(given.values[i], Activation{});
        sum += double{given.dy[i]} * surrogates::quantizer{value, grid::high - grid::low, step, offset}(s, b);
      }
      return sum;
    };
    typename code_finish<Rule, Activation>::backward_pass pass{where, 1000};
    std::vector<float> dy = given.dy;
    std::size_t const first = count / 3;  // as it comes, in parts
    pass(given.values.data(), dy.data(), first);
    pass(given.values.data() + first, dy.data() + first, count - first);
    float gradients[2]{1, 1};  // what was there before
    pass.learn(state, gradients);

    double const scale = double{Rule::range::template gradient_scale<grid>(1000, state)};
    if constexpr (range::learns_offset<typename Rule::range>) {
      double const by_step = slope(step, [&](double s) { return loss(s, offset); });
      CHECK(double{gradients[0]} == doctest::Approx(1 + scale * by_step).epsilon(1e-4));
      double const by_offset = slope(offset, [&](double b) { return loss(step, b); });
      CHECK(double{gradients[1]} == doctest::Approx(1 + scale * by_offset).epsilon(1e-4));
    } else {
      // The zero point stays: the offset moves with the step.
      double const by_step = slope(step, [&](double s) { return loss(s, s * (grid::low - where.zero)); });
      CHECK(double{gradients[0]} == doctest::Approx(1 + scale * by_step).epsilon(1e-4));
      CHECK(gradients[1] == 1);
    }
    for (std::size_t i = 0; i < count; ++i) {
      double const code = double{given.values[i]} / step + where.zero;
      bool const on_grid = code >= grid::low - 0.5 && code <= grid::high + 0.5;
      double const half = step / 2;
      bool const active = double{given.values[i]} >= double{Activation::low} - half &&
                          double{given.values[i]} <= double{Activation::high} + half;
      CHECK(dy[i] == (on_grid && active ? given.dy[i] : 0.0F));
    }
  }
}

template <class Range> using affine4 = affine<4, per_tensor, Range>;
template <class Range> using symmetric4 = symmetric<4, per_tensor, Range>;

}  // namespace

TEST_CASE("behind an activation learned steps have the gradient of the activated values") {
  float const lsq[]{0.5F, -2, 1}, centred[]{0.25F, 0, 1}, whole[]{0.5F, -8, 1}, plus[]{0.5F, -3, 1},
      threshold[]{3, 0, 1};
  check_pass<affine4<range::lsq>, no_activation>({0.5F, -2}, lsq);
  check_pass<affine4<range::lsq>, relu_with<>>({0.5F, -2}, lsq);
  check_pass<affine4<range::lsq>, relu6>({0.5F, -8}, whole);
  check_pass<symmetric4<range::lsq>, no_activation>({0.25F, 0}, centred);
  check_pass<affine4<range::lsq_plus>, no_activation>({0.5F, -2}, plus);
  check_pass<affine4<range::lsq_plus>, relu6>({0.5F, -2}, plus);
  check_pass<symmetric4<range::tqt>, relu_with<>>({0.5F, 0}, threshold);
}

TEST_CASE_TEMPLATE("each channel's learned weight scale has the gradient of its own weights", Range,
                   range::lsq, range::tqt) {
  constexpr std::size_t outputs = 3, depth = 11;
  using rule = weight_quantizer<symmetric<4, per_channel, Range>>;
  using weights = linear_weights<rule, kernel::weight_shape{outputs, 1, depth}, false>;
  std::vector<float> values, dy;
  float stored[outputs]{0.25F, 2, 0.0625F}, rows[outputs], gradients[outputs]{};
  typename weights::group_memory memory{};
  for (std::size_t c = 0; c < outputs; ++c) {
    rows[c] = weights::grid_scale(stored[c]);
    shown const given = random_values(depth, double{rows[c]}, 0, 50 + c);
    values.insert(values.end(), given.values.begin(), given.values.end());
    dy.insert(dy.end(), given.dy.begin(), given.dy.end());
  }
  rows[1] = -rows[1];  // a policy that negates the channel
  std::vector<float> through = dy;
  weights::through(values.data(), rows, memory, through.data(), stored, gradients);
  for (std::size_t c = 0; c < outputs; ++c) {
    INFO("channel ", c);
    double const step = std::abs(double{rows[c]});
    double const by_step = slope(step, [&](double s) {
      double sum = 0;
      for (std::size_t i = c * depth; i < (c + 1) * depth; ++i)
        sum += double{dy[i]} * surrogates::quantizer{double{values[i]}, 14, step, -7 * step}(s, -7 * s);
      return sum;
    });
    // lsq: 1 / sqrt(weights of the step * highest code); tqt: the step grows as the threshold does.
    double const scale =
        std::is_same_v<Range, range::lsq> ? 1 / std::sqrt(depth * 7.0) : step / double{stored[c]};
    CHECK(double{gradients[c]} == doctest::Approx(scale * by_step).epsilon(1e-4));
    for (std::size_t i = c * depth; i < (c + 1) * depth; ++i)
      CHECK(through[i] == (std::abs(double{values[i]}) <= 7.5 * step ? dy[i] : 0.0F));
  }
}
