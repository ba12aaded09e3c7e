#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <string>

#include <dyadic/layer/code_output.hpp>
#include <dyadic/quantize/quantizer.hpp>

using namespace dyadic;

namespace {

constexpr int count = 24;

/// What PyTorch gave for one grid; floats by their bits.
struct vector {
  char const* function;
  int low, high;
  std::uint32_t scale;
  int zero;
  std::uint32_t x[count], dy[count], y[count], dx[count];
  std::uint32_t step_gradient, zero_gradient;
};
vector const vectors[] = {
#include "../golden/pytorch_quantizers.inc"
};

constexpr int batches = 5, batch_size = 8;

/// What a PyTorch observer gave after each batch, from the bounds that it remembered.
struct observed {
  char const* observer;
  int low, high;
  std::uint32_t x[batches][batch_size], scale[batches];
  int zero[batches];
  std::uint32_t state[2];
};
observed const observers[] = {
#include "../golden/pytorch_observers.inc"
};

float number(std::uint32_t bits) { return std::bit_cast<float>(bits); }

/// Shows a rule each batch, and compares the grids: their codes begin at `low`, ours below zero.
template <class Range, class Grid> void follow(observed const& o, float const* start = nullptr) {
  float state[Range::state_size]{};
  if (start != nullptr) state[0] = start[0], state[1] = start[1], state[2] = start[2];
  for (int batch = 0; batch < batches; ++batch) {
    INFO(std::string(o.observer), " ", o.low, " ", o.high, " batch ", batch);
    float values[batch_size];
    for (int i = 0; i < batch_size; ++i) values[i] = number(o.x[batch][i]);
    Range::template observe<Grid>(state, seen_in(values, batch_size));
    code_grid const where = Range::template place<Grid>(state);
    // Theirs is a float32 difference divided in float32.
    CHECK(double{where.scale} == doctest::Approx(double{number(o.scale[batch])}).epsilon(3e-7));
    CHECK(where.zero - Grid::low == o.zero[batch] - o.low);
  }
}

/// A grid of the vector's codes; only its ends matter to gradients.
template <int Low, int High> struct between {
  static constexpr auto name = fixed_string("between");
  static constexpr int bits = 8, low = Low, high = High;
  static constexpr bool has_zero_point = true;
  static constexpr code_grid fit(interval) noexcept { return {}; }
};

template <class Range, class Gradient, int Low, int High, class Check> void visit(Check const& check) {
  using rule = quantizer<between<Low, High>, per_tensor, Range, Gradient>;
  for (vector const& v : vectors)
    if (v.low == Low && v.high == High)
      check(v, typename code_finish<rule, no_activation>::backward_pass{{number(v.scale), v.zero}, count});
}
template <class Range, class Gradient, class Check> void for_all(Check const& check) {
  visit<Range, Gradient, -128, 127>(check);
  visit<Range, Gradient, -127, 127>(check);
  visit<Range, Gradient, -8, 7>(check);
  visit<Range, Gradient, 0, 255>(check);
  visit<Range, Gradient, 0, 15>(check);
}

}  // namespace

TEST_CASE("codes are PyTorch's where its reciprocal of the scale is exact") {
  for (vector const& v : vectors)
    for (int i = 0; i < count; ++i) {
      code_grid const where{number(v.scale), v.zero};
      INFO(v.function, " ", v.low, " ", v.high, " ", number(v.x[i]));
      CHECK(decode(encode(number(v.x[i]), where, v.low, v.high), where) == number(v.y[i]));
    }
}

TEST_CASE("the clipped rule passes what PyTorch's fake quantization passes") {
  for_all<range::min_max, ste::clipped>([](vector const& v, auto pass) {
    if (std::string(v.function) == "learnable") return;
    float values[count], dy[count];
    for (int i = 0; i < count; ++i) values[i] = number(v.x[i]), dy[i] = number(v.dy[i]);
    pass(values, dy, count);
    for (int i = 0; i < count; ++i) {
      INFO("code ", values[i] / number(v.scale) + static_cast<float>(v.zero), " of ", v.low, " ", v.high,
           " zero ", v.zero);
      CHECK(dy[i] == number(v.dx[i]));
    }
  });
}

