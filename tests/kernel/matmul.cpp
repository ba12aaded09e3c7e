#include "dyadic/kernel/matmul.hpp"

#include "sweep.hpp"

namespace {

using namespace dyadic::kernel;

/// Operands in the order of the formula; the sums are computed here, in 64 bits and without packing.
struct problem {
  matmul_shape shape;
  int bits;
  std::size_t misalignment;
  std::vector<std::int8_t> x, codes;
  std::vector<std::int32_t> weight_sums;
  std::vector<std::int64_t> sums;

  problem(sweep::generator& random, int weight_bits, std::size_t most_rows = 13, int code_bits = 8)
      : bits(weight_bits), misalignment(random.size(0, 5)) {
    shape.rows = random.size(1, most_rows);
    shape.outputs = random.size(1, 70);
    shape.depth = random.size(1, 70);
    shape.segments = random.size(1, 5);
    shape.segment_stride =
        random(0, 1) == 0 ? static_cast<std::ptrdiff_t>(shape.depth) : random.stride(0, 90);
    shape.row_stride = random.stride(0, 100);
    shape.output_stride = static_cast<std::ptrdiff_t>(shape.outputs) + random.stride(0, 3);
    if (random(0, 2) == 0) {
      shape.rows_per_group = random.size(1, 5);
      shape.group_stride = random.stride(0, 300);
    }
    std::ptrdiff_t last = 0;
    for (std::size_t row = 0; row < shape.rows; ++row)
      last = shape.row_offset(row) > last ? shape.row_offset(row) : last;
    std::size_t const reach = static_cast<std::size_t>(
        last + static_cast<std::ptrdiff_t>(shape.segments - 1) * shape.segment_stride);
    x = random.codes<std::int8_t>(misalignment + reach + shape.depth + read_slack, code_bits);
    codes = random.codes<std::int8_t>(shape.outputs * shape.segments * shape.depth, bits);
    weight_sums.resize(shape.outputs);
    sum_weights(codes.data(), weights_of(shape), weight_sums.data());
    for (std::size_t row = 0; row < shape.rows; ++row)
      for (std::size_t o = 0; o < shape.outputs; ++o) sums.push_back(sum_of(row, o));
  }

  std::int8_t const* input() const { return x.data() + misalignment; }

  /// All codes and all weights become these.
  void fill(int code, int weight) {
    for (auto& c : x) c = static_cast<std::int8_t>(code);
    for (auto& w : codes) w = static_cast<std::int8_t>(weight);
    sum_weights(codes.data(), weights_of(shape), weight_sums.data());
    for (auto& sum : sums)
      sum = std::int64_t{code} * weight * static_cast<std::int64_t>(shape.segments * shape.depth);
  }

  template <int StorageBits> std::vector<std::uint8_t> packed() const {
    std::vector<std::uint8_t> weights(packed_weights_bytes<StorageBits>(weights_of(shape)));
    pack<StorageBits>(codes.data(), weights_of(shape), weights.data());
    return weights;
  }

