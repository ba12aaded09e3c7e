#include "dyadic/kernel/reference.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

/// The oracle of all kernels against sums that no compiler vectorizes: every step goes through memory. This
/// file is also built with -O3 -march=native, where g++ 12 gets some scalar dot products wrong.
namespace {

using namespace dyadic::kernel;

class numbers {
 public:
  explicit numbers(unsigned seed) : state_(seed * 2654435761U + 1) {}
  int operator()(int low, int high) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return low + static_cast<int>((state_ >> 33) % static_cast<std::uint64_t>(high - low + 1));
  }
  template <class Code> std::vector<Code> codes(std::size_t count, int bits) {
    std::vector<Code> result(count);
    for (Code& code : result) code = static_cast<Code>((*this)(-(1 << (bits - 1)), (1 << (bits - 1)) - 1));
    return result;
  }

 private:
  std::uint64_t state_;
};

/// The sum of a[i * a_step] * b[i * b_step].
template <class A>
[[gnu::noinline]] std::int64_t slow_dot(A const volatile* a, std::size_t a_step,
                                        std::int8_t const volatile* b, std::size_t count) {
  std::int64_t volatile sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::int64_t const volatile product = std::int64_t{a[i * a_step]} * b[i];
    sum = sum + product;
  }
  return sum;
}

template <class Activation, int Bits> void compare_matmul(unsigned seed, int least_depth, int most_depth) {
  numbers random(seed);
  matmul_shape shape{.rows = static_cast<std::size_t>(random(1, 4)),
                     .outputs = static_cast<std::size_t>(random(1, 35)),
                     .segments = static_cast<std::size_t>(random(1, 3)),
                     .depth = static_cast<std::size_t>(random(least_depth, most_depth))};
  INFO("seed ", seed, ", ", Bits, " bits, depth ", shape.depth);
  shape.segment_stride = static_cast<std::ptrdiff_t>(shape.depth) + random(0, 3);
  shape.row_stride = random(0, 50);
  shape.output_stride = static_cast<std::ptrdiff_t>(shape.outputs);
  auto const x = random.codes<Activation>(3 * static_cast<std::size_t>(shape.row_stride) +
                                              shape.segments * static_cast<std::size_t>(shape.segment_stride),
                                          sizeof(Activation) == 1 ? 8 : 16);
  auto const codes = random.codes<std::int8_t>(shape.outputs * shape.segments * shape.depth, Bits);
  std::vector<std::uint8_t> weights(packed_weights_bytes<Bits>(weights_of(shape)));
  pack<Bits>(codes.data(), weights_of(shape), weights.data());
  std::vector<std::int32_t> y(shape.rows * shape.outputs);
  reference_matmul<Bits>(shape, x.data(), weights.data(), accumulators{}, y.data());
  int wrong = 0;
  for (std::size_t row = 0; row < shape.rows; ++row)
    for (std::size_t o = 0; o < shape.outputs; ++o) {
      std::int64_t sum = 0;
      for (std::size_t s = 0; s < shape.segments; ++s)
        sum +=
            slow_dot(x.data() + shape.row_offset(row) + static_cast<std::ptrdiff_t>(s) * shape.segment_stride,
                     1, codes.data() + (o * shape.segments + s) * shape.depth, shape.depth);
      wrong += y[row * shape.outputs + o] != sum;
    }
  CHECK(wrong == 0);
}

/// One pixel: the window is as large as the image.
template <class Activation, int Bits> void compare_depthwise(unsigned seed) {
  numbers random(seed);
  window_shape shape;
  shape.in_height = shape.kernel_height = random(1, 9);
  shape.in_width = shape.kernel_width = random(1, 9);
  shape.in_channels = shape.out_channels = random(1, 70);
  INFO("seed ", seed, ", ", Bits, " bits, taps ", shape.taps(), ", channels ", shape.in_channels);
  auto const channels = static_cast<std::size_t>(shape.in_channels);
  auto const taps = static_cast<std::size_t>(shape.taps());
  auto const x = random.codes<Activation>(taps * channels, sizeof(Activation) == 1 ? 8 : 16);
  auto const codes = random.codes<std::int8_t>(taps * channels, Bits);
  std::vector<std::uint8_t> weights(packed_weights_bytes<Bits>(depthwise_weights(shape)));
  pack<Bits>(codes.data(), depthwise_weights(shape), weights.data());
  std::vector<std::int32_t> y(channels);
  reference_depthwise<Bits>(shape, x.data(), weights.data(), accumulators{}, y.data());
  int wrong = 0;
  for (std::size_t c = 0; c < channels; ++c)
    wrong += y[c] != slow_dot(x.data() + c, channels, codes.data() + c * taps, taps);
  CHECK(wrong == 0);
}

template <int Bits> void compare_all(unsigned seed) {
  compare_matmul<std::int8_t, Bits>(seed, 1, 40);
  compare_matmul<std::int8_t, Bits>(seed, 100, 600);
  compare_matmul<std::int16_t, Bits>(seed, 1, 300);
  compare_depthwise<std::int8_t, Bits>(seed);
  compare_depthwise<std::int16_t, Bits>(seed);
}

}  // namespace

TEST_CASE("the reference gives the sums of a loop that goes through memory at every step") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    compare_all<8>(seed);
    compare_all<4>(seed);
    compare_all<2>(seed);
  }
}
