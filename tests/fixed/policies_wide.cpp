// The wrap modes with saturated bits, and ties to odd, at 32 to 64 bits: their properties, and an oracle that
// works on bits one by one.
#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>

#include "formats.hpp"

namespace {

using namespace dyadic;
using oracle::integer;
using oracle::power_of_two;

bool bit_of(integer value, int index) {
  integer const unit = power_of_two(index);
  return (oracle::floor_of({value, unit}) % 2 + 2) % 2 == 1;
}

/// `value` in `bits` bits with `saturated` of them at their limit, `sign_magnitude` or plain.
integer wrapped(integer value, int bits, int saturated, bool sign_magnitude) {
  integer const edge = power_of_two(bits - 1);
  if (value >= -edge && value < edge) return value;
  bool const negative = saturated > 0 ? value < 0 : bit_of(value, bits);
  int const kept = saturated > 1 ? bits - saturated : bits - 1;
  bool const before = bit_of(value, saturated > 0 ? bits - saturated : bits - 1);
  bool const after = saturated > 1 ? !negative : negative;
  bool const inverted = sign_magnitude && before != after;
  integer made = negative ? -edge : 0;
  for (int i = 0; i < bits - 1; ++i) {
    bool const bit = i < kept ? bit_of(value, i) != inverted : !negative;
    if (bit) made += power_of_two(i);
  }
  return made;
}

template <class Overflow, int Saturated, bool SignMagnitude, class Source, int Bits>
void check(std::mt19937_64& random) {
  using destination = fixed<Bits, 10, rounding::half_odd, Overflow>;
  INFO(std::string(destination::name.c_str()));
  int wrong = 0;
  for (int i = 0; i < 2000; ++i) {
    auto const x = formats::from_bits<Source>(i % 2 == 0 ? random() : random() << random() % 64);
    integer const rounded =
        oracle::round("half_odd", formats::value_of(x) * oracle::rational::scaled(1, -destination::fraction));
    wrong += to<destination>(x).raw() != wrapped(rounded, Bits, Saturated, SignMagnitude);
  }
  CHECK(wrong == 0);
}

template <class Source, int Bits> void check_modes(std::mt19937_64& random) {
  check<overflow::wrap_saturating<1>, 1, false, Source, Bits>(random);
  check<overflow::wrap_saturating<5>, 5, false, Source, Bits>(random);
  check<overflow::wrap_saturating<Bits>, Bits, false, Source, Bits>(random);
  check<overflow::wrap_sign_magnitude<>, 0, true, Source, Bits>(random);
  check<overflow::wrap_sign_magnitude<1>, 1, true, Source, Bits>(random);
  check<overflow::wrap_sign_magnitude<5>, 5, true, Source, Bits>(random);
}

}  // namespace

TEST_CASE("32 to 64 bits wrap with saturated bits as their bits one by one say") {
  constexpr std::uint64_t seed = 61;
  INFO("seed ", seed);
  std::mt19937_64 random{seed};
  check_modes<fixed<64, 12>, 32>(random);
  check_modes<fixed<64, 5>, 48>(random);
  check_modes<fixed<64, 12>, 61>(random);
  check_modes<fixed<64, 8>, 62>(random);
  check_modes<fixed<64, 0>, 63>(random);
  check_modes<fixed<64, 3>, 64>(random);
  check_modes<unsigned_fixed<64, 4>, 64>(random);
}

TEST_CASE("with all its bits saturated, wrapping saturates; without any, it is wrap") {
  constexpr std::uint64_t seed = 62;
  INFO("seed ", seed);
  std::mt19937_64 random{seed};
  int wrong = 0;
  for (int i = 0; i < 5000; ++i) {
    auto const x = formats::from_bits<fixed<64, 20>>(random());
    using format = fixed<40, 20, rounding::floor>;
    wrong +=
        to<fixed<40, 20, rounding::floor, overflow::wrap_saturating<40>>>(x).raw() != to<format>(x).raw();
    auto const turned = to<fixed<40, 20, rounding::floor, overflow::wrap_sign_magnitude<>>>(x).raw();
    auto const jumped = to<fixed<40, 20, rounding::floor, overflow::wrap>>(x).raw();
    wrong += turned != jumped && turned != -1 - jumped;
    wrong += (to<fixed<40, 20, rounding::floor, overflow::wrap_saturating<7>>>(x).raw() < 0) != (x.raw() < 0);
  }
  CHECK(wrong == 0);
}

TEST_CASE("wrapping of sign and magnitude has no jumps") {
  using format = fixed<40, 0, rounding::floor, overflow::wrap_sign_magnitude<>>;
  for (integer edge :
       {power_of_two(39), -power_of_two(39), power_of_two(40), 3 * power_of_two(39), power_of_two(62)}) {
    auto before = to<format>(static_cast<std::int64_t>(edge - 3)).raw();
    for (int step = -2; step < 3; ++step) {
      auto const after = to<format>(static_cast<std::int64_t>(edge + step)).raw();
      CHECK(after - before <= 1);
      CHECK(before - after <= 1);
      before = after;
    }
  }
}

TEST_CASE("a double that is far out of range wraps by its lowest lost bit") {
  using format = fixed<8, 0, rounding::floor, overflow::wrap_sign_magnitude<>>;
  CHECK(to<format>(0x1p8).raw() == -1);
  CHECK(to<format>(0x1p60 + 0x1p8).raw() == -1);
  CHECK(to<format>(0x1p50 + 0x1p9 + 5).raw() == 5);
  CHECK(to<format>(0x1p300).raw() == 0);
  CHECK(to<format>(fixed<64, -8>::highest()).raw() == to<format>(256 * 255).raw());
}
