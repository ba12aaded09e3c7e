#include "dyadic/kernel/matmul.hpp"

#include "sweep.hpp"

namespace {

using namespace dyadic::kernel;

/// Codes of 8 bits of a matmul whose outputs fill their blocks against those of its accumulators.
template <class Policy> void compare(Policy policy, unsigned seed) {
  sweep::generator random(seed);
  matmul_shape shape{.rows = random.size(1, 40),
                     .outputs = 16 * random.size(1, 8),
                     .segments = random.size(1, 2),
                     .depth = random.size(1, 20)};
  if (random(0, 3) == 0) shape.outputs -= random.size(1, 15);
  shape.row_stride = static_cast<std::ptrdiff_t>(shape.segments * shape.depth);
  shape.segment_stride = static_cast<std::ptrdiff_t>(shape.depth);
  shape.first_channel = random.size(0, 3);
  std::size_t const stride = shape.outputs + random.size(0, 3);
  INFO("seed ", seed, ", ", Policy::name.c_str(), ", rows ", shape.rows, ", outputs ", shape.outputs);

  auto const x = random.codes<std::int8_t>(shape.rows * shape.segments * shape.depth + read_slack, 8);
  auto const codes = random.codes<std::int8_t>(shape.outputs * shape.segments * shape.depth, 8);
  std::vector<std::uint8_t> weights(packed_weights_bytes<8>(weights_of(shape)));
  std::vector<std::int32_t> weight_sums(shape.outputs), sums(shape.rows * shape.outputs);
  pack<8>(codes.data(), weights_of(shape), weights.data());
  sum_weights(codes.data(), weights_of(shape), weight_sums.data());
  shape.output_stride = static_cast<std::ptrdiff_t>(shape.outputs);
  matmul<8>(reference{}, shape, x.data(), weights.data(), weight_sums.data(), accumulators{}, sums.data());

  sweep::channel_parameters<Policy> const parameters(shape.first_channel + shape.outputs, random);
  auto const output = sweep::output_of<std::int8_t>(policy, parameters, random);
  std::vector<std::int8_t> expected(shape.rows * stride, std::int8_t{77});
  for (std::size_t i = 0; i < sums.size(); ++i)
    expected[i / shape.outputs * stride + i % shape.outputs] =
        output(sums[i], shape.first_channel + i % shape.outputs);
  shape.output_stride = static_cast<std::ptrdiff_t>(stride);
  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<std::int8_t> y(expected.size(), std::int8_t{77});
    matmul<8>(arch, shape, x.data(), weights.data(), weight_sums.data(), output, y.data());
    CHECK(y == expected);
  });
}

}  // namespace

TEST_CASE("sums that become codes in registers give the bits of the output function") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    compare(dyadic::multiplier<31>{}, seed);
    compare(dyadic::xnnpack_fp32{}, seed);
  }
}
