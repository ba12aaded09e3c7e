#pragma once

#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/train/data.hpp>

#include <cstddef>
#include <cstdint>

/// A task that a tiny network learns in a few steps: which of four quarters of an image is brightest.
namespace small_task {

using namespace dyadic;

using net = sequential<input<6, 6, 1>, conv2d<4, window{.size = 3}>, batch_norm, relu, flatten,
                       dropout<rate{.value = 0.1}>, named<"head", dense<4>>>;

struct int8 : scheme {};
struct learned : scheme {
  using weights = symmetric<4, per_channel, range::lsq>;
  using activations = affine<4, per_tensor, range::lsq>;
};

inline data_set quarters(std::size_t count, std::uint64_t from = 1) {
  data_set made;
  made.sample_size = 36;
  generator random = generator::from(seed{from});
  for (std::size_t i = 0; i < count; ++i) {
    auto const quarter = random.below(4);
    made.labels.push_back(static_cast<std::int32_t>(quarter));
    for (std::uint32_t at = 0; at < 36; ++at) {
      bool const bright = (at / 6 / 3) * 2 + at % 6 / 3 == quarter;
      made.bytes.push_back(static_cast<std::uint8_t>(random.below(120) + (bright ? 100 : 0)));
    }
  }
  return made;
}

}  // namespace small_task
