#include "dyadic/kernel/pack.hpp"

#include "sweep.hpp"

namespace {

using namespace dyadic::kernel;

/// The weight at a place of the documented layout, taken from the bits of its byte.
int weight_in(std::vector<std::uint8_t> const& bytes, int bits, std::size_t unit, std::size_t i) {
  std::size_t const count = static_cast<std::size_t>(bits) * 8;
  int const byte = bytes[unit * count + i % count];
  int const field = byte / (1 << (static_cast<int>(i / count) * bits)) % (1 << bits);
  return field < 1 << (bits - 1) ? field : field - (1 << bits);
}

template <int Bits> void check_layout(unsigned seed) {
  sweep::generator random(seed);
  weight_shape const shape{random.size(1, 50), random.size(1, 4), random.size(1, 20)};
  INFO("seed ", seed, ", ", Bits, " bits, outputs ", shape.outputs, ", segments ", shape.segments, ", depth ",
       shape.depth);
  auto const codes = random.codes<std::int8_t>(shape.outputs * shape.segments * shape.depth, Bits);
  std::size_t const blocks = (shape.outputs + 15) / 16, units = (shape.depth + 3) / 4;
  REQUIRE(packed_weights_bytes<Bits>(shape) == blocks * shape.segments * units * 8 * Bits);
  std::vector<std::uint8_t> packed(packed_weights_bytes<Bits>(shape) + 1, 0xA5), one_by_one(packed.size());
  pack<Bits>(codes.data(), shape, packed.data());
  int wrong = packed.back() != 0xA5;
  for (std::size_t o = 0; o < blocks * 16; ++o)
    for (std::size_t s = 0; s < shape.segments; ++s)
      for (std::size_t k = 0; k < units * 4; ++k) {
        bool const there = o < shape.outputs && k < shape.depth;
        int const expected = there ? codes[(o * shape.segments + s) * shape.depth + k] : 0;
        wrong += weight_in(packed, Bits, (o / 16 * shape.segments + s) * units + k / 4, o % 16 * 4 + k % 4) !=
                 expected;
        if (!there) continue;
        wrong += get_weight<Bits>(packed.data(), shape, o, s, k) != expected;
        set_weight<Bits>(one_by_one.data(), shape, o, s, k, expected);
      }
  CHECK(wrong == 0);
  one_by_one.back() = 0xA5;
  CHECK(one_by_one == packed);

  std::vector<std::int8_t> unpacked(codes.size());
  unpack<Bits>(packed.data(), shape, unpacked.data());
  CHECK(unpacked == codes);

  std::vector<std::int32_t> sums(shape.outputs, -1);
  sum_weights(codes.data(), shape, sums.data());
  std::size_t const count = shape.segments * shape.depth;
  for (std::size_t i = 0; i < codes.size(); ++i) sums[i / count] -= codes[i];
  CHECK(sums == std::vector<std::int32_t>(shape.outputs, 0));
}

}  // namespace

TEST_CASE(
    "packed weights lie where the layout says, missing ones are 0, and unpacking gives the codes back") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    check_layout<8>(seed);
    check_layout<4>(seed);
    check_layout<2>(seed);
  }
}

TEST_CASE("every code of a width survives being written over any other") {
  auto const check = []<int Bits>(std::integral_constant<int, Bits>) {
    constexpr int most = (1 << (Bits - 1)) - 1;
    for (std::size_t index = 0; index < unit_weights; ++index)
      for (int code = -most - 1; code <= most; ++code) {
        std::uint8_t unit[unit_bytes<Bits>];
        for (auto& byte : unit) byte = 0x5A;
        int const neighbour = unit_weight<Bits>(unit, (index + 1) % unit_weights);
        set_unit_weight<Bits>(unit, index, code);
        CHECK(unit_weight<Bits>(unit, index) == code);
        CHECK(unit_weight<Bits>(unit, (index + 1) % unit_weights) == neighbour);
      }
  };
  check(std::integral_constant<int, 8>{});
  check(std::integral_constant<int, 4>{});
  check(std::integral_constant<int, 2>{});
}

TEST_CASE("a code is stored in the smallest of 2, 4 and 8 bits that hold it") {
  int const expected[9]{0, 2, 2, 4, 4, 8, 8, 8, 8};
  for (int bits = 1; bits <= 8; ++bits) CHECK(storage_bits(bits) == expected[bits]);
}
