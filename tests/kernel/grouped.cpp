#include <dyadic/kernel/convolution.hpp>
#include <dyadic/kernel/grouped.hpp>

#include "window.hpp"

namespace {

using namespace dyadic::kernel;

/// Weights in logical order with a factor for each group of inputs, and what kernels read.
template <int StorageBits> struct grouped_weights {
  weight_shape shape;
  std::size_t group_inputs, groups = input_groups(shape, group_inputs);
  std::vector<std::int8_t> codes;
  std::vector<std::uint8_t> factors, packed, packed_factors;
  std::vector<std::int32_t> sums;

  grouped_weights(weight_shape const& of, std::size_t inputs, sweep::generator& random)
      : shape{of},
        group_inputs{inputs},
        codes{random.codes<std::int8_t>(of.outputs * of.segments * of.depth, StorageBits)},
        factors(of.outputs * groups),
        packed(packed_weights_bytes<StorageBits>(of)),
        packed_factors(factor_bytes(of, groups)),
        sums(of.outputs) {
    for (auto& factor : factors) factor = static_cast<std::uint8_t>(random(0, 4) == 0 ? 255 : random(1, 255));
    finish();
  }
  void finish() {
    pack<StorageBits>(codes.data(), shape, packed.data());
    pack_factors(factors.data(), shape, groups, packed_factors.data());
    for (std::size_t o = 0; o < shape.outputs; ++o) {
      std::int64_t sum = 0;
      for (std::size_t i = 0; i < shape.segments * shape.depth; ++i) sum += number(o, i);
      sums[o] = static_cast<std::int32_t>(sum);
    }
  }
  /// Weight `i` of an output, times its group's factor.
  std::int64_t number(std::size_t output, std::size_t i) const {
    return std::int64_t{codes[output * shape.segments * shape.depth + i]} *
           factors[output * groups + i / group_inputs];
  }
  grouped_sums view() const { return {sums.data(), packed_factors.data(), group_inputs, groups}; }
};

template <class Code, class Sums>
int wrong_elements(std::vector<Code> const& y, std::vector<std::int64_t> const& expected,
                   matmul_shape const& shape, Sums const& output) {
  int wrong = 0;
  auto const stride = static_cast<std::size_t>(shape.output_stride);
  for (std::size_t row = 0; row < shape.rows; ++row)
    for (std::size_t o = 0; o < stride; ++o)
      wrong +=
          y[row * stride + o] !=
          (o < shape.outputs
               ? static_cast<Code>(output(static_cast<std::int32_t>(expected[row * shape.outputs + o]), o))
               : Code{77});
  return wrong;
}

template <int StorageBits> void compare(unsigned seed) {
  sweep::generator random(seed);
  matmul_shape shape;
  shape.rows = random.size(1, 13);
  shape.outputs = random.size(1, 70);
  shape.segments = random(0, 1) == 0 ? 1 : random.size(2, 5);
  shape.depth = shape.segments == 1 ? random.size(1, 150) : 4 * random.size(1, 12);
  shape.segment_stride = static_cast<std::ptrdiff_t>(shape.depth) + random.stride(0, 9);
  shape.row_stride = random.stride(0, 100);
  shape.output_stride = static_cast<std::ptrdiff_t>(shape.outputs) + random.stride(0, 3);
  std::size_t const misalignment = random.size(0, 5);
  grouped_weights<StorageBits> const w(weights_of(shape), 4 * random.size(1, 20), random);
  INFO("seed ", seed, ", ", StorageBits, " bits, rows ", shape.rows, ", outputs ", shape.outputs,
       ", segments ", shape.segments, ", depth ", shape.depth, ", groups of ", w.group_inputs);
  REQUIRE(groups_fit(w.shape, w.group_inputs));
  std::size_t const reach =
      static_cast<std::size_t>(static_cast<std::ptrdiff_t>(shape.rows) * shape.row_stride +
                               static_cast<std::ptrdiff_t>(shape.segments) * shape.segment_stride);
  auto const x = random.codes<std::int8_t>(misalignment + reach + shape.depth + read_slack, 8);
  std::vector<std::int16_t> const wide(x.begin(), x.end());
  std::vector<std::int64_t> expected;
  for (std::size_t row = 0; row < shape.rows; ++row)
    for (std::size_t o = 0; o < shape.outputs; ++o) {
      std::int64_t sum = 0;
      for (std::size_t s = 0; s < shape.segments; ++s)
        for (std::size_t k = 0; k < shape.depth; ++k)
          sum += w.number(o, s * shape.depth + k) *
                 x[misalignment + row * static_cast<std::size_t>(shape.row_stride) +
                   s * static_cast<std::size_t>(shape.segment_stride) + k];
      expected.push_back(sum);
    }
  std::vector<std::int32_t> again(shape.outputs);
  sum_weights(w.codes.data(), w.factors.data(), w.shape, w.group_inputs, again.data());
  CHECK(again == w.sums);
  sweep::channel_parameters<dyadic::multiplier<31>> const parameters(shape.outputs, random);
  auto const output = sweep::output_of<std::int8_t>(dyadic::multiplier<31>{}, parameters, random);
  std::size_t const size = shape.rows * static_cast<std::size_t>(shape.output_stride);
  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<std::int32_t> sums(size, 77), wide_sums(size, 77);
    std::vector<std::int8_t> y(size, 77);
    matmul<StorageBits>(arch, shape, x.data() + misalignment, w.packed.data(), w.view(), accumulators{},
                        sums.data());
    matmul<StorageBits>(arch, shape, x.data() + misalignment, w.packed.data(), w.view(), output, y.data());
    matmul<StorageBits>(arch, shape, wide.data() + misalignment, w.packed.data(), w.view(), accumulators{},
                        wide_sums.data());
    CHECK(wrong_elements(sums, expected, shape, accumulators{}) == 0);
    CHECK(wrong_elements(wide_sums, expected, shape, accumulators{}) == 0);
    CHECK(wrong_elements(y, expected, shape, output) == 0);
  });
}

