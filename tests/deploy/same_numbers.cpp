#include <doctest/doctest.h>

#include <dyadic/deploy/model_file.hpp>
#include <dyadic/deploy/to_integer.hpp>
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

// Integer parameters and codes that are made from one trainable network are the same bytes from every
// compiler and flag set: this file is built with several, and each build finds the hashes below.

using namespace dyadic;

namespace {

constexpr window three{.size = 3, .padding = padding::same};
using net =
    sequential<input<6, 5, 2>, conv2d<5, three>, batch_norm, relu,
               residual<depthwise_conv2d<three>, batch_norm, relu6, conv2d<5, window{}>, batch_norm>, relu,
               batch_norm, average_pool<2, pooling{.padding = padding::same}>, flatten, dense<4>>;

struct by_default : scheme {};
struct four_bits : scheme {
  using weights = symmetric<4, per_channel, range::lsq>;
  using activations = affine<4, per_tensor, range::lsq>;
  using rescale = multiplier<31, rounding::half_even>;
};
struct as_tflite : scheme {
  using rescale = tflite_reference;
};
struct as_xnnpack : scheme {
  using rescale = xnnpack_fp32;
};
struct sixteen_bits : scheme {
  using weights = symmetric<16>;
  using activations = symmetric<16>;
  using rescale = tflite_reference_16x8;
};
struct by_shifts : scheme {
  using weights = power_of_two_scale<8>;
  using rescale = power_of_two<rounding::half_away>;
};

std::uint64_t hash(void const* data, std::size_t size, std::uint64_t start = 14695981039346656037U) {
  auto const* bytes = static_cast<unsigned char const*>(data);
  for (std::size_t i = 0; i < size; ++i) start = (start ^ bytes[i]) * 1099511628211U;
  return start;
}

/// Floats that a training run could have left: gammas of both signs and zero, ranges that were seen.
template <class Engine> void fill(Engine& trained) {
  generator random = generator::from(seed{2026});
  std::size_t at = 0;
  auto const floats = trained.floats();
  for (segment const& s : Engine::segments) {
    std::string_view const name = s.name;
    for (std::size_t i = 0; i < s.count; ++i) {
      // An integer and a power of two: no rounding that a compiler could do otherwise.
      float value = static_cast<float>(random.below(1 << 20)) * 0x1p-19F - 1;
      if (name == "variance") value = static_cast<float>(1 + random.below(1 << 20)) * 0x1p-19F;
      if (name == "gamma" && i == 2) value = 0;
      if (name == "weight_scale" || name == "output_step")
        value = static_cast<float>(100 + random.below(1000)) * 0x1p-12F;
      if (name == "output_range") {  // low, high, batches; of a learned step zero point, ready
        std::array<float, 3> const seen = s.count == 3 ? std::array<float, 3>{-1.37F, 2.71F, 3.0F}
                                                       : std::array<float, 3>{-3.0F, 1.0F, 1.0F};
        value = seen[i];
      }
      floats[at + i] = value;
    }
    at += s.count;
  }
  trained.refresh();
}

template <class Scheme> std::uint64_t numbers_of() {
  using trainable_net = net::in<trainable<Scheme>>;
  auto made = std::make_unique<trainable_net>(seed{});
  fill(*made);
  auto const saved = to_bytes(*made);
  auto const loaded = from_bytes<trainable_net>(saved).value();
  auto const deployed = to_integer(loaded).value();
  using engine = net::in<integer<Scheme>>;
  auto const file = to_bytes(deployed);  // every integer, in logical order
  std::uint64_t result = hash(file.data(), file.size());
  generator random = generator::from(seed{7});
  typename engine::template scratch<1> room;
  std::array<typename engine::output_code, engine::output_size> outputs{};
  for (int image = 0; image < 50; ++image) {
    std::array<std::uint8_t, engine::input_size> bytes{};
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.below(256));
    deployed.encode(bytes, std::span<typename engine::code>(room.input, engine::input_size));
    deployed.infer_watched(room, outputs, 1, [&](char const*, auto const* codes, std::size_t count) {
      result = hash(codes, count * sizeof(*codes), result);
    });
  }
  return result;
}

}  // namespace

TEST_CASE("integers made from one trained network are the same bytes everywhere: multiplier") {
  CHECK(numbers_of<by_default>() == 3754243598415043211U);
}
TEST_CASE("integers made from one trained network are the same bytes everywhere: learned 4-bit steps") {
  CHECK(numbers_of<four_bits>() == 11734442630845356170U);
}
TEST_CASE("integers made from one trained network are the same bytes everywhere: tflite_reference") {
  CHECK(numbers_of<as_tflite>() == 9992339438653918618U);
}
TEST_CASE("integers made from one trained network are the same bytes everywhere: xnnpack_fp32") {
  CHECK(numbers_of<as_xnnpack>() == 14686890207918317538U);
}
TEST_CASE("integers made from one trained network are the same bytes everywhere: power_of_two") {
  CHECK(numbers_of<by_shifts>() == 12080864923671282588U);
}
TEST_CASE("integers made from one trained network are the same bytes everywhere: 16 bits") {
  CHECK(numbers_of<sixteen_bits>() == 372719311582938342U);
}
