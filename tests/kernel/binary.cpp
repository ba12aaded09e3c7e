#include <dyadic/kernel/binary.hpp>
#include <dyadic/kernel/convolution.hpp>

#include "spaced_window.hpp"
#include "sweep.hpp"

namespace {

using namespace dyadic::kernel;

/// A convolution, or as a 1x1 window a dense layer, of weights 1 and -1 and activations 0 and -1.
void compare(window_shape const& shape, sweep::generator& random) {
  INFO(spaced::text(shape).c_str());
  weight_shape const packed = convolution_weights(shape);
  auto const codes = random.weights(packed.outputs * packed.segments * packed.depth, 1);
  auto const image = random.activations(spaced::inputs(shape), 1);
  std::int8_t const zero = random.activations(1, 1).front();
  std::vector<std::uint8_t> weights(packed_weights_bytes<1>(packed), 0xFF);
  pack<1>(codes.data(), packed, weights.data());
  std::vector<std::int32_t> weight_sums(packed.outputs);
  sum_weights(codes.data(), packed, weight_sums.data());
  // Neither what stands before the image nor the slack behind it may count.
  std::size_t const before = random.size(0, 3);
  std::vector<std::int8_t> padded(before + padded_size(shape), -1);
  pad(shape, image.data(), zero, padded.data() + before);

  sweep::channel_parameters<dyadic::multiplier<31>> const parameters(packed.outputs, random);
  auto const output = sweep::output_of<std::int8_t>(dyadic::multiplier<31>{}, parameters, random);
  auto const expected = spaced::sums_of(shape, image, codes, zero, false);
  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<std::int32_t> sums(expected.size());
    std::vector<std::int8_t> y(expected.size());
    convolution<1>(arch, shape, padded.data() + before, weights.data(), weight_sums.data(), accumulators{},
                   sums.data());
    convolution<1>(arch, shape, padded.data() + before, weights.data(), weight_sums.data(), output, y.data());
    CHECK(sums == expected);
    int wrong = 0;
    for (std::size_t i = 0; i < y.size(); ++i) wrong += y[i] != output(expected[i], i % packed.outputs);
    CHECK(wrong == 0);
  });
}

window_shape dense(int rows, int outputs, int inputs) {
  return {.in_height = rows, .in_channels = inputs, .out_height = rows, .out_channels = outputs};
}

}  // namespace

TEST_CASE("every kernel of bits gives the sums over each window, dilated, in groups, padded, gathered") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    sweep::generator random(seed);
    compare(spaced::random_window([&](int low, int high) { return static_cast<int>(random(low, high)); }),
            random);
  }
}

TEST_CASE("every kernel of bits gives the sums of rows of any length") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    sweep::generator random(seed);
    auto const number = [&](int low, int high) { return static_cast<int>(random(low, high)); };
    compare(dense(seed % 2 == 0 ? 1 : number(2, 30), number(1, 140), number(1, 300)), random);
  }
}

TEST_CASE("images become bits whole, or some lines at a time, where segments fill words") {
  int in_place = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    sweep::generator random(seed);
    window_shape shape =
        spaced::random_window([&](int low, int high) { return static_cast<int>(random(low, high)); });
    shape.in_channels = 32 * shape.groups * static_cast<int>(random(1, 2));
    in_place += detail::bits_in_place(convolution_matmul(shape)) ? 1 : 0;
    compare(shape, random);
  }
  CHECK(in_place > 10);
  CHECK(in_place < 60);
  sweep::generator random(1);
  window_shape const large{.in_height = 40,
                           .in_width = 50,
                           .in_channels = 64,
                           .out_height = 39,
                           .out_width = 50,
                           .out_channels = 17,
                           .kernel_height = 3,
                           .kernel_width = 3,
                           .pad_left = 1,
                           .pad_bottom = 1,
                           .pad_right = 1};
  CHECK(detail::bits_in_place(convolution_matmul(large)));
  compare(large, random);
  compare(dense(130, 20, 1024), random);
}

TEST_CASE("rows become bits some at a time, and those of too many take plain loops") {
  sweep::generator random(1);
  compare(dense(10, 17, 10'000), random);
  compare(dense(2, 3, 65'536), random);
  compare(dense(2, 3, 65'537), random);
}

namespace {

constexpr int dot_in_a_constant_expression() {
  std::int8_t const x[5]{-1, 0, -1, -1, 0}, codes[10]{1, 1, -1, -1, -1, -1, -1, -1, -1, 1};
  constexpr matmul_shape shape{.rows = 1, .outputs = 2, .segments = 1, .depth = 5, .output_stride = 2};
  std::uint8_t weights[packed_weights_bytes<1>(weights_of(shape))]{};
  pack<1>(codes, weights_of(shape), weights);
  std::int32_t sums[2]{}, y[2]{};
  sum_weights(codes, weights_of(shape), sums);
  matmul<1>(native{}, shape, x, weights, sums, accumulators{}, y);
  return y[0] * 10 + y[1];
}
static_assert(dot_in_a_constant_expression() == 10 * (-1 + 1 + 1) + 3);

}  // namespace
