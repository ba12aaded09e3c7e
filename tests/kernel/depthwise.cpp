#include <dyadic/kernel/convolution.hpp>
#include <dyadic/kernel/depthwise.hpp>

#include "window.hpp"

namespace {

using namespace dyadic::kernel;

template <int StorageBits> void compare(unsigned seed, window_shape const& shape, sweep::generator& random) {
  INFO("seed ", seed, ", ", StorageBits, " bits, ", sweep::text(shape).c_str());
  auto const weights_shape = depthwise_weights(shape);
  auto const channels = static_cast<std::size_t>(shape.in_channels);
  auto const codes = random.codes<std::int8_t>(weights_shape.outputs * weights_shape.depth, StorageBits);
  auto const image = random.codes<std::int8_t>(sweep::in_size(shape), 8);
  auto const zero = static_cast<std::int8_t>(random(-128, 127));
  std::vector<std::uint8_t> weights(packed_weights_bytes<StorageBits>(weights_shape));
  pack<StorageBits>(codes.data(), weights_shape, weights.data());
  std::vector<std::int8_t> padded(padded_size(shape), 99);
  pad(shape, image.data(), zero, padded.data());
  std::vector<std::int16_t> const wide(padded.begin(), padded.end());

  sweep::channel_parameters<dyadic::multiplier<31>> const parameters(channels, random);
  auto const output = sweep::output_of<std::int8_t>(dyadic::multiplier<31>{}, parameters, random);
  std::vector<std::int32_t> expected;
  sweep::for_each_window(shape, [&](int top, int left) {
    for (std::size_t c = 0; c < channels; ++c) {
      std::int64_t sum = 0;
      std::size_t weight = c * weights_shape.depth;
      sweep::for_each_place(shape, top, left, [&](int row, int column) {
        sum +=
            std::int64_t{sweep::at(image, shape, row, column, static_cast<int>(c), zero)} * codes[weight++];
      });
      expected.push_back(static_cast<std::int32_t>(sum));
    }
  });

  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<std::int32_t> sums(expected.size()), wide_sums(expected.size());
    std::vector<std::int8_t> y(expected.size());
    depthwise<StorageBits>(arch, shape, padded.data(), weights.data(), accumulators{}, sums.data());
    depthwise<StorageBits>(arch, shape, wide.data(), weights.data(), accumulators{}, wide_sums.data());
    depthwise<StorageBits>(arch, shape, padded.data(), weights.data(), output, y.data());
    CHECK(sums == expected);
    CHECK(wide_sums == expected);
    int wrong = 0;
    for (std::size_t i = 0; i < y.size(); ++i) wrong += y[i] != output(expected[i], i % channels);
    CHECK(wrong == 0);
  });
}

}  // namespace

TEST_CASE("every depthwise kernel gives each channel's sums, channel tails and padding included") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    sweep::generator random(seed);
    window_shape shape = sweep::window(random, 1);
    shape.out_channels = shape.in_channels;
    compare<8>(seed, shape, random);
    compare<4>(seed, shape, random);
    compare<2>(seed, shape, random);
  }
}

TEST_CASE("a window of more taps than the fast kernels hold is still right") {
  sweep::generator random(3);
  compare<8>(3,
             {.in_height = 18,
              .in_width = 17,
              .in_channels = 5,
              .out_height = 2,
              .out_width = 1,
              .out_channels = 5,
              .kernel_height = 17,
              .kernel_width = 17},
             random);
}
