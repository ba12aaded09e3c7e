#include <dyadic/kernel/convolution.hpp>
#include <dyadic/kernel/dispatched.hpp>

#include "built_kernels.hpp"
#include "window.hpp"

#ifndef DYADIC_TEST_BUILT_KERNELS
// Without dyadic::kernels the one table is that of this program's flags.
#define DYADIC_KERNEL_UNIT native
#include "../../src/kernel_unit.cpp"

namespace dyadic::kernel {
namespace {
constexpr kernel_table const* only_table = &dyadic_kernels_native;
}
kernel_tables built_kernels() noexcept { return {&only_table, 1}; }
bool runs(kernel_table const&) noexcept { return true; }
kernel_table const& chosen_kernels() noexcept { return dyadic_kernels_native; }
bool choose_kernels(kernel_table const&) noexcept { return true; }
}  // namespace dyadic::kernel
#endif

namespace {

using namespace dyadic::kernel;

/// The same call on the reference and on the tag, for every output function with a kernel and for one
/// without.
template <class Run>
void compare(std::size_t results, std::size_t channels, sweep::generator& random, Run const& run) {
  auto const same = [&](auto const& output) {
    using code = typename std::remove_cvref_t<decltype(output)>::code;
    std::vector<code> expected(results, code{77}), actual(results, code{77});
    run(reference{}, output, expected.data());
    run(dispatched{}, output, actual.data());
    CHECK(actual == expected);
  };
  sweep::channel_parameters<dyadic::multiplier<31>> const fixed(channels, random);
  sweep::channel_parameters<dyadic::xnnpack_fp32> const real(channels, random);
  sweep::channel_parameters<dyadic::tflite_reference> const twice(channels, random);
  same(accumulators{});
  same(sweep::output_of<std::int8_t>(dyadic::multiplier<31>{}, fixed, random));
  same(sweep::output_of<std::int16_t>(dyadic::power_of_two<>{}, fixed, random));
  same(sweep::output_of<std::int8_t>(dyadic::xnnpack_fp32{}, real, random));
  same(sweep::output_of<std::int16_t>(dyadic::xnnpack_fp32{}, real, random));
  same(sweep::output_of<std::int8_t>(dyadic::tflite_reference{}, twice, random));
}

template <int StorageBits>
void compare_convolution(unsigned seed, window_shape const& shape, sweep::generator& random) {
  INFO("seed ", seed, ", ", StorageBits, " bits, ", sweep::text(shape).c_str());
  auto const packed = convolution_weights(shape);
  auto const codes = random.weights(packed.outputs * packed.segments * packed.depth, StorageBits);
  std::vector<std::uint8_t> weights(packed_weights_bytes<StorageBits>(packed));
  pack<StorageBits>(codes.data(), packed, weights.data());
  std::vector<std::int32_t> weight_sums(packed.outputs);
  sum_weights(codes.data(), packed, weight_sums.data());
  auto const padded = random.activations(padded_size(shape), StorageBits);
  auto const channels = static_cast<std::size_t>(shape.out_channels);
  auto const results = static_cast<std::size_t>(shape.out_height * shape.out_width) * channels;
  compare(results, channels, random, [&](auto arch, auto const& output, auto* y) {
    convolution<StorageBits>(arch, shape, padded.data(), weights.data(), weight_sums.data(), output, y);
  });
}

template <int StorageBits>
void compare_depthwise(unsigned seed, window_shape shape, sweep::generator& random) {
  shape.out_channels = shape.in_channels;
  INFO("seed ", seed, ", ", StorageBits, " bits, ", sweep::text(shape).c_str());
  auto const packed = depthwise_weights(shape);
  auto const codes = random.codes<std::int8_t>(packed.outputs * packed.depth, StorageBits);
  std::vector<std::uint8_t> weights(packed_weights_bytes<StorageBits>(packed));
  pack<StorageBits>(codes.data(), packed, weights.data());
  auto const padded = random.codes<std::int8_t>(padded_size(shape), 8);
  auto const channels = static_cast<std::size_t>(shape.out_channels);
  auto const results = static_cast<std::size_t>(shape.out_height * shape.out_width) * channels;
  compare(results, channels, random, [&](auto arch, auto const& output, auto* y) {
    depthwise<StorageBits>(arch, shape, padded.data(), weights.data(), output, y);
  });
  if (!shape.padded()) return;
  auto const image = random.codes<std::int8_t>(sweep::in_size(shape), 8);
  std::vector<std::int8_t> frame(padded_size(shape));
  compare(results, channels, random, [&](auto arch, auto const& output, auto* y) {
    padded_depthwise<StorageBits>(arch, shape, image.data(), std::int8_t{-5}, frame.data(), weights.data(),
                                  output, y);
  });
}

}  // namespace