 private:
  std::int64_t sum_of(std::size_t row, std::size_t o) const {
    std::int64_t sum = 0;
    for (std::size_t s = 0; s < shape.segments; ++s)
      for (std::size_t k = 0; k < shape.depth; ++k) {
        std::int64_t const factor =
            input()[shape.row_offset(row) + static_cast<std::ptrdiff_t>(s) * shape.segment_stride +
                    static_cast<std::ptrdiff_t>(k)];
        sum += factor * codes[(o * shape.segments + s) * shape.depth + k];
      }
    return sum;
  }
};

/// The number of wrong elements, those between the rows included, which nobody may write.
template <int StorageBits, class Code, class Arch, class Output>
int wrong_elements(Arch arch, problem const& given, Output const& output) {
  auto const weights = given.packed<StorageBits>();
  auto const stride = static_cast<std::size_t>(given.shape.output_stride);
  std::vector<Code> y(given.shape.rows * stride, Code{77});
  matmul<StorageBits>(arch, given.shape, given.input(), weights.data(), given.weight_sums.data(), output,
                      y.data());
  int wrong = 0;
  for (std::size_t row = 0; row < given.shape.rows; ++row)
    for (std::size_t o = 0; o < stride; ++o) {
      Code const expected =
          o < given.shape.outputs
              ? static_cast<Code>(
                    output(static_cast<std::int32_t>(given.sums[row * given.shape.outputs + o]), o))
              : Code{77};
      wrong += y[row * stride + o] != expected;
    }
  return wrong;
}

template <int StorageBits> void compare(unsigned seed, std::size_t most_rows = 13) {
  sweep::generator random(seed);
  problem const given(random, StorageBits, most_rows);
  INFO("seed ", seed, ", ", StorageBits, " bits, rows ", given.shape.rows, ", outputs ", given.shape.outputs,
       ", segments ", given.shape.segments, ", depth ", given.shape.depth);
  sweep::channel_parameters<dyadic::multiplier<31>> const fixed(given.shape.outputs, random);
  sweep::channel_parameters<dyadic::xnnpack_fp32> const real(given.shape.outputs, random);
  auto const bytes = sweep::output_of<std::int8_t>(dyadic::multiplier<31>{}, fixed, random);
  auto const words = sweep::output_of<std::int16_t>(dyadic::xnnpack_fp32{}, real, random);
  sweep::for_each_instruction_set([&](auto arch) {
    CHECK(wrong_elements<StorageBits, std::int32_t>(arch, given, accumulators{}) == 0);
    CHECK(wrong_elements<StorageBits, std::int8_t>(arch, given, bytes) == 0);
    CHECK(wrong_elements<StorageBits, std::int16_t>(arch, given, words) == 0);
  });
}

}  // namespace

TEST_CASE(
    "every matmul kernel gives the sums of the formula on every bit, tails and unaligned rows included") {
  for (unsigned seed = 1; seed <= 150; ++seed) {
    compare<8>(seed);
    compare<4>(seed);
    compare<2>(seed);
  }
}

TEST_CASE("every kernel of one row gives the sums of the formula on every bit") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    compare<4>(seed, 1);
    compare<2>(seed, 1);
  }
}

