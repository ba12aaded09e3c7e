#include <dyadic/kernel/depthwise.hpp>

#include "window.hpp"

namespace {

using namespace dyadic::kernel;

window_shape window(sweep::generator& random, int size, int channels, int lanes) {
  auto const pick = [&](int low, int high) { return static_cast<int>(random(low, high)); };
  int const stride = pick(1, 2), down = pick(1, 3), apart = pick(0, 3) == 0 ? 2 : 1;
  int const rows = pick(1, 2 * lanes + 1), columns = pick(0, 1) == 0 ? pick(1, 5) : pick(6, 70);
  return {.in_height = (rows - 1) * down + (size - 1) * apart + 1 + pick(0, down - 1),
          .in_width = (columns - 1) * stride + size + pick(0, stride - 1),
          .in_channels = channels,
          .out_height = rows,
          .out_width = columns,
          .out_channels = channels,
          .kernel_height = size,
          .kernel_width = size,
          .stride_height = down,
          .stride_width = stride,
          .dilation_height = apart};
}

struct problem {
  problem(unsigned seed, int size, int channels)
      : random(seed), shape(window(random, size, channels, 4)), packed(depthwise_weights(shape)) {
    codes = random.codes<std::int8_t>(packed.outputs * packed.depth, 8);
    image = random.codes<std::int8_t>(sweep::in_size(shape), 8);
    image.resize(image.size() + read_slack);
    weights.resize(packed_weights_bytes<8>(packed));
    pack<8>(codes.data(), packed, weights.data());
  }

  /// Every instruction set's results are the reference's.
  template <class Output> void compare(Output const& output) {
    std::vector<typename Output::code> expected(static_cast<std::size_t>(shape.out_height * shape.out_width) *
                                                packed.outputs);
    depthwise<8>(reference{}, shape, image.data(), weights.data(), output, expected.data());
    sweep::for_each_instruction_set([&](auto arch) {
      std::vector<typename Output::code> y(expected.size());
      depthwise<8>(arch, shape, image.data(), weights.data(), output, y.data());
      CHECK(y == expected);
    });
  }

  sweep::generator random;
  window_shape shape;
  weight_shape packed;
  std::vector<std::int8_t> codes, image;
  std::vector<std::uint8_t> weights;
};

/// Numbers of channels that fill registers, half of them, or none.
constexpr int channel_counts[]{1, 8, 15, 16, 17, 31, 32, 33, 40, 47, 48, 49, 63, 64, 65, 96, 112, 128, 150};

template <class Body> void for_each_problem(unsigned seed, Body const& body) {
  for (int const size : {3, 5})
    for (int const channels : channel_counts)
      for (int i = 0; i < 3; ++i) {
        problem made(++seed, size, channels);
        INFO("seed ", seed, ", ", sweep::text(made.shape).c_str());
        body(made);
      }
}

}  // namespace

TEST_CASE("windows that slide give the reference's sums, whatever is left of rows, columns and channels") {
  for_each_problem(0, [](problem& made) { made.compare(accumulators{}); });
}

TEST_CASE("codes that are made in registers are the reference's, whatever the multiplier and the range") {
  for_each_problem(1000, [](problem& made) {
    sweep::channel_parameters<dyadic::multiplier<31>> const parameters(made.packed.outputs, made.random);
    made.compare(sweep::output_of<std::int8_t>(dyadic::multiplier<31>{}, parameters, made.random));
  });
}

TEST_CASE("codes by float32 scales are the reference's, of scales below 1 and above, in 8 and 16 bits") {
  for_each_problem(2000, [](problem& made) {
    sweep::channel_parameters<dyadic::xnnpack_fp32> parameters(made.packed.outputs, made.random);
    if (made.random(0, 3) != 0)
      for (std::uint32_t& bits : parameters.scale_bits) bits -= 9U << 23;  // all below 1
    made.compare(sweep::output_of<std::int8_t>(dyadic::xnnpack_fp32{}, parameters, made.random));
    made.compare(sweep::output_of<std::int16_t>(dyadic::xnnpack_fp32{}, parameters, made.random));
  });
}

TEST_CASE(
    "an image that is not padded gives what its padded copy gives, read from a buffer of its own size") {
  for_each_problem(3000, [](problem& made) {
    window_shape& shape = made.shape;
    auto const pick = [&](int most) { return static_cast<int>(made.random(0, most)); };
    int const size = shape.kernel_width;
    shape.pad_top = pick(size - 1), shape.pad_bottom = pick(size - 1);
    shape.pad_left = pick(size - 1), shape.pad_right = pick(size - 1) + shape.stride_width;
    shape.out_height = (shape.padded_height() - shape.covered_height()) / shape.stride_height + 1;
    shape.out_width = (shape.padded_width() - size) / shape.stride_width + 1;
    auto const zero = static_cast<std::int8_t>(made.random(-128, 127));
    made.image.resize(sweep::in_size(shape));
    std::vector<std::int8_t> padded(padded_size(shape));
    pad(shape, made.image.data(), zero, padded.data());
    std::vector<std::int32_t> expected(static_cast<std::size_t>(shape.out_height * shape.out_width) *
                                       made.packed.outputs);
    depthwise<8>(reference{}, shape, padded.data(), made.weights.data(), accumulators{}, expected.data());
    sweep::for_each_instruction_set([&](auto arch) {
      std::vector<std::int8_t> frame(padded_size(shape), 99);
      std::vector<std::int32_t> sums(expected.size());
      padded_depthwise<8>(arch, shape, made.image.data(), zero, frame.data(), made.weights.data(),
                          accumulators{}, sums.data());
      CHECK(sums == expected);
    });
  });
}
