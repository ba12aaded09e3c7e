#include <dyadic/train/compare.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/by_name.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/train/calibrate.hpp>

using namespace dyadic;

namespace {

constexpr std::size_t count = 70;  // two whole groups of evaluation and a rest
using net = sequential<input<6>, dense<8>, relu, dense<8>, residual<dense<8>>, relu, named<"head", dense<3>>>;

std::vector<float> random_samples() {
  generator random = generator::from(seed{8});
  std::vector<float> reals(count * 6);
  for (float& real : reals) real = random.uniform(-2, 2);
  return reals;
}

struct int8 : scheme {
  using activations = affine<8, per_tensor, range::min_max>;
};

}  // namespace

TEST_CASE("the error of the last stage is that of the networks' outputs") {
  std::vector<float> const reals = random_samples();
  data_view const samples{.reals = reals, .sample_size = 6};
  net::in<float32> const reference{seed{5}};
  auto const quantized = calibrate<int8>(reference, samples).value();
  auto const errors = compare(reference, quantized, samples).value();
  REQUIRE(errors.size() == 6);
  CHECK(errors[0].stage == std::string("input"));
  CHECK(errors[3].stage == std::string("residual_4/dense_0"));
  CHECK(errors[5].stage == std::string("head"));
  CHECK(errors[5].bits == 16);

  double signal = 0, noise = 0, largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    float a[3], b[3];
    std::span<float const> const image{reals.data() + 6 * i, 6};
    REQUIRE(reference.predict(image, std::span<float>(a)));
    REQUIRE(quantized.predict(image, std::span<float>(b)));
    for (int j = 0; j < 3; ++j) {
      signal += double{a[j]} * double{a[j]};
      noise += std::pow(double{b[j]} - double{a[j]}, 2);
      largest = std::fmax(largest, std::fabs(double{b[j]} - double{a[j]}));
    }
  }
  CHECK(errors[5].count == 3 * count);
  CHECK(errors[5].ratio() == doctest::Approx(10 * std::log10(signal / noise)).epsilon(1e-4));
  CHECK(errors[5].largest == doctest::Approx(largest).epsilon(1e-4));
}

TEST_CASE("the input's error is that of a uniform grid: a twelfth of the step's square") {
  std::vector<float> const reals = random_samples();
  data_view const samples{.reals = reals, .sample_size = 6};
  net::in<float32> const reference{seed{5}};
  auto const quantized = calibrate<int8>(reference, samples).value();
  stage_error const error = compare(reference, quantized, samples).value()[0];
  CHECK(error.count == 6 * count);
  CHECK(error.largest <= 0.5001 * error.step);
  CHECK(error.noise / static_cast<double>(error.count) ==
        doctest::Approx(error.step * error.step / 12).epsilon(0.15));
}

TEST_CASE("a grid that is too small is seen as saturation at its stage") {
  std::vector<float> const reals = random_samples();
  data_view const samples{.reals = reals, .sample_size = 6};
  net::in<float32> const reference{seed{5}};
  auto quantized = calibrate<int8>(reference, samples).value();
  CHECK(compare(reference, quantized, samples).value()[0].saturated == 0);
  auto const range = layer<"input">(quantized).output_range;
  range[0] = -1;
  range[1] = 1;
  std::size_t beyond = 0;
  double const step = 2.0 / 255;
  for (float const real : reals) beyond += std::fabs(double{real}) > 1 + 1.5 * step ? 1U : 0U;
  std::size_t within = 0;
  for (float const real : reals) within += std::fabs(double{real}) < 1 - 1.5 * step ? 1U : 0U;
  stage_error const error = compare(reference, quantized, samples).value()[0];
  CHECK(error.saturated >= beyond);
  CHECK(error.saturated <= reals.size() - within);
  CHECK(error.saturation() == static_cast<double>(error.saturated) / static_cast<double>(6 * count));
  CHECK(error.largest == doctest::Approx(1).epsilon(0.1));
}

TEST_CASE("a layer that is kept float is compared too, without the conversions around it") {
  std::vector<float> const reals = random_samples();
  data_view const samples{.reals = reals, .sample_size = 6};
  net::in<float32> const reference{seed{5}};
  using words = with<int8, at<"dense_3", kept_float>>;
  auto const errors = compare(reference, calibrate<words>(reference, samples).value(), samples).value();
  REQUIRE(errors.size() == 6);
  CHECK(errors[2].stage == std::string("dense_3"));
  CHECK(errors[2].bits == 32);
  CHECK(errors[2].saturated == 0);
}

TEST_CASE("a network does not differ from itself, and bytes are compared as reals") {
  std::vector<std::uint8_t> bytes(6 * 33);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 37);
  data_view const samples{.bytes = bytes, .sample_size = 6};
  net::in<float32> const reference{seed{5}};
  std::vector<stage_error> const errors = compare(reference, reference, samples).value();
  for (stage_error const& error : errors) {
    CHECK(error.noise == 0);
    CHECK(std::isinf(error.ratio()));
  }
  auto const quantized = calibrate<int8>(reference, samples).value();
  CHECK(compare(reference, quantized, samples).value()[0].largest < 1e-6);  // 8 bits hold a byte
}

TEST_CASE("what cannot be compared is an error that says why") {
  std::vector<float> const reals = random_samples();
  net::in<float32> const reference{seed{5}};
  net::in<trainable<int8>> const fresh{seed{5}};
  auto const uncalibrated = compare(reference, fresh, data_view{.reals = reals, .sample_size = 6});
  CHECK(uncalibrated.error().kind == fault::not_calibrated);
  CHECK(std::string(uncalibrated.error().what()).find("\"input\"") != std::string::npos);
  auto const misfit = compare(reference, reference, data_view{.reals = reals, .sample_size = 5});
  CHECK(misfit.error().kind == fault::wrong_size);
  CHECK(compare(reference, reference, data_view{.sample_size = 6}).error().kind == fault::wrong_size);
}

TEST_CASE("errors are printed a line a stage") {
  std::vector<stage_error> const errors{{.stage = "input",
                                         .bits = 8,
                                         .count = 4,
                                         .signal = 100,
                                         .noise = 1,
                                         .saturated = 1,
                                         .largest = 0.5,
                                         .step = 0.25},
                                        {.stage = "a_longer_name", .bits = 32, .count = 4, .signal = 1}};
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  print(errors, file);
  std::rewind(file);
  std::string text(1024, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  CHECK(text ==
        "stage          bits  SQNR in dB  saturated  largest error\n"
        "input             8        20.0   25.000 %            0.5  (2.0 steps)\n"
        "a_longer_name    32         inf    0.000 %              0\n");
}
