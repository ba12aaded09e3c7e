#include "dyadic/kernel/words.hpp"

#include "dyadic/kernel/convolution.hpp"
#include "dyadic/kernel/depthwise.hpp"
#include "dyadic/kernel/matmul.hpp"
#include "window.hpp"

using namespace dyadic::kernel;

namespace {

/// Operands in the order of the formula; the sums are computed here, in 64 bits and without packing.
template <class Activation, int StorageBits> struct problem {
  using weight = weight_code<StorageBits>;
  matmul_shape shape;
  std::vector<Activation> x;
  std::vector<weight> codes;

  problem(sweep::generator& random, std::size_t depth, std::size_t segments,
          int bits = sizeof(Activation) * 8, int weight_bits = StorageBits) {
    shape.rows = random.size(1, 9);
    shape.outputs = random.size(1, 40);
    shape.depth = depth;
    shape.segments = segments;
    shape.segment_stride = static_cast<std::ptrdiff_t>(depth) + random.stride(0, 5);
    shape.row_stride = random.stride(1, 60);
    shape.output_stride = static_cast<std::ptrdiff_t>(shape.outputs);
    if (random(0, 3) == 0) {
      shape.segments_per_line = 2;
      shape.line_gap = random.stride(0, 9);
    }
    std::ptrdiff_t const last =
        static_cast<std::ptrdiff_t>(shape.rows - 1) * shape.row_stride + shape.segment_offset(segments - 1);
    x = random.codes<Activation>(static_cast<std::size_t>(last) + depth + read_slack, bits);
    codes = random.codes<weight>(shape.outputs * segments * depth, weight_bits);
  }
  std::int64_t sum(std::size_t row, std::size_t o) const {
    std::int64_t total = 0;
    for (std::size_t s = 0; s < shape.segments; ++s)
      for (std::size_t k = 0; k < shape.depth; ++k)
        total +=
            std::int64_t{x[static_cast<std::size_t>(shape.row_offset(row) + shape.segment_offset(s)) + k]} *
            codes[(o * shape.segments + s) * shape.depth + k];
    return total;
  }
};

/// Every instruction set gives the sums of the formula, and the codes that follow from them.
template <class Sum, class Activation, int StorageBits>
void compare(problem<Activation, StorageBits> const& given, sweep::generator& random) {
  auto const& shape = given.shape;
  std::vector<std::uint8_t> weights(packed_weights_bytes<StorageBits>(weights_of(shape)));
  pack<StorageBits>(given.codes.data(), weights_of(shape), weights.data());
  std::vector<std::int32_t> weight_sums(shape.outputs);
  std::size_t const size = shape.rows * shape.outputs;
  sweep::channel_parameters<dyadic::multiplier<31>> parameters(shape.outputs, random);
  for (std::int32_t& m : parameters.multiplier) m /= 1 << 16;
  auto const output = sweep::output_of<std::int16_t>(dyadic::multiplier<31>{}, parameters, random);
  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<Sum> sums(size);
    std::vector<std::int16_t> codes(size);
    matmul<StorageBits, Sum>(arch, shape, given.x.data(), weights.data(), weight_sums.data(),
                             accumulators_of<Sum>{}, sums.data());
    matmul<StorageBits, Sum>(arch, shape, given.x.data(), weights.data(), weight_sums.data(), output,
                             codes.data());
    int wrong = 0;
    for (std::size_t row = 0; row < shape.rows; ++row)
      for (std::size_t o = 0; o < shape.outputs; ++o) {
        std::int64_t const sum = given.sum(row, o);
        wrong += sums[row * shape.outputs + o] != sum;
        wrong += codes[row * shape.outputs + o] != output(sum, o);
      }
    CHECK(wrong == 0);
  });
}

template <class Sum, class Activation, int StorageBits> void sweep_over_shapes(std::size_t most_depth) {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    sweep::generator random(seed);
    std::size_t const segments = random.size(1, most_depth < 4 ? most_depth : 4),
                      depth = random.size(1, most_depth / segments);
    INFO("seed ", seed, ", ", StorageBits, " bits, depth ", depth, ", segments ", segments);
    compare<Sum>(problem<Activation, StorageBits>(random, depth, segments), random);
  }
}

}  // namespace

TEST_CASE("matmuls of 16-bit factors give the sums of the formula in 64 bits, tails included") {
  sweep_over_shapes<std::int64_t, std::int16_t, 16>(90);
  sweep_over_shapes<std::int64_t, std::int16_t, 8>(2500);
  sweep_over_shapes<std::int64_t, std::int16_t, 4>(90);
  sweep_over_shapes<std::int64_t, std::int16_t, 2>(90);
  sweep_over_shapes<std::int64_t, std::int8_t, 16>(2500);
  sweep_over_shapes<std::int64_t, std::int8_t, 8>(90);
}

TEST_CASE("matmuls with a 16-bit factor give the sums of the formula in 32 bits where these are enough") {
  sweep_over_shapes<std::int32_t, std::int16_t, 8>(511);
  sweep_over_shapes<std::int32_t, std::int16_t, 4>(511);
  sweep_over_shapes<std::int32_t, std::int8_t, 16>(511);
  sweep_over_shapes<std::int32_t, std::int16_t, 16>(1);
  sweep::generator random(13);
  compare<std::int32_t>(problem<std::int16_t, 16>(random, 255, 2, 12, 12), random);  // 510 * 2^22 < 2^31
}

