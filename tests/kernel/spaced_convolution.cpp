#include <dyadic/kernel/convolution.hpp>
#include <dyadic/kernel/depthwise.hpp>

#include "spaced_window.hpp"
#include "sweep.hpp"

namespace {

using namespace dyadic::kernel;

template <int StorageBits> void compare(unsigned seed, bool is_depthwise) {
  sweep::generator random(seed);
  window_shape shape =
      spaced::random_window([&](int low, int high) { return static_cast<int>(random(low, high)); });
  if (is_depthwise) {
    shape.groups = 1;
    shape.out_channels = shape.in_channels;
  }
  INFO("seed ", seed, ", ", StorageBits, " bits, depthwise ", is_depthwise, ", ",
       spaced::text(shape).c_str());
  weight_shape const packed = is_depthwise ? depthwise_weights(shape) : convolution_weights(shape);
  auto const codes = random.codes<std::int8_t>(packed.outputs * packed.segments * packed.depth, StorageBits);
  auto const image = random.codes<std::int8_t>(spaced::inputs(shape), 8);
  auto const zero = static_cast<std::int8_t>(random(-128, 127));
  std::vector<std::uint8_t> weights(packed_weights_bytes<StorageBits>(packed));
  pack<StorageBits>(codes.data(), packed, weights.data());
  std::vector<std::int8_t> unpacked(codes.size());
  unpack<StorageBits>(weights.data(), packed, unpacked.data());
  CHECK(unpacked == codes);
  std::vector<std::int32_t> weight_sums(packed.outputs);
  sum_weights(codes.data(), packed, weight_sums.data());
  std::vector<std::int8_t> padded(padded_size(shape), 99);
  pad(shape, image.data(), zero, padded.data());
  std::vector<std::int16_t> const wide(padded.begin(), padded.end());

  sweep::channel_parameters<dyadic::multiplier<31>> const parameters(packed.outputs, random);
  auto const output = sweep::output_of<std::int8_t>(dyadic::multiplier<31>{}, parameters, random);
  auto const expected = spaced::sums_of(shape, image, codes, zero, is_depthwise);
  auto const channels = static_cast<std::size_t>(shape.out_channels);
  sweep::for_each_instruction_set([&](auto arch) {
    auto const run = [&](auto const& from, auto const& finish, auto& to) {
      if (is_depthwise)
        depthwise<StorageBits>(arch, shape, from.data(), weights.data(), finish, to.data());
      else
        convolution<StorageBits>(arch, shape, from.data(), weights.data(), weight_sums.data(), finish,
                                 to.data());
    };
    std::vector<std::int32_t> sums(expected.size()), wide_sums(expected.size());
    std::vector<std::int8_t> y(expected.size());
    run(padded, accumulators{}, sums);
    run(wide, accumulators{}, wide_sums);
    run(padded, output, y);
    CHECK(sums == expected);
    CHECK(wide_sums == expected);
    int wrong = 0;
    for (std::size_t i = 0; i < y.size(); ++i) wrong += y[i] != output(expected[i], i % channels);
    CHECK(wrong == 0);
  });
}

}  // namespace

TEST_CASE("every convolution kernel gives the sums of dilated windows, of groups, of spread pixels") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    compare<8>(seed, false);
    compare<4>(seed, false);
    compare<2>(seed, false);
  }
}

TEST_CASE("every depthwise kernel gives the sums of dilated windows") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    compare<8>(seed, true);
    compare<4>(seed, true);
    compare<2>(seed, true);
  }
}

TEST_CASE("pixels are spread with the code that means zero") {
  window_shape const shape{.in_height = 2,
                           .in_width = 2,
                           .in_channels = 2,
                           .pad_top = 1,
                           .pad_right = 1,
                           .spread_height = 2,
                           .spread_width = 2};
  std::int8_t const image[8]{1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<std::int8_t> padded(padded_size(shape), 99),
      expected{9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 9, 9, 3, 4, 9, 9,
               9, 9, 9, 9, 9, 9, 9, 9, 5, 6, 9, 9, 7, 8, 9, 9};
  expected.resize(32 + read_slack, 9);
  pad(shape, image, std::int8_t{9}, padded.data());
  CHECK(padded == expected);
}
