#include <doctest/doctest.h>

#include <dyadic/train/calibrate.hpp>
#include <dyadic/train/evaluate.hpp>

#include <cstring>
#include <limits>
#include <string_view>
#include <vector>

#include <dyadic/network/by_name.hpp>

#include "small_task.hpp"

using namespace dyadic;
using small_task::net;

namespace {

struct four_bits : scheme {
  using weights = symmetric<4, per_channel, range::lsq>;
  using activations = affine<4>;
};

/// Ranges of everything seen, and of what a sum shows behind its activation.
struct by_means : scheme {
  using activations = affine<8, per_tensor, range::mean_magnitude<>>;
};
using sum = sequential<input<3>, residual<dense<3>>, relu, named<"head", dense<2>>>;

data_set reals(std::vector<float> const& values) {
  data_set made;
  made.sample_size = 3;
  made.reals = values;
  made.labels.assign(values.size() / 3, 0);
  return made;
}

}  // namespace

TEST_CASE("a quantization-aware network has the float network's weights, and no ranges yet") {
  net::in<float32> const network{seed{1}};
  auto const quantized = quantization_aware<small_task::int8>(network);
  using to = net::in<trainable<small_task::int8>>;
  std::size_t at = 0, from = 0, copied = 0;
  for (segment const& s : to::segments) {
    std::string_view const name = s.name;
    if (name == "weight" || name == "gamma" || name == "variance" || name == "bias") {
      from = 0;
      for (segment const& given : net::in<float32>::segments) {
        if (name == given.name && std::string_view(given.stage) == s.stage)
          for (std::size_t i = 0; i < s.count; ++i, ++copied)
            CHECK(quantized.floats()[at + i] == network.floats()[from + i]);
        from += given.count;
      }
    }
    at += s.count;
  }
  CHECK(copied == 4 * 9 + 4 + 4 + 64 * 4 + 4);
  CHECK(!quantized.calibrated());
  CHECK(quantized.calibrated().error().kind == fault::not_calibrated);
  CHECK(std::strstr(quantized.calibrated().error().what(), "\"input\"") != nullptr);
  CHECK(!evaluate(quantized, small_task::quarters(4)));
}

TEST_CASE("learned weight steps start from the weights that were copied") {
  net::in<float32> network{seed{1}};
  for (float& value : network.floats()) value *= 8;
  auto const quantized = quantization_aware<four_bits>(network);
  std::size_t at = 0;
  for (segment const& s : net::in<trainable<four_bits>>::segments) {
    if (std::string_view(s.name) == "weight_scale" && std::string_view(s.stage) == "conv2d_1")
      for (std::size_t c = 0; c < s.count; ++c) {
        double sum = 0;
        for (std::size_t i = 0; i < 9; ++i) sum += std::abs(static_cast<double>(network.floats()[c * 9 + i]));
        CHECK(quantized.floats()[at + c] == doctest::Approx(2 * sum / 9 / std::sqrt(7.0)).epsilon(1e-5));
      }
    at += s.count;
  }
}

TEST_CASE("calibration sets every range and leaves weights and running statistics alone") {
  net::in<float32> const network{seed{1}};
  data_set const data = small_task::quarters(100);
  auto const calibrated = calibrate<small_task::int8>(network, data);
  REQUIRE(calibrated);
  CHECK(calibrated->calibrated());
  auto const plain = quantization_aware<small_task::int8>(network);
  std::size_t at = 0;
  for (segment const& s : net::in<trainable<small_task::int8>>::segments) {
    if (std::string_view(s.name) != "output_range")
      for (std::size_t i = at; i < at + s.count; ++i) CHECK(calibrated->floats()[i] == plain.floats()[i]);
    at += s.count;
  }
  CHECK(evaluate(*calibrated, data));
}

TEST_CASE("calibration needs samples of the network's size") {
  net::in<float32> const network{seed{1}};
  CHECK(calibrate<small_task::int8>(network, data_view{.sample_size = 36}).error().kind == fault::wrong_size);
  data_set data = small_task::quarters(4);
  data.sample_size = 12;
  auto const refused = calibrate<small_task::int8>(network, data);
  CHECK(std::strstr(refused.error().what(), "36") != nullptr);
  CHECK(std::strstr(refused.error().what(), "12") != nullptr);
}

TEST_CASE("calibration ignores what is not finite, and is none where nothing else was shown") {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  sum::in<float32> const network{seed{1}};
  auto const clean = calibrate<by_means>(network, reals({1, 2, -3, 0.5F, 0, 1}));
  REQUIRE(clean);
  for (auto const& strange : {std::vector<float>{nan, inf, -inf, 1, 2, -3, 0.5F, 0, 1},
                              std::vector<float>{1, 2, -3, 0.5F, 0, 1, nan, nan, inf}}) {
    auto const found = calibrate<by_means>(network, reals(strange));
    REQUIRE(found);
    auto const seen = layer<"input">(*found).output_range, wanted = layer<"input">(*clean).output_range;
    REQUIRE(seen.size() == 2);
    CHECK(seen[0] == wanted[0]);
    CHECK(seen[1] == wanted[1]);
  }
  auto const nothing = calibrate<by_means>(network, reals({nan, inf, nan}));
  REQUIRE(nothing);
  CHECK(nothing->calibrated().error().kind == fault::not_calibrated);
}

TEST_CASE("the range rule of a sum is shown what is behind its activation") {
  sum::in<float32> network{seed{1}};
  auto const body = layer<"residual_1/dense_0">(network);
  for (float& w : body.weight) w = 0;
  for (float& b : body.bias) b = -10;  // below zero, whatever the input
  network.refresh();
  auto const calibrated = calibrate<by_means>(network, reals({1, 2, -3, 0.5F, 0, 1}));
  REQUIRE(calibrated);
  auto const seen = layer<"residual_1">(*calibrated).output_range;
  REQUIRE(seen.size() == 2);
  CHECK(seen[0] == 0);
  CHECK(seen[1] == 6);
}
