#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "dyadic/kernel/convolution.hpp"
#include "dyadic/kernel/depthwise.hpp"
#include "dyadic/kernel/matmul.hpp"
#include "dyadic/quantize/rescale.hpp"

/// Codes that TensorFlow Lite Micro computed from int16 codes, int8 weights and an int64 bias.

using namespace dyadic::kernel;
using policy = dyadic::tflite_reference_16x8;

namespace {

#include "../golden/runtimes/int16x8.inc"

/// The generator of tests/golden/runtimes/int16x8.py.
class generator {
 public:
  explicit generator(std::uint64_t seed) : state_(seed) {}
  template <class Number> std::vector<Number> array(std::size_t count, std::int64_t low, std::int64_t high) {
    std::vector<Number> result(count);
    for (Number& number : result) {
      state_ = state_ * 6364136223846793005U + 1442695040888963407U;
      number = static_cast<Number>(
          low + static_cast<std::int64_t>((state_ >> 33) % static_cast<std::uint64_t>(high - low + 1)));
    }
    return result;
  }

 private:
  std::uint64_t state_;
};

struct ranges {
  std::int64_t low = -32768, high = 32767, weight_low = -127, weight_high = 127;
};

/// One linear operator of several images (rows of a dense layer).
struct problem {
  window_shape shape;
  bool by_channel = false;
  std::size_t images, outputs;
  std::vector<std::int16_t> x;
  std::vector<std::int8_t> weights;  ///< as the runtime has them
  policy::channels<16> channels;

  problem(std::uint64_t seed, window_shape const& of, std::size_t count, ranges in, bool depthwise,
          float const (&scales)[2])
      : shape(of), by_channel(depthwise), images(count), outputs(static_cast<std::size_t>(of.out_channels)) {
    generator random(seed);
    auto const size = static_cast<std::size_t>(of.in_height * of.in_width * of.in_channels);
    std::size_t const depth = static_cast<std::size_t>(of.taps() * (depthwise ? 1 : of.in_channels));
    x = random.array<std::int16_t>(images * size, in.low, in.high);
    weights = random.array<std::int8_t>(outputs * depth, in.weight_low, in.weight_high);
    auto const bias = random.array<std::int64_t>(outputs, -100000, 100000);
    for (std::size_t o = 0; o < outputs; ++o) {
      auto const weight_scale = static_cast<float>(0.0037 * (1 + static_cast<double>(o) / 7));
      double const step = double{scales[0]} * double{weight_scale};
      channels.set(o, policy::linear({.input_scale = scales[0],
                                      .weight_scale = weight_scale,
                                      .output_scale = scales[1],
                                      .offset = static_cast<double>(bias[o]) * step,
                                      .accumulator_bound = static_cast<std::int64_t>(depth) * 127 * 32768}));
    }
    x.resize(x.size() + read_slack);
  }

  template <class Arch> std::vector<std::int16_t> run(Arch arch) const {
    weight_shape const layout = by_channel ? depthwise_weights(shape) : convolution_weights(shape);
    std::vector<std::int8_t> ordered = weights;
    if (by_channel)
      for (std::size_t i = 0; i < weights.size(); ++i)
        ordered[i % outputs * (weights.size() / outputs) + i / outputs] = weights[i];
    std::vector<std::uint8_t> packed(packed_weights_bytes<8>(layout));
    pack<8>(ordered.data(), layout, packed.data());
    std::vector<std::int32_t> sums(outputs);
    auto const size = static_cast<std::size_t>(shape.out_height * shape.out_width) * outputs;
    auto const in_size = static_cast<std::size_t>(shape.in_height * shape.in_width * shape.in_channels);
    std::vector<std::int16_t> y(images * size);
    requantized<policy, policy::view, std::int16_t> const output{channels.view(), 0, -32768, 32767};
    for (std::size_t image = 0; image < images; ++image) {
      std::int16_t const* const from = x.data() + image * in_size;
      if (by_channel)
        depthwise<8, std::int64_t>(arch, shape, from, packed.data(), output, y.data() + image * size);
      else
        convolution<8, std::int64_t>(arch, shape, from, packed.data(),
                                     static_cast<std::int32_t const*>(sums.data()), output,
                                     y.data() + image * size);
    }
    return y;
  }
};

template <std::size_t Count>
int differing(std::vector<std::int16_t> const& y, std::int16_t const (&expected)[Count]) {
  REQUIRE(y.size() == Count);
  int count = 0;
  for (std::size_t i = 0; i < Count; ++i) count += y[i] != expected[i];
  return count;
}

template <std::size_t Count> void check(problem const& given, std::int16_t const (&expected)[Count]) {
  CHECK(differing(given.run(reference{}), expected) == 0);
  CHECK(differing(given.run(native{}), expected) == 0);
}

std::int64_t clamped(std::int64_t code) { return code < -32768 ? -32768 : code > 32767 ? 32767 : code; }

}  // namespace

TEST_CASE("tflite_reference_16x8 gives the codes of TensorFlow Lite Micro's linear operators") {
  window_shape const three{.in_height = 7,
                           .in_width = 6,
                           .in_channels = 16,
                           .out_height = 5,
                           .out_width = 4,
                           .out_channels = 9,
                           .kernel_height = 3,
                           .kernel_width = 3};
  check({1, three, 1, {}, false, convolution_scales}, convolution_codes);
  window_shape const by_channel{.in_height = 9,
                                .in_width = 8,
                                .in_channels = 5,
                                .out_height = 7,
                                .out_width = 6,
                                .out_channels = 5,
                                .kernel_height = 3,
                                .kernel_width = 3};
  check({2, by_channel, 1, {}, true, depthwise_scales}, depthwise_codes);
  window_shape const dense{.in_channels = 900, .out_channels = 12};
  check({3, dense, 20, {20000, 32767, 60, 127}, false, dense_scales}, dense_codes);
}

TEST_CASE("the dense layer's sums need more than 32 bits") {
  window_shape const dense{.in_channels = 900, .out_channels = 12};
  problem const given{3, dense, 20, {20000, 32767, 60, 127}, false, dense_scales};
  std::int64_t largest = 0;
  for (std::size_t o = 0; o < 12; ++o) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < 900; ++k) sum += given.x[k] * given.weights[o * 900 + k];
    largest = sum > largest ? sum : largest;
  }
  CHECK(largest > INT32_MAX);
}

TEST_CASE("tflite_reference_16x8 gives the codes of TensorFlow Lite's sums and products of 16 bits") {
  generator first(4), second(5);
  auto const a = first.array<std::int16_t>(400, -32768, 32767),
             b = first.array<std::int16_t>(400, -32768, 32767);
  auto const sum = policy::add({sum_scales[0]}, {sum_scales[1]}, sum_scales[2], 16);
  auto const c = second.array<std::int16_t>(400, -32768, 32767),
             d = second.array<std::int16_t>(400, -32768, 32767);
  auto const product = policy::product({.input_scale = product_scales[0],
                                        .weight_scale = product_scales[1],
                                        .output_scale = product_scales[2],
                                        .accumulator_bound = 1 << 30});
  int wrong = 0;
  for (std::size_t i = 0; i < 400; ++i) {
    wrong += clamped(policy::apply(sum, a[i], b[i], 0)) != sum_codes[i];
    wrong += clamped(policy::apply(product, std::int64_t{c[i]} * d[i], 0)) != product_codes[i];
  }
  CHECK(wrong == 0);
}
