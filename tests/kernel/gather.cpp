#include <dyadic/kernel/convolution.hpp>

#include "window.hpp"

namespace {

using namespace dyadic::kernel;

window_shape square(int kernel, int channels) {
  return {.in_height = 9,
          .in_width = 11,
          .in_channels = channels,
          .out_height = 10 - kernel,
          .out_width = 12 - kernel,
          .out_channels = 21,
          .kernel_height = kernel,
          .kernel_width = kernel};
}

template <class Activation> void compare(unsigned seed, int kernel, int channels) {
  INFO("seed ", seed, ", ", kernel, "x", kernel, "x", channels);
  sweep::generator random(seed);
  window_shape const shape = square(kernel, channels);
  REQUIRE(gathers(shape));
  auto const packed = convolution_weights(shape);
  REQUIRE(packed.segments == 1);
  auto const codes = random.codes<std::int8_t>(packed.outputs * packed.depth, 8);
  auto image = random.codes<Activation>(sweep::in_size(shape), 8);
  std::vector<std::int32_t> expected;
  sweep::for_each_window(shape, [&](int top, int left) {
    for (std::size_t o = 0; o < packed.outputs; ++o) {
      std::int32_t sum = 0;
      std::size_t weight = o * packed.depth;
      sweep::for_each_place(shape, top, left, [&](int row, int column) {
        for (int c = 0; c < channels; ++c)
          sum += sweep::at(image, shape, row, column, c, Activation{}) * codes[weight++];
      });
      expected.push_back(sum);
    }
  });
  image.resize(image.size() + read_slack);
  std::vector<std::uint8_t> weights(packed_weights_bytes<8>(packed));
  pack<8>(codes.data(), packed, weights.data());
  std::vector<std::int32_t> weight_sums(packed.outputs), sums(expected.size());
  sum_weights(codes.data(), packed, weight_sums.data());
  sweep::for_each_instruction_set([&](auto arch) {
    convolution<8>(arch, shape, image.data(), weights.data(), weight_sums.data(), accumulators{},
                   sums.data());
    CHECK(sums == expected);
  });
}

/// Codes of 8 bits, from weights of `Bits`, against the reference's accumulators and the output function.
template <int Bits, class Policy> void compare_codes(Policy policy, unsigned seed, int kernel, int channels) {
  sweep::generator random(seed);
  window_shape shape = square(kernel, channels);
  shape.in_width = static_cast<int>(random(kernel, 30));
  shape.stride_width = static_cast<int>(random(1, 2));
  shape.out_width = (shape.in_width - kernel) / shape.stride_width + 1;
  shape.out_channels = 16 * static_cast<int>(random(1, 7));
  INFO("seed ", seed, ", ", kernel, "x", kernel, "x", channels, ", width ", shape.in_width, ", outputs ",
       shape.out_channels, ", ", Policy::name.c_str());
  auto const packed = convolution_weights(shape);
  auto const codes = random.codes<std::int8_t>(packed.outputs * packed.depth, Bits);
  auto const image = random.codes<std::int8_t>(sweep::in_size(shape) + read_slack, 8);
  std::vector<std::uint8_t> weights(packed_weights_bytes<Bits>(packed));
  std::vector<std::int32_t> weight_sums(packed.outputs),
      sums(static_cast<std::size_t>(shape.out_height * shape.out_width) * packed.outputs);
  pack<Bits>(codes.data(), packed, weights.data());
  sum_weights(codes.data(), packed, weight_sums.data());
  convolution<Bits>(reference{}, shape, image.data(), weights.data(), weight_sums.data(), accumulators{},
                    sums.data());
  sweep::channel_parameters<Policy> const parameters(packed.outputs, random);
  auto const output = sweep::output_of<std::int8_t>(policy, parameters, random);
  std::vector<std::int8_t> expected;
  for (std::size_t i = 0; i < sums.size(); ++i) expected.push_back(output(sums[i], i % packed.outputs));
  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<std::int8_t> y(sums.size());
    convolution<Bits>(arch, shape, image.data(), weights.data(), weight_sums.data(), output, y.data());
    CHECK(y == expected);
  });
}

}  // namespace

TEST_CASE("windows with narrow rows are gathered: all sizes of kernel and channels for which it pays") {
  unsigned seed = 0;
  for (int kernel = 2; kernel <= 9; ++kernel)
    for (int channels = 1; channels <= 8; ++channels) {
      if (!gathers(square(kernel, channels))) continue;
      compare<std::int8_t>(++seed, kernel, channels);
      compare<std::int16_t>(++seed, kernel, channels);
    }
  CHECK(seed > 8);
}

TEST_CASE("rows that fill their units, one row and spaced taps are not gathered") {
  CHECK(gathers(square(5, 1)));
  CHECK(gathers(square(3, 3)));
  CHECK_FALSE(gathers(square(4, 1)));
  CHECK_FALSE(gathers(square(5, 4)));
  window_shape spaced = square(5, 1);
  spaced.dilation_width = 2;
  CHECK_FALSE(gathers(spaced));
}

TEST_CASE("a gathered convolution is a constant expression") {
  constexpr std::int32_t sum = [] {
    constexpr window_shape shape{
        .in_height = 5, .in_width = 5, .in_channels = 1, .kernel_height = 5, .kernel_width = 5};
    std::int8_t codes[25]{}, image[25]{};
    for (int i = 0; i < 25; ++i) {
      codes[i] = static_cast<std::int8_t>(i + 1);
      image[i] = static_cast<std::int8_t>(25 - i);
    }
    std::uint8_t weights[packed_weights_bytes<8>(convolution_weights(shape))]{};
    pack<8>(codes, convolution_weights(shape), weights);
    std::int32_t const weight_sums[1]{25 * 26 / 2};
    std::int32_t y = 0;
    convolution<8>(native{}, shape, image, weights, weight_sums, accumulators{}, &y);
    return y;
  }();
  CHECK(sum == 25 * 26 * 27 / 6);
}

TEST_CASE("gathered windows that become codes in registers give the bits of the output function") {
  unsigned seed = 0;
  for (int turn = 0; turn < 8; ++turn)
    for (int kernel = 2; kernel <= 5; ++kernel)
      for (int channels = 1; channels <= 5; ++channels) {
        if (!gathers(square(kernel, channels))) continue;
        compare_codes<8>(dyadic::xnnpack_fp32{}, ++seed, kernel, channels);
        compare_codes<4>(dyadic::multiplier<31>{}, seed, kernel, channels);
      }
}