/// Windows whose kernel rows are gathered or have a multiple of four elements, with groups of filters too.
template <int StorageBits> int compare_convolution(unsigned seed) {
  sweep::generator random(seed);
  window_shape shape = sweep::window(random, static_cast<int>(random(1, 20)) * 2);
  if (random(0, 1) == 0) shape.in_channels = static_cast<int>(random(1, 5)) * 4;
  if (random(0, 2) == 0) {
    shape.in_channels = static_cast<int>(random(1, 5)) * 8;
    shape.groups = 2;
  }
  grouped_weights<StorageBits> const w(convolution_weights(shape), 4 * random.size(1, 20), random);
  if (!groups_fit(w.shape, w.group_inputs)) return 0;
  INFO("seed ", seed, ", ", StorageBits, " bits, ", sweep::text(shape).c_str(), ", groups of ",
       w.group_inputs);
  auto const image = random.codes<std::int8_t>(sweep::in_size(shape), 8);
  auto const zero = static_cast<std::int8_t>(random(-128, 127));
  std::vector<std::int8_t> padded(padded_size(shape), 99);
  pad(shape, image.data(), zero, padded.data());
  std::vector<std::int32_t> expected;
  sweep::for_each_window(shape, [&](int top, int left) {
    for (int o = 0; o < shape.out_channels; ++o) {
      std::int64_t sum = 0;
      std::size_t weight = 0;
      int const first = o / shape.group_outputs() * shape.group_inputs();
      sweep::for_each_place(shape, top, left, [&](int row, int column) {
        for (int c = 0; c < shape.group_inputs(); ++c)
          sum += w.number(static_cast<std::size_t>(o), weight++) *
                 sweep::at(image, shape, row, column, first + c, zero);
      });
      expected.push_back(static_cast<std::int32_t>(sum));
    }
  });
  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<std::int32_t> sums(expected.size());
    convolution<StorageBits>(arch, shape, padded.data(), w.packed.data(), w.view(), accumulators{},
                             sums.data());
    CHECK(sums == expected);
  });
  return 1;
}

}  // namespace

TEST_CASE("every kernel gives the sums of grouped weights by the formula, tails included") {
  for (unsigned seed = 1; seed <= 120; ++seed) {
    compare<8>(seed);
    compare<4>(seed);
    compare<2>(seed);
  }
}

TEST_CASE("convolutions of grouped weights give the sums over each window") {
  int compared = 0;
  for (unsigned seed = 1; seed <= 80; ++seed) compared += compare_convolution<4>(seed);
  CHECK(compared >= 30);
}

TEST_CASE("the extremes of grouped weights stay exact") {
  sweep::generator random(5);
  // 64 * 128 * 128 * 255 is below 2^31, and would not be with the offset that some instruction sets add.
  matmul_shape const shape{
      .rows = 7, .outputs = 33, .segments = 1, .depth = 512, .row_stride = 0, .output_stride = 33};
  grouped_weights<8> w(weights_of(shape), 128, random);
  for (auto& factor : w.factors) factor = 255;
  for (int sign = 0; sign < 4; ++sign) {
    for (auto& code : w.codes) code = sign & 2 ? std::int8_t{-128} : std::int8_t{127};
    w.finish();
    std::vector<std::int8_t> const x(shape.depth + read_slack,
                                     sign & 1 ? std::int8_t{-128} : std::int8_t{127});
    std::int64_t const sum = std::int64_t{512} * 255 * (sign & 1 ? -128 : 127) * (sign & 2 ? -128 : 127);
    REQUIRE(sum == static_cast<std::int32_t>(sum));
    sweep::for_each_instruction_set([&](auto arch) {
      std::vector<std::int32_t> y(shape.rows * shape.outputs);
      matmul<8>(arch, shape, x.data(), w.packed.data(), w.view(), accumulators{}, y.data());
      CHECK(y == std::vector<std::int32_t>(y.size(), static_cast<std::int32_t>(sum)));
    });
  }
}

TEST_CASE("factors come back from the kernels' order") {
  sweep::generator random(6);
  for (weight_shape const& shape : {weight_shape{37, 1, 30}, weight_shape{34, 3, 8, 2}}) {
    grouped_weights<4> const w(shape, 12, random);
    std::vector<std::uint8_t> back(w.factors.size());
    unpack_factors(w.packed_factors.data(), shape, w.groups, back.data());
    CHECK(back == w.factors);
  }
}

TEST_CASE("one wrong factor shows in a comparison") {
  sweep::generator random(7);
  matmul_shape const shape{.rows = 1, .outputs = 20, .segments = 1, .depth = 40, .output_stride = 20};
  grouped_weights<4> w(weights_of(shape), 16, random);
  auto const x = random.codes<std::int8_t>(shape.depth + read_slack, 8);
  std::vector<std::int32_t> before(20), after(20);
  matmul<4>(native{}, shape, x.data(), w.packed.data(), w.view(), accumulators{}, before.data());
  w.packed_factors[factor_place(w.shape, w.groups, 18, 2)] ^= 1;
  matmul<4>(native{}, shape, x.data(), w.packed.data(), w.view(), accumulators{}, after.data());
  for (std::size_t o = 0; o < 20; ++o) CHECK((before[o] == after[o]) == (o != 18));
}
