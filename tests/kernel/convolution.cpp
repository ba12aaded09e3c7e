#include <dyadic/kernel/convolution.hpp>

#include "window.hpp"

namespace {

using namespace dyadic::kernel;

template <int StorageBits> void compare(unsigned seed) {
  sweep::generator random(seed);
  window_shape const shape = sweep::window(random, static_cast<int>(random(1, 40)));
  INFO("seed ", seed, ", ", StorageBits, " bits, ", sweep::text(shape).c_str());
  auto const weights_shape = convolution_weights(shape);
  auto const codes = random.codes<std::int8_t>(
      weights_shape.outputs * weights_shape.segments * weights_shape.depth, StorageBits);
  auto const image = random.codes<std::int8_t>(sweep::in_size(shape), 8);
  auto const zero = static_cast<std::int8_t>(random(-128, 127));

  std::vector<std::uint8_t> weights(packed_weights_bytes<StorageBits>(weights_shape));
  pack<StorageBits>(codes.data(), weights_shape, weights.data());
  std::vector<std::int32_t> weight_sums(weights_shape.outputs);
  sum_weights(codes.data(), weights_shape, weight_sums.data());
  std::vector<std::int8_t> padded(padded_size(shape), 99);
  pad(shape, image.data(), zero, padded.data());

  sweep::channel_parameters<dyadic::multiplier<31>> const parameters(weights_shape.outputs, random);
  auto const output = sweep::output_of<std::int8_t>(dyadic::multiplier<31>{}, parameters, random);
  auto const channels = static_cast<std::size_t>(shape.out_channels);
  std::vector<std::int32_t> expected;
  sweep::for_each_window(shape, [&](int top, int left) {
    for (std::size_t o = 0; o < channels; ++o) {
      std::int64_t sum = 0;
      std::size_t weight = o * weights_shape.segments * weights_shape.depth;
      sweep::for_each_place(shape, top, left, [&](int row, int column) {
        for (int c = 0; c < shape.in_channels; ++c)
          sum += std::int64_t{sweep::at(image, shape, row, column, c, zero)} * codes[weight++];
      });
      expected.push_back(static_cast<std::int32_t>(sum));
    }
  });

  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<std::int32_t> sums(expected.size());
    std::vector<std::int8_t> y(expected.size());
    convolution<StorageBits>(arch, shape, padded.data(), weights.data(), weight_sums.data(), accumulators{},
                             sums.data());
    convolution<StorageBits>(arch, shape, padded.data(), weights.data(), weight_sums.data(), output,
                             y.data());
    CHECK(sums == expected);
    int wrong = 0;
    for (std::size_t i = 0; i < y.size(); ++i) wrong += y[i] != output(expected[i], i % channels);
    CHECK(wrong == 0);
  });
}

}  // namespace

TEST_CASE("every convolution kernel gives the sums over each window, strides and padding included") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    compare<8>(seed);
    compare<4>(seed);
    compare<2>(seed);
  }
}

TEST_CASE("padding writes the whole frame and its slack") {
  window_shape const shape{.in_height = 2,
                           .in_width = 2,
                           .in_channels = 1,
                           .pad_top = 1,
                           .pad_left = 2,
                           .pad_bottom = 0,
                           .pad_right = 1};
  std::int8_t const image[4]{1, 2, 3, 4};
  std::vector<std::int8_t> padded(padded_size(shape), 99),
      expected{7, 7, 7, 7, 7, 7, 7, 1, 2, 7, 7, 7, 3, 4, 7};
  expected.resize(15 + read_slack, 7);
  pad(shape, image, std::int8_t{7}, padded.data());
  CHECK(padded == expected);
}

TEST_CASE("a convolution of one by one is one flat matmul") {
  window_shape const shape{.in_height = 5, .in_width = 4, .in_channels = 3, .out_height = 5, .out_width = 4};
  CHECK(convolution_matmul(shape).rows_per_group == 0);
  CHECK(convolution_matmul(shape).rows == 20);
}