TEST_CASE("learned steps and offsets have the gradients of PyTorch's learnable fake quantization") {
  for_all<range::lsq_plus, ste::clipped>([](vector const& v, auto pass) {
    if (std::string(v.function) != "learnable") return;
    float values[count], dy[count], gradients[2]{};
    for (int i = 0; i < count; ++i) values[i] = number(v.x[i]), dy[i] = number(v.dy[i]);
    float const state[]{number(v.scale), -number(v.scale) * static_cast<float>(v.zero - v.low), 1};
    pass(values, dy, count);
    pass.learn(state, gradients);
    for (int i = 0; i < count; ++i) {
      INFO("code ", values[i] / number(v.scale) + static_cast<float>(v.zero), " of ", v.low, " ", v.high,
           " zero ", v.zero);
      CHECK(dy[i] == number(v.dx[i]));
    }
    // Theirs moves the zero point and holds the step; ours holds the offset, -step * (zero - low).
    double const scale_of_ours = 1 / std::sqrt(24.0 * (v.high - v.low)),
                 scale_of_theirs = 1 / std::sqrt(24.0 * v.high);
    double const zero = double{number(v.zero_gradient)} / scale_of_theirs;
    double const offset = -zero / double{number(v.scale)};
    double const step = double{number(v.step_gradient)} / scale_of_theirs + offset * (v.zero - v.low);
    INFO(v.low, " ", v.high, " ", v.zero, " ", number(v.scale));
    CHECK(double{gradients[1]} == doctest::Approx(offset * scale_of_ours).epsilon(1e-4));
    CHECK(double{gradients[0]} == doctest::Approx(step * scale_of_ours).epsilon(1e-4));
  });
}

TEST_CASE("the learned step of lsq has the gradient of PyTorch's learnable fake quantization") {
  for_all<range::lsq, ste::clipped>([](vector const& v, auto pass) {
    if (std::string(v.function) != "learnable" || v.high == v.zero) return;
    float values[count], dy[count], gradient = 0;
    for (int i = 0; i < count; ++i) values[i] = number(v.x[i]), dy[i] = number(v.dy[i]);
    pass(values, dy, count);
    float const state[]{number(v.scale), static_cast<float>(v.zero), 1};
    pass.learn(state, &gradient);
    INFO(v.low, " ", v.high, " ", v.zero, " ", number(v.scale));
    double const theirs = double{number(v.step_gradient)} * std::sqrt(v.high / double(v.high - v.zero));
    CHECK(double{gradient} == doctest::Approx(theirs).epsilon(1e-4));
  });
}

TEST_CASE("observed ranges place PyTorch's grids, batch after batch") {
  using wide = grid::symmetric<8, grid::span::wide>;
  using halving = range::moving_average<range::momentum{.value = 0.5}>;
  int followed = 0;
  for (observed const& o : observers) {
    std::string const name = o.observer;
    if (name == "min_max")
      o.high == 127 ? follow<range::min_max, grid::affine<7>>(o) : follow<range::min_max, grid::affine<8>>(o);
    if (name == "symmetric") follow<range::max_abs, wide>(o);
    // With a half each, its average and ours, which is at first the plain mean, are the same.
    if (name == "halving") follow<halving, grid::affine<8>>(o);
    // Past a hundred batches they are the same whatever the momentum.
    float const start[]{number(o.state[0]), number(o.state[1]), 150};
    if (name == "moving") follow<range::moving_average<>, grid::affine<8>>(o, start);
    ++followed;
  }
  CHECK(followed == 4 * 5 + 3);
}