TEST_CASE("dispatched convolutions equal the reference on every bit, with each table") {
  sweep::for_each_table([] {
    for (unsigned seed = 1; seed <= 25; ++seed) {
      sweep::generator random(seed);
      window_shape const shape = sweep::window(random, static_cast<int>(random(1, 70)));
      compare_convolution<8>(seed, shape, random);
      compare_convolution<4>(seed, shape, random);
      compare_convolution<2>(seed, shape, random);
      compare_convolution<1>(seed, shape, random);
    }
  });
}

TEST_CASE("convolutions whose outputs fill their blocks are dispatched whole, gathered or not") {
  sweep::for_each_table([] {
    for (int const channels : {1, 3, 16})
      for (int const outputs : {16, 32, 64, 80}) {
        int const kernel = channels == 1 ? 5 : 3;
        sweep::generator random(static_cast<unsigned>(channels + outputs));
        compare_convolution<8>(0,
                               {.in_height = 9,
                                .in_width = 14,
                                .in_channels = channels,
                                .out_height = 10 - kernel,
                                .out_width = 15 - kernel,
                                .out_channels = outputs,
                                .kernel_height = kernel,
                                .kernel_width = kernel},
                               random);
      }
  });
}

TEST_CASE("dispatched depthwise convolutions equal the reference on every bit, with each table") {
  sweep::for_each_table([] {
    for (unsigned seed = 1; seed <= 25; ++seed) {
      sweep::generator random(seed);
      window_shape const shape = sweep::window(random, 1);
      compare_depthwise<8>(seed, shape, random);
      compare_depthwise<4>(seed, shape, random);
      compare_depthwise<2>(seed, shape, random);
    }
  });
}

TEST_CASE("windows that slide over an image without padding are dispatched whole") {
  sweep::for_each_table([] {
    for (int const stride : {1, 2})
      for (int const channels : {16, 32, 64, 80}) {
        sweep::generator random(static_cast<unsigned>(channels + stride));
        compare_depthwise<8>(0,
                             {.in_height = 11,
                              .in_width = 13,
                              .in_channels = channels,
                              .out_height = (11 - 1) / stride + 1,
                              .out_width = (13 - 1) / stride + 1,
                              .kernel_height = 3,
                              .kernel_width = 3,
                              .stride_height = stride,
                              .stride_width = stride,
                              .pad_top = 1,
                              .pad_left = 1,
                              .pad_bottom = 1,
                              .pad_right = 1},
                             random);
      }
  });
}

TEST_CASE("a window of more taps than the tables' kernels hold is dispatched to the reference") {
  sweep::generator random(3);
  compare_depthwise<8>(3,
                       {.in_height = 18,
                        .in_width = 17,
                        .in_channels = 5,
                        .out_height = 2,
                        .out_width = 1,
                        .kernel_height = 17,
                        .kernel_width = 17},
                       random);
}

TEST_CASE("the first table that this processor runs is in use") {
  auto const built = built_kernels();
  REQUIRE(built.count > 0);
  std::size_t best = 0;
  while (best < built.count && !runs(*built.first[best])) ++best;
  REQUIRE(best < built.count);
  CHECK(&chosen_kernels() == built.first[best]);
}

namespace {

constexpr int dot_in_a_constant_expression() {
  std::int8_t const x[4]{1, -2, 3, -128}, codes[4]{1, 2, 3, 4};
  constexpr matmul_shape shape{.rows = 1, .outputs = 1, .segments = 1, .depth = 4, .output_stride = 1};
  std::uint8_t weights[packed_weights_bytes<8>(weights_of(shape))]{};
  pack<8>(codes, weights_of(shape), weights);
  std::int32_t sums[1]{}, y[1]{};
  matmul<8>(dispatched{}, shape, x, weights, sums, accumulators{}, y);
  return y[0];
}
static_assert(dot_in_a_constant_expression() == 1 - 4 + 9 - 512);

}  // namespace
