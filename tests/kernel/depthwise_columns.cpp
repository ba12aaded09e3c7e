#include <dyadic/kernel/depthwise.hpp>

#include "window.hpp"

namespace {

using namespace dyadic::kernel;

void compare(unsigned seed, window_shape const& shape) {
  INFO("seed ", seed, ", ", sweep::text(shape).c_str());
  sweep::generator random(seed);
  auto const packed = depthwise_weights(shape);
  auto const codes = random.codes<std::int8_t>(packed.outputs * packed.depth, 8);
  auto image = random.codes<std::int8_t>(sweep::in_size(shape), 8);
  image.resize(image.size() + read_slack);
  std::vector<std::uint8_t> weights(packed_weights_bytes<8>(packed));
  pack<8>(codes.data(), packed, weights.data());
  std::size_t const size = static_cast<std::size_t>(shape.out_height) *
                           static_cast<std::size_t>(shape.out_width) *
                           static_cast<std::size_t>(shape.in_channels);
  std::vector<std::int32_t> expected(size), sums(size);
  depthwise<8>(reference{}, shape, image.data(), weights.data(), accumulators{}, expected.data());
  sweep::for_each_instruction_set([&](auto arch) {
    depthwise<8>(arch, shape, image.data(), weights.data(), accumulators{}, sums.data());
    CHECK(sums == expected);
  });
}

window_shape window(int kernel_height, int kernel_width, int stride, int out_width, int channels) {
  return {.in_height = kernel_height + stride,
          .in_width = (out_width - 1) * stride + kernel_width,
          .in_channels = channels,
          .out_height = 2,
          .out_width = out_width,
          .out_channels = channels,
          .kernel_height = kernel_height,
          .kernel_width = kernel_width,
          .stride_height = stride,
          .stride_width = stride};
}

}  // namespace

TEST_CASE("strips of one pixel to several, at each stride and number of units a column, give the reference") {
  unsigned seed = 0;
  for (int const kernel_height : {1, 3, 4, 5, 9})
    for (int const kernel_width : {1, 3, 5})
      for (int const stride : {1, 2, 3, 5})
        for (int const out_width : {1, 7, 8, 31, 32, 33, 70}) {
          ++seed;
          compare(seed, window(kernel_height, kernel_width, stride, out_width, seed % 2 == 0 ? 16 : 21));
        }
}

TEST_CASE("large windows and strides are left to the other kernel") {
  for (int const kernel : {7, 9, 11}) compare(1, window(kernel, kernel, 1, 9, 17));
  compare(2, window(3, 3, 9, 40, 17));
  compare(3, window(8, 3, 5, 40, 17));
}
