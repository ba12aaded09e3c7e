#include <dyadic/quantize/stochastic.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <dyadic/deploy/run_file.hpp>
#include <dyadic/deploy/to_integer.hpp>
#include <dyadic/layer/linear_weights.hpp>
#include <dyadic/quantize/presets.hpp>
#include <dyadic/train/fit.hpp>
#include <dyadic/train/verify.hpp>

#include "../temporary_folder.hpp"
#include "../train/small_task.hpp"

using namespace dyadic;

TEST_CASE("of all chances the share of a real's fraction rounds up, the rest down") {
  constexpr code_grid where{0.25F, 3};
  for (float const quotient : {0.0F, 0.3125F, 0.5F, -0.75F, -1.0F, -2.015625F, 3.96875F}) {
    INFO("quotient ", quotient);
    auto const below = static_cast<std::int32_t>(std::floor(quotient));
    double const fraction = double{quotient} - below;
    std::uint32_t up = 0, other = 0;
    constexpr std::uint32_t chances = 1U << 16;
    for (std::uint32_t i = 0; i < chances; ++i) {
      std::int32_t const code =
          encode_by_chance(quotient / 4, where, -100, 100, static_cast<float>(i) / chances) - 3;
      up += code == below + 1 ? 1U : 0U;
      other += code != below + 1 && code != below ? 1U : 0U;
    }
    CHECK(other == 0);
    CHECK(up == static_cast<std::uint32_t>(fraction * chances));
  }
}

TEST_CASE("codes drawn by chance stay on the grid, and numbers that are none are zero") {
  static_assert(encode_by_chance(6.9F, {1, 0}, -7, 7, 0.0F) == 7 &&
                encode_by_chance(7.9F, {1, 0}, -7, 7, 0) == 7);
  static_assert(encode_by_chance(-99.5F, {1, 0}, -7, 7, 0.9F) == -7);
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(),
                  infinity = std::numeric_limits<float>::infinity();
  CHECK(encode_by_chance(nan, {1, 2}, -7, 7, 0.5F) == 2);
  CHECK(encode_by_chance(infinity, {1, 0}, -7, 7, 0.5F) == 7);
  CHECK(encode_by_chance(-infinity, {1, 0}, -7, 7, 0.5F) == -7);
}

namespace {

constexpr kernel::weight_shape shape{.outputs = 2, .segments = 1, .depth = 12};
template <class Quantizer> using weights_as = linear_weights<weight_quantizer<Quantizer>, shape, false>;

/// The mean of many drawn codes against the quotients by the scales, and whether another code than the two
/// neighbours came.
template <class Weights> void check_mean() {
  generator random = generator::from({8});
  std::vector<float> weight(24), stored(Weights::scales);
  for (float& value : weight) value = random.normal();
  typename Weights::group_memory groups;
  float rows[2];
  std::int8_t codes[24];
  Weights::place(weight.data(), stored.data());
  for (std::size_t c = 0; c < 2; ++c) rows[c] = Weights::row_scale(stored.data(), c, groups);
  rows[1] = -rows[1];  // a negated channel
  constexpr int draws = 20000;
  std::vector<double> sums(24);
  int strangers = 0;
  auto const quotient = [&](std::size_t i) {
    double scale = double{rows[i / 12]};
    if constexpr (Weights::grouped)
      scale = double{
          rows[i / 12] *
          static_cast<float>(groups.factors[i / 12 * Weights::groups + i % 12 / Weights::group_inputs])};
    return double{weight[i]} / scale;
  };
  for (int draw = 0; draw < draws; ++draw) {
    Weights::encode_all(weight.data(), rows, codes, groups, &random);
    for (std::size_t i = 0; i < 24; ++i) {
      sums[i] += codes[i];
      strangers += std::fabs(codes[i] - quotient(i)) < 1 + 1e-5 ? 0 : 1;
    }
  }
  CHECK(strangers == 0);
  for (std::size_t i = 0; i < 24; ++i)  // five deviations of a mean of ones and zeros
    CHECK(std::fabs(sums[i] / draws - quotient(i)) < 5 * 0.5 / std::sqrt(double{draws}));
  Weights::encode_all(weight.data(), rows, codes, groups);
  for (std::size_t i = 0; i < 24; ++i) CHECK(codes[i] == static_cast<int>(std::nearbyint(quotient(i))));
}

struct drawn : scheme {
  using weights = symmetric<3, per_channel, range::max_abs, ste::stochastic<>>;
};
struct drawn_alone : presets::dynamic_range {
  using weights = symmetric<3, per_channel, range::max_abs, ste::stochastic<ste::identity>>;
};

/// Training for some batches.
void steps(auto& run, data_set const& data, int first, int last) {
  for (int step = first; step < last; ++step)
    run.step(data.view().slice(static_cast<std::size_t>(step) * 16, 16), cross_entropy{});
}
template <class Engine> bool same(Engine const& a, Engine const& b) {
  return std::memcmp(a.floats().data(), b.floats().data(), a.floats().size_bytes()) == 0;
}

}  // namespace

