#pragma once

#include <dyadic/deploy/model_file.hpp>
#include <dyadic/deploy/to_integer.hpp>
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

/// A hash of all integers and codes that are made from one trainable network, for tests that they are the
/// same bytes from every compiler and flag set.
namespace same_numbers {

using namespace dyadic;

inline constexpr window three{.size = 3, .padding = padding::same};
using net =
    sequential<input<6, 5, 2>, conv2d<5, three>, batch_norm, relu,
               residual<depthwise_conv2d<three>, batch_norm, relu6, conv2d<5, window{}>, batch_norm>, relu,
               batch_norm, average_pool<2, pooling{.padding = padding::same}>, flatten, dense<4>>;

inline std::uint64_t hash(void const* data, std::size_t size, std::uint64_t start = 14695981039346656037U) {
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

template <class Scheme, class Net = net> std::uint64_t numbers_of() {
  using trainable_net = typename Net::template in<trainable<Scheme>>;
  auto made = std::make_unique<trainable_net>(seed{});
  fill(*made);
  auto const saved = to_bytes(*made);
  auto const loaded = from_bytes<trainable_net>(saved).value();
  auto const deployed = to_integer(loaded).value();
  using engine = typename Net::template in<integer<Scheme>>;
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

}  // namespace same_numbers
