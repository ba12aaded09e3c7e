#include <dyadic/kernel/pack.hpp>

#include "sweep.hpp"

namespace {

using namespace dyadic::kernel;

/// The layout as its documentation words it, bit by bit.
template <int StorageBits>
int weight_at(std::vector<std::uint8_t> const& bytes, weight_shape const& shape, std::size_t o, std::size_t s,
              std::size_t k) {
  constexpr std::size_t inputs = StorageBits == 1 ? 32 : 4, unit_size = StorageBits * 2 * inputs;
  std::size_t const unit = (o / 16 * shape.segments + s) * ((shape.depth + inputs - 1) / inputs) + k / inputs;
  if (StorageBits == 1) return (bytes[unit * unit_size + o % 16 * 4 + k % 32 / 8] >> k % 8 & 1) != 0 ? -1 : 1;
  std::size_t const place = o % 16 * 4 + k % 4;
  std::size_t const byte = unit * unit_size + place % unit_size;
  int const field = bytes[byte] >> (place / unit_size * StorageBits) & ((1 << StorageBits) - 1);
  return field >= 1 << (StorageBits - 1) ? field - (1 << StorageBits) : field;
}

template <int StorageBits> void compare(unsigned seed) {
  sweep::generator random(seed);
  weight_shape const shape{random.size(1, 40), random.size(1, 4), random.size(1, 70)};
  INFO("seed ", seed, ", ", StorageBits, " bits, ", shape.outputs, " x ", shape.segments, " x ", shape.depth);
  auto const codes = random.weights(shape.outputs * shape.segments * shape.depth, StorageBits);
  constexpr std::size_t inputs = StorageBits == 1 ? 32 : 4;
  std::size_t const bytes = (shape.outputs + 15) / 16 * shape.segments *
                            ((shape.depth + inputs - 1) / inputs * inputs) * StorageBits * 2;
  REQUIRE(packed_weights_bytes<StorageBits>(shape) == bytes);
  std::vector<std::uint8_t> packed(bytes, 0xFF), set(bytes, 0);
  pack<StorageBits>(codes.data(), shape, packed.data());
  int wrong = 0;
  std::size_t i = 0;
  for (std::size_t o = 0; o < shape.outputs; ++o)
    for (std::size_t s = 0; s < shape.segments; ++s)
      for (std::size_t k = 0; k < shape.depth; ++k, ++i) {
        wrong += weight_at<StorageBits>(packed, shape, o, s, k) != codes[i];
        wrong += get_weight<StorageBits>(packed.data(), shape, o, s, k) != codes[i];
        set_weight<StorageBits>(set.data(), shape, o, s, k, codes[i]);
      }
  CHECK(wrong == 0);
  CHECK(set == packed);  // what is missing at the edges is 0 in both
  std::vector<std::int8_t> unpacked(codes.size());
  unpack<StorageBits>(packed.data(), shape, unpacked.data());
  CHECK(unpacked == codes);
}

}  // namespace

TEST_CASE("packed weights lie where the layout says, padding is zero, and unpack gives the codes back") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    compare<8>(seed);
    compare<4>(seed);
    compare<2>(seed);
    compare<1>(seed);
  }
}

TEST_CASE("a weight code is stored in two, four or eight bits") {
  CHECK(storage_bits(1) == 2);
  CHECK(storage_bits(2) == 2);
  CHECK(storage_bits(3) == 4);
  CHECK(storage_bits(4) == 4);
  CHECK(storage_bits(5) == 8);
  CHECK(storage_bits(8) == 8);
}

TEST_CASE("setting a weight leaves its neighbours alone") {
  weight_shape const shape{16, 1, 4};
  std::vector<std::uint8_t> bytes(packed_weights_bytes<4>(shape), 0xFF);
  set_weight<4>(bytes.data(), shape, 8, 0, 0, 5);  // place 32 shares byte 0 with place 0
  CHECK(bytes[0] == 0x5F);
  set_weight<4>(bytes.data(), shape, 0, 0, 0, -8);
  CHECK(bytes[0] == 0x58);
}

namespace {

constexpr std::int32_t sum_in_a_constant_expression() {
  std::int8_t const codes[6]{1, -2, 3, -4, 5, 60};
  std::int32_t sums[2]{};
  sum_weights(codes, {2, 1, 3}, sums);
  return sums[0] * 100 + sums[1];
}
static_assert(sum_in_a_constant_expression() == 2 * 100 + 61);

}  // namespace
