#include "dyadic/kernel/depthwise.hpp"

#include "dyadic/kernel/convolution.hpp"
#include "windows.hpp"

namespace {

using namespace dyadic::kernel;

template <class Activation, int Bits> struct problem {
  window_shape shape;
  std::size_t misalignment;
  std::vector<Activation> padded;
  std::vector<std::uint8_t> weights;
  std::vector<std::int64_t> sums;

  problem(sweep::generator& random, window_shape const& window)
      : shape(window), misalignment(random.size(0, 3)) {
    shape.out_channels = shape.in_channels;
    auto const zero = static_cast<Activation>(random(-128, 127));
    auto const image = random.codes<Activation>(
        sweep::product(shape.in_height, shape.in_width, shape.in_channels), sizeof(Activation) == 1 ? 8 : 16);
    padded.resize(misalignment + padded_size(shape));
    pad(shape, image.data(), zero, padded.data() + misalignment);
    auto const order = depthwise_weights(shape);
    auto const codes = random.codes<std::int8_t>(order.outputs * order.depth, Bits);
    weights.resize(packed_weights_bytes<Bits>(order));
    pack<Bits>(codes.data(), order, weights.data());
    sweep::for_each_pixel(shape, [&](int row, int column) {
      for (int c = 0; c < shape.in_channels; ++c)
        sums.push_back(sweep::window_sum(shape, image, zero, row, column, c, [&](int i, int j) {
          return std::int64_t{codes[sweep::product(c, shape.kernel_height, shape.kernel_width) +
                                    static_cast<std::size_t>(i * shape.kernel_width + j)]};
        }));
    });
  }

  template <class Code, class Arch, class Output> int wrong_elements(Arch arch, Output const& output) const {
    std::vector<Code> y(sums.size() + 1, Code{77});
    depthwise<Bits>(arch, shape, padded.data() + misalignment, weights.data(), output, y.data());
    int wrong = y.back() != 77;
    for (std::size_t i = 0; i < sums.size(); ++i)
      wrong +=
          y[i] != output(static_cast<std::int32_t>(sums[i]), i % static_cast<std::size_t>(shape.in_channels));
    return wrong;
  }
};

template <class Activation, int Bits> void compare(unsigned seed) {
  sweep::generator random(seed);
  problem<Activation, Bits> const given(random, sweep::any_window(random, 40));
  INFO("seed ", seed, ", ", Bits, " bits, image ", given.shape.in_height, "x", given.shape.in_width, "x",
       given.shape.in_channels);
  auto const channels = static_cast<std::size_t>(given.shape.in_channels);
  sweep::channel_parameters<dyadic::multiplier<31>> const fixed(channels, random);
  sweep::channel_parameters<dyadic::xnnpack_fp32> const real(channels, random);
  auto const bytes = sweep::output_of<std::int8_t>(dyadic::multiplier<31>{}, fixed, random);
  auto const words = sweep::output_of<std::int16_t>(dyadic::xnnpack_fp32{}, real, random);
  sweep::for_each_instruction_set([&](auto arch) {
    CHECK(given.template wrong_elements<std::int32_t>(arch, accumulators{}) == 0);
    CHECK(given.template wrong_elements<std::int8_t>(arch, bytes) == 0);
    CHECK(given.template wrong_elements<std::int16_t>(arch, words) == 0);
  });
}

}  // namespace

TEST_CASE("every depthwise kernel gives the sums of the formula on every bit, for any stride and padding") {
  for (unsigned seed = 1; seed <= 80; ++seed) {
    compare<std::int8_t, 8>(seed);
    compare<std::int8_t, 4>(seed);
    compare<std::int8_t, 2>(seed);
  }
}

TEST_CASE("a depthwise convolution of sixteen-bit codes gives the sums of the formula") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    compare<std::int16_t, 8>(seed);
    compare<std::int16_t, 2>(seed);
  }
}

TEST_CASE("windows up to and beyond the largest that tiles hold give the sums of the formula") {
  sweep::generator random(9);
  for (int width : {16, 17}) {
    window_shape const shape{.in_height = 17,
                             .in_width = 18,
                             .in_channels = 18,
                             .out_height = 2,
                             .out_width = 19 - width,
                             .kernel_height = 16,
                             .kernel_width = width};
    problem<std::int8_t, 8> const given(random, shape);
    sweep::for_each_instruction_set(
        [&](auto arch) { CHECK(given.template wrong_elements<std::int32_t>(arch, accumulators{}) == 0); });
  }
}