TEST_CASE_TEMPLATE("the largest sums of one row with narrow weights are right, however long it is", Bits,
                   std::integral_constant<int, 2>, std::integral_constant<int, 4>) {
  constexpr int most = -(1 << (Bits::value - 1));
  for (std::size_t const depth : {65'535U, 65'536U, 65'540U}) {
    matmul_shape const shape{.rows = 1, .outputs = 2, .segments = 1, .depth = depth, .output_stride = 2};
    std::vector<std::int8_t> const x(depth + read_slack, -128), codes(2 * depth, std::int8_t{most});
    std::vector<std::uint8_t> weights(packed_weights_bytes<Bits::value>(weights_of(shape)));
    pack<Bits::value>(codes.data(), weights_of(shape), weights.data());
    std::int32_t sums[2];
    sum_weights(codes.data(), weights_of(shape), sums);
    sweep::for_each_instruction_set([&](auto arch) {
      std::int32_t y[2]{};
      matmul<Bits::value>(arch, shape, x.data(), weights.data(), sums, accumulators{}, y);
      CHECK(y[0] == -128 * most * static_cast<std::int32_t>(depth));
      CHECK(y[1] == y[0]);
    });
  }
}

TEST_CASE("the extremes of int8 neither saturate nor overflow in any kernel") {
  sweep::generator random(5);
  problem given(random, 8);
  for (int const code : {-128, 127})
    for (int const weight : {-128, 127}) {
      given.fill(code, weight);
      sweep::for_each_instruction_set(
          [&](auto arch) { CHECK(wrong_elements<8, std::int32_t>(arch, given, accumulators{}) == 0); });
    }
}

TEST_CASE(
    "where one side has 7 bits, pairs of products fit in 16 bits, and the sums are those of the formula") {
  static_assert(std::same_as<for_operands<avx2, operand_bounds{-128, 127, -63, 63}>, avx2_pairs<128>>);
  static_assert(std::same_as<for_operands<avx2, operand_bounds{-64, 63, -128, 127}>, avx2_pairs<64>>);
  static_assert(std::same_as<for_operands<avx2, operand_bounds{-128, 127, -127, 127}>, avx2>);
  static_assert(std::same_as<for_operands<avx2, operand_bounds{-128, 127, -65, 63}>, avx2>);
  static_assert(std::same_as<for_operands<avx2, operand_bounds{0, 64, -128, 127}>, avx2>);
  static_assert(std::same_as<for_operands<avx2, operand_bounds{-128, 127, -7, 7}>, avx2>);
  static_assert(std::same_as<for_operands<avx512_vnni, operand_bounds{-64, 63, -63, 63}>, avx512_vnni>);
  auto const check = [](problem const& given, auto arch) {
    sweep::try_instruction_set<decltype(arch)>(
        [&](auto on) { CHECK(wrong_elements<8, std::int32_t>(on, given, accumulators{}) == 0); });
  };
  for (unsigned seed = 1; seed <= 100; ++seed) {
    INFO("seed ", seed);
    sweep::generator random(seed);
    check(problem(random, 7), avx2_pairs<128>{});
    check(problem(random, 8, 13, 7), avx2_pairs<64>{});
  }
  sweep::generator random(5);
  problem given(random, 8);
  for (int const end : {0, 1}) {
    for (int const weight : {-64, 64}) {
      given.fill(end == 0 ? -128 : 127, weight);
      check(given, avx2_pairs<128>{});
    }
    for (int const weight : {-128, 127}) {
      given.fill(end == 0 ? -64 : 63, weight);
      check(given, avx2_pairs<64>{});
    }
  }
}

TEST_CASE("one wrong weight code shows in a comparison") {
  sweep::generator random(6);
  problem given(random, 8);
  given.codes.front() = static_cast<std::int8_t>(given.codes.front() ^ 1);
  sum_weights(given.codes.data(), weights_of(given.shape), given.weight_sums.data());
  sweep::for_each_instruction_set(
      [&](auto arch) { CHECK(wrong_elements<8, std::int32_t>(arch, given, accumulators{}) > 0); });
}

TEST_CASE("sixteen-bit activations give the sums of the formula") {
  sweep::generator random(7);
  problem const given(random, 4);
  std::vector<std::int16_t> const wide(given.x.begin(), given.x.end());
  auto const weights = given.packed<4>();
  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<std::int32_t> wide_sums(given.sums.size());
    matmul_shape shape = given.shape;
    shape.output_stride = static_cast<std::ptrdiff_t>(shape.outputs);
    matmul<4>(arch, shape, wide.data() + given.misalignment, weights.data(), given.weight_sums.data(),
              accumulators{}, wide_sums.data());
    for (std::size_t i = 0; i < wide_sums.size(); ++i) CHECK(wide_sums[i] == given.sums[i]);
  });
}

namespace {

constexpr int dot_in_a_constant_expression() {
  std::int8_t const x[5]{1, -2, 3, -128, 127}, codes[10]{1, 2, 3, 4, 5, -128, 127, -1, 0, 7};
  constexpr matmul_shape shape{.rows = 1, .outputs = 2, .segments = 1, .depth = 5, .output_stride = 2};
  std::uint8_t weights[packed_weights_bytes<8>(weights_of(shape))]{};
  pack<8>(codes, weights_of(shape), weights);
  std::int32_t sums[2]{}, y[2]{};
  sum_weights(codes, weights_of(shape), sums);
  matmul<8>(native{}, shape, x, weights, sums, accumulators{}, y);
  return y[0] * 10000 + y[1];
}

// Any instruction set can be named in a constant expression.
static_assert(dot_in_a_constant_expression() == (1 - 4 + 9 - 512 + 635) * 10000 + (-128 - 254 - 3 + 0 + 889));

}  // namespace