TEST_CASE("the mean of many drawn codes is the weight, in groups too") {
  check_mean<weights_as<symmetric<4, per_channel, range::max_abs, ste::stochastic<>>>>();
  check_mean<weights_as<symmetric<3, per_group<8>, range::max_abs, ste::stochastic<>>>>();
}

TEST_CASE_TEMPLATE("a run whose weights are drawn is the same by its seed, and where it resumes", Scheme,
                   drawn, drawn_alone) {
  using engine = small_task::net::in<trainable<Scheme>>;
  auto const data = small_task::quarters(16 * 10);
  temporary_folder const folder;
  std::string const path = folder.path() + "/run.dyadic";
  engine straight{seed{2}}, twin{seed{2}}, other{seed{2}}, resumed{seed{9}};
  training run{straight, adam{.rate = 0.01F}, seed{7}}, again{twin, adam{.rate = 0.01F}, seed{7}};
  training else_run{other, adam{.rate = 0.01F}, seed{8}}, later{resumed, adam{.rate = 0.01F}, seed{1}};
  steps(run, data, 0, 4);
  REQUIRE(save(run, path));
  steps(run, data, 4, 10);
  steps(again, data, 0, 10);
  steps(else_run, data, 0, 10);
  CHECK(same(straight, twin));
  CHECK(!same(straight, other));
  auto const loaded = load_into(later, path);
  REQUIRE_MESSAGE(loaded, loaded.error().what());
  steps(later, data, 4, 10);
  CHECK(same(straight, resumed));
}

TEST_CASE_TEMPLATE("evaluation and deployment round to nearest, right behind a pass that drew", Scheme, drawn,
                   drawn_alone) {
  using engine = small_task::net::in<trainable<Scheme>>;
  auto const data = small_task::quarters(16 * 4);
  engine net{seed{3}};
  training run{net, adam{.rate = 0.01F}, seed{4}};
  steps(run, data, 0, 4);
  auto const outputs = [&](engine const& of, pass const& p) {
    float const* const y = of.forward(p, source_of(data.view().slice(0, 16)));
    return std::vector<float>(y, y + 16 * engine::output_size);
  };
  auto const fresh = outputs(net, {});
  generator random = generator::from({5});
  pass const drawing{.drop = true, .keep = true, .random = &random};
  auto const first = outputs(net, drawing), second = outputs(net, drawing);
  CHECK(first != second);
  engine copy = net;
  CHECK(outputs(net, {}) == fresh);
  CHECK(outputs(copy, {.keep = true, .random = &random}) == fresh);
  outputs(net, drawing);
  auto const edge = to_integer(net);
  REQUIRE(edge);
  auto const same_codes = verify(net, *edge, data.view()).value();
  CHECK(same_codes.compared > 0);
  CHECK(same_codes.differing == 0);
}
