#include <string>
#include <string_view>

#include <dyadic/deploy/model_file.hpp>
#include <dyadic/network/summary.hpp>

#include "../deploy/engines.hpp"
#include "parity.hpp"

using namespace dyadic;

namespace {

/// Gathered kernel rows, kernel rows and taps of a multiple of four channels, groups of filters, and groups
/// that begin within a row and end short.
using network = sequential<input<6, 5, 3>, conv2d<8, window{.size = 3, .padding = padding::same}>, batch_norm,
                           relu, conv2d<16, window{.size = 2}>, batch_norm, relu,
                           conv2d<8, window{.size = 3, .padding = padding::same, .dilation = 2, .groups = 2}>,
                           relu, flatten, named<"head", dense<5>>>;

template <class Weights, class Policy = scheme::rescale, class Activations = affine<8>> struct of : scheme {
  using weights = Weights;
  using rescale = Policy;
  using activations = Activations;
};
using int4_groups = of<symmetric<4, per_group<32>>>;

using int16_groups = of<symmetric<4, per_group<8, 3>>, power_of_two<>, symmetric<16>>;
using wide_sums_of_groups = of<symmetric<12, per_group<8>>, scheme::rescale, symmetric<16>>;

}  // namespace

TEST_CASE_TEMPLATE("codes are the deployed ones with weights in groups, on a thousand inputs", Scheme,
                   int4_groups) {
  parity::check<network, Scheme>(61);
}

TEST_CASE_TEMPLATE("codes are the deployed ones with groups under every policy and range", Scheme,
                   of<symmetric<4, per_group<12>, range::lsq>, multiplier<31, rounding::half_even>>,
                   of<symmetric<3, per_group<20, 4>, range::mean_squared_error>, tflite_reference>,
                   of<ternary<per_group<16>, range::mean_magnitude<>>, xnnpack_fp32>) {
  parity::check<network, Scheme>(62);
}

TEST_CASE("codes are the deployed ones with groups and 16-bit activations, sums of 64 bits included") {
  parity::check<network, int16_groups>(64);
  parity::check<network, wide_sums_of_groups>(66);
}

TEST_CASE("engines with weights in groups come back from a file, and say what a weight costs") {
  using engine = integer_engine<network, int4_groups>;
  auto const edge = std::make_unique<engine>(to_integer(parity::trained<network, int4_groups>(63)).value());
  auto const saved = to_bytes(*edge);
  auto const loaded = from_bytes<engine>(saved);
  REQUIRE_MESSAGE(loaded, loaded.error().what());
  CHECK(to_bytes(*loaded) == saved);
  auto const images = parity::images_of(parity::images * engine::input_size, 4);
  CHECK(parity::difference(parity::deployed_trace(*edge, images, kernel::native{}),
                           parity::deployed_trace(*loaded, images, kernel::native{})) == "");
  CHECK(std::string_view(summary_rows<engine>[1].weights) == "4.25 bits");
  std::string description;
  describe<engine>([&](char const* text, std::size_t count) { description.append(text, count); });
  CHECK(description.find("| weights symmetric<4>,per_group<32> |") != std::string::npos);
}

TEST_CASE("a file with a factor that the type does not allow is refused") {
  using engine = integer_engine<network, int16_groups>;
  auto const edge = std::make_unique<engine>(to_integer(parity::trained<network, int16_groups>(65)).value());
  get<0>(edge->stages).factors[0] = 8;
  auto const saved = to_bytes(*edge);
  auto const loaded = from_bytes<engine>(saved);
  REQUIRE(!loaded);
  CHECK(std::string_view(loaded.error().what()).find("factors\": number 0: 1 to 7 expected, 8 found") !=
        std::string_view::npos);
}
