#include "dyadic/kernel/convolution.hpp"

#include "windows.hpp"

namespace {

using namespace dyadic::kernel;

template <class Activation, int Bits> struct problem {
  window_shape shape;
  Activation zero;
  std::vector<Activation> image, padded;
  std::vector<std::int8_t> codes;
  std::vector<std::uint8_t> weights;
  std::vector<std::int32_t> weight_sums;
  std::vector<std::int64_t> sums;
  std::size_t misalignment;

  explicit problem(sweep::generator& random) : shape(sweep::any_window(random, 9)) {
    shape.out_channels = static_cast<int>(random(1, 40));
    misalignment = random.size(0, 3);
    zero = static_cast<Activation>(random(-128, 127));
    image = random.codes<Activation>(sweep::product(shape.in_height, shape.in_width, shape.in_channels),
                                     sizeof(Activation) == 1 ? 8 : 16);
    padded.resize(misalignment + padded_size(shape));
    pad(shape, image.data(), zero, padded.data() + misalignment);
    auto const order = convolution_weights(shape);
    codes = random.codes<std::int8_t>(order.outputs * order.segments * order.depth, Bits);
    weights.resize(packed_weights_bytes<Bits>(order));
    pack<Bits>(codes.data(), order, weights.data());
    weight_sums.resize(order.outputs);
    sum_weights(codes.data(), order, weight_sums.data());
    sweep::for_each_pixel(shape, [&](int row, int column) {
      for (int o = 0; o < shape.out_channels; ++o) {
        std::int64_t sum = 0;
        for (int c = 0; c < shape.in_channels; ++c)
          sum += sweep::window_sum(shape, image, zero, row, column, c, [&](int i, int j) {
            return std::int64_t{
                codes[sweep::product(o * shape.kernel_height + i, shape.kernel_width, shape.in_channels) +
                      static_cast<std::size_t>(j * shape.in_channels + c)]};
          });
        sums.push_back(sum);
      }
    });
  }

  template <class Code, class Arch, class Output> int wrong_elements(Arch arch, Output const& output) const {
    std::vector<Code> y(sums.size() + 1, Code{77});
    convolution<Bits>(arch, shape, padded.data() + misalignment, weights.data(), weight_sums.data(), output,
                      y.data());
    int wrong = y.back() != 77;
    for (std::size_t i = 0; i < sums.size(); ++i)
      wrong += y[i] !=
               output(static_cast<std::int32_t>(sums[i]), i % static_cast<std::size_t>(shape.out_channels));
    return wrong;
  }
};

template <class Activation, int Bits> void compare(unsigned seed) {
  sweep::generator random(seed);
  problem<Activation, Bits> const given(random);
  INFO("seed ", seed, ", ", Bits, " bits, image ", given.shape.in_height, "x", given.shape.in_width, "x",
       given.shape.in_channels, " -> ", given.shape.out_channels);
  auto const channels = static_cast<std::size_t>(given.shape.out_channels);
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

TEST_CASE("every convolution gives the sums of the formula on every bit, for any stride and padding") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    compare<std::int8_t, 8>(seed);
    compare<std::int8_t, 4>(seed);
    compare<std::int8_t, 2>(seed);
  }
}

TEST_CASE("a convolution of sixteen-bit codes gives the sums of the formula") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    compare<std::int16_t, 8>(seed);
    compare<std::int16_t, 2>(seed);
  }
}

TEST_CASE("padding frames the image with the zero code, slack included") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    INFO("seed ", seed);
    sweep::generator random(seed);
    auto const shape = sweep::any_window(random, 5);
    auto const image =
        random.codes<std::int16_t>(sweep::product(shape.in_height, shape.in_width, shape.in_channels), 16);
    std::vector<std::int16_t> padded(padded_size(shape) + 1, 555), expected;
    pad(shape, image.data(), std::int16_t{-3}, padded.data());
    for (int row = 0; row < shape.padded_height(); ++row)
      for (int column = 0; column < shape.padded_width(); ++column)
        for (int c = 0; c < shape.in_channels; ++c)
          expected.push_back(static_cast<std::int16_t>(
              sweep::code_at(shape, image, -3, row - shape.pad_top, column - shape.pad_left, c)));
    expected.resize(expected.size() + read_slack, -3);
    expected.push_back(555);
    CHECK(padded == expected);
  }
}