TEST_CASE_TEMPLATE("the extremes of 16 bits overflow in no kernel, however deep", Activation, std::int16_t,
                   std::int8_t) {
  for (std::size_t const depth : {std::size_t{4608}, std::size_t{70001}})
    for (int sign = 0; sign < 4; ++sign) {
      sweep::generator random(3);
      problem<Activation, 16> given(random, depth, 1);
      given.shape.rows = 2;
      given.shape.outputs = 3;
      given.shape.output_stride = 3;
      given.codes.resize(3 * depth);
      constexpr int low = std::numeric_limits<Activation>::min();
      for (auto& x : given.x) x = static_cast<Activation>(sign & 1 ? low : -1 - low);
      for (auto& w : given.codes) w = static_cast<std::int16_t>(sign & 2 ? -32768 : 32767);
      INFO("depth ", depth, ", signs ", sign);
      compare<std::int64_t>(given, random);
    }
}

TEST_CASE("the extremes of 16x8 bits overflow in no kernel in a convolution of 3 x 3 x 512") {
  for (int sign = 0; sign < 4; ++sign) {
    sweep::generator random(4);
    problem<std::int16_t, 8> given(random, 3 * 512, 3);
    for (auto& x : given.x) x = static_cast<std::int16_t>(sign & 1 ? -32768 : 32767);
    for (auto& w : given.codes) w = static_cast<std::int8_t>(sign & 2 ? -128 : 127);
    compare<std::int64_t>(given, random);
  }
}

TEST_CASE("depthwise convolutions of 16 bits give each channel's sums, tails and padding included") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    sweep::generator random(seed);
    window_shape shape = sweep::window(random, 1);
    shape.out_channels = shape.in_channels;
    auto const layout = depthwise_weights(shape);
    bool const extreme = seed % 8 == 0;
    auto codes = random.codes<std::int16_t>(layout.outputs * layout.depth, 16);
    auto image = random.codes<std::int16_t>(sweep::in_size(shape), 16);
    if (extreme) codes.assign(codes.size(), -32768);
    if (extreme) image.assign(image.size(), -32768);
    std::vector<std::uint8_t> weights(packed_weights_bytes<16>(layout));
    pack<16>(codes.data(), layout, weights.data());
    std::vector<std::int16_t> padded(padded_size(shape), 99);
    pad(shape, image.data(), std::int16_t{-3}, padded.data());
    std::vector<std::int64_t> expected;
    sweep::for_each_window(shape, [&](int top, int left) {
      for (std::size_t c = 0; c < layout.outputs; ++c) {
        std::int64_t sum = 0;
        std::size_t weight = c * layout.depth;
        sweep::for_each_place(shape, top, left, [&](int row, int column) {
          sum += std::int64_t{sweep::at(image, shape, row, column, static_cast<int>(c), std::int16_t{-3})} *
                 codes[weight++];
        });
        expected.push_back(sum);
      }
    });
    INFO("seed ", seed, ", ", sweep::text(shape).c_str());
    sweep::for_each_instruction_set([&](auto arch) {
      std::vector<std::int64_t> sums(expected.size());
      depthwise<16, std::int64_t>(arch, shape, padded.data(), weights.data(), long_accumulators{},
                                  sums.data());
      CHECK(sums == expected);
    });
  }
}

TEST_CASE("one wrong code of 16 bits shows in a comparison") {
  sweep::generator random(6);
  problem<std::int16_t, 16> given(random, 21, 1);
  std::vector<std::uint8_t> weights(packed_weights_bytes<16>(weights_of(given.shape)));
  pack<16>(given.codes.data(), weights_of(given.shape), weights.data());
  given.codes.back() = static_cast<std::int16_t>(given.codes.back() ^ 256);
  given.x[20] = 1;
  std::int64_t sums[9 * 40];
  matmul<16, std::int64_t>(native{}, given.shape, given.x.data(), weights.data(),
                           static_cast<std::int32_t const*>(nullptr), long_accumulators{}, sums);
  CHECK(sums[given.shape.outputs - 1] != given.sum(0, given.shape.outputs - 1));
}

namespace {

constexpr std::int64_t dot_in_a_constant_expression() {
  std::int16_t const x[5]{-32768, -32768, 3, -128, 127}, codes[5]{-32768, -32768, 127, -1, 7};
  constexpr matmul_shape shape{.rows = 1, .outputs = 1, .segments = 1, .depth = 5, .output_stride = 1};
  std::uint8_t weights[packed_weights_bytes<16>(weights_of(shape))]{};
  pack<16>(codes, weights_of(shape), weights);
  std::int32_t sums[1]{};
  std::int64_t y[1]{};
  sum_weights(codes, weights_of(shape), sums);
  matmul<16, std::int64_t>(native{}, shape, x, weights, sums, long_accumulators{}, y);
  return y[0];
}
static_assert(dot_in_a_constant_expression() == (std::int64_t{1} << 31) + 381 + 128 + 889);

}  // namespace
