#include "dyadic/fixed/packed.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>

namespace {

using namespace dyadic;

/// The bytes that codes must give, written from the description: bit k of the string is bit k % 8 of byte k
/// / 8.
template <int Bits, std::size_t Count>
std::array<std::uint8_t, (Count * Bits + 7) / 8> expected_bytes(std::array<int, Count> const& codes) {
  std::array<std::uint8_t, (Count * Bits + 7) / 8> bytes{};
  for (std::size_t i = 0; i < Count; ++i) {
    int rest = codes[i] < 0 ? codes[i] + (1 << Bits) : codes[i];
    for (int bit = 0; bit < Bits; ++bit, rest /= 2)
      if (rest % 2 == 1) {
        std::size_t const k = i * Bits + static_cast<std::size_t>(bit);
        bytes[k / 8] = static_cast<std::uint8_t>(bytes[k / 8] + (1 << (k % 8)));
      }
  }
  return bytes;
}

/// Writes every code to every position of every background and compares all bytes and all codes; counts
/// differences.
template <int Bits, bool Signed> int count_wrong(std::mt19937_64& random) {
  constexpr std::size_t count = 19;
  using codes = packed<Bits, count, Signed>;
  static_assert(sizeof(codes) == (count * Bits + 7) / 8);
  int const lowest = Signed ? -(1 << (Bits - 1)) : 0;
  int const highest = lowest + (1 << Bits) - 1;
  int wrong = codes::lowest != lowest || codes::highest != highest;
  for (int background = 0; background < 3; ++background) {
    std::array<int, count> wanted{};
    codes written{};
    for (std::size_t i = 0; i < count; ++i) {
      wanted[i] = background == 0   ? lowest
                  : background == 1 ? highest
                                    : lowest + static_cast<int>(random() % (std::uint64_t{1} << Bits));
      written[i] = wanted[i];
    }
    for (std::size_t i = 0; i < count; ++i)
      for (int code = lowest; code <= highest; ++code) {
        written[i] = code;
        wanted[i] = code;
        auto const bytes = expected_bytes<Bits>(wanted);
        for (std::size_t k = 0; k < bytes.size(); ++k) wrong += written.bytes[k] != bytes[k];
        for (std::size_t k = 0; k < count; ++k) wrong += std::as_const(written)[k] != wanted[k];
      }
  }
  return wrong;
}

}  // namespace

TEST_CASE("packed codes of every width read as written at every position, and their neighbours stay") {
  constexpr std::uint64_t seed = 3;
  INFO("seed ", seed);
  std::mt19937_64 random{seed};
  auto const check = [](int wrong) { CHECK(wrong == 0); };
  [&]<int... Less>(std::integer_sequence<int, Less...>) {
    (check(count_wrong<Less + 1, true>(random)), ...);
    (check(count_wrong<Less + 1, false>(random)), ...);
  }(std::make_integer_sequence<int, 8>{});
}

TEST_CASE("a view works in place on bytes that it does not own and touches nothing around them") {
  std::uint8_t bytes[5] = {0xAB, 0, 0, 0, 0xCD};
  packed_view<3> const codes{bytes + 1, 8};
  CHECK(codes.size() == 8);
  CHECK(codes.data() == bytes + 1);
  for (int i = 0; i < 8; ++i) codes[static_cast<std::size_t>(i)] = i - 4;
  CHECK(bytes[0] == 0xAB);
  CHECK(bytes[4] == 0xCD);
  std::uint8_t const* const fixed_bytes = bytes;
  packed_view<3, true, std::uint8_t const> const reading{fixed_bytes + 1, 8};
  packed_view<3, false> const magnitudes{bytes + 1, 8};
  for (int i = 0; i < 8; ++i) {
    CHECK(reading[static_cast<std::size_t>(i)] == i - 4);
    CHECK(magnitudes[static_cast<std::size_t>(i)] == (i + 4) % 8);
  }
}

TEST_CASE("a value out of range, which is a mistake, still leaves the neighbours alone") {
  packed<4, 3> codes{};
  codes[0] = -1;
  codes[2] = -1;
  codes[1] = 1000;
  CHECK(codes[0] == -1);
  CHECK(codes[2] == -1);
}

TEST_CASE("a code is assigned from a code, not bound to it") {
  packed<5, 4> codes{};
  codes[0] = 11;
  codes[3] = codes[0];
  codes[0] = -7;
  CHECK(codes[3] == 11);
  CHECK(codes[0] == -7);
}

TEST_CASE("the last code ends where the bytes end") {
  std::uint8_t exact[3] = {};
  packed_view<6> const codes{exact, 4};
  codes[3] = -32;
  CHECK(codes[3] == -32);
  CHECK(exact[2] == 0x80);
}
