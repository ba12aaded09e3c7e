// What the compiler alone can check of fixed/.
#include <cstdint>
#include <type_traits>

#include "dyadic/fixed/fixed.hpp"
#include "dyadic/fixed/packed.hpp"

namespace {

using namespace dyadic;
using q4 = fixed<8, 4>;

// Storage.
static_assert(sizeof(fixed<8, 7>) == 1 && sizeof(fixed<9, 7>) == 2 && sizeof(unsigned_fixed<17, 0>) == 4 &&
              sizeof(fixed<33, 0>) == 8);
static_assert(std::is_trivially_copyable_v<q4> && std::is_standard_layout_v<q4>);
static_assert(q4{}.raw() == 0);
static_assert(std::is_same_v<unsigned_fixed<8, 0>::storage, std::uint8_t>);

// Results are exact and just wide enough.
static_assert(std::is_same_v<decltype(q4{} + q4{}), fixed<9, 4>>);
static_assert(std::is_same_v<decltype(q4{} - q4{}), fixed<9, 4>>);
static_assert(std::is_same_v<decltype(q4{} * fixed<6, 5>{}), fixed<14, 9>>);
static_assert(std::is_same_v<decltype(-q4{}), fixed<9, 4>>);
static_assert(std::is_same_v<decltype(-unsigned_fixed<8, 4>{}), fixed<9, 4>>);
static_assert(
    std::is_same_v<decltype(unsigned_fixed<8, 0>{} + unsigned_fixed<8, 0>{}), unsigned_fixed<9, 0>>);
static_assert(std::is_same_v<decltype(unsigned_fixed<8, 0>{} - unsigned_fixed<8, 0>{}), fixed<9, 0>>);
static_assert(std::is_same_v<decltype(unsigned_fixed<8, 0>{} - fixed<8, 0>{}), fixed<10, 0>>);
static_assert(std::is_same_v<decltype(fixed<8, 0>{} + fixed<8, 8>{}), fixed<17, 8>>);
static_assert((q4{1.5} * q4{-2.5}) == fixed<16, 8>{-3.75});
static_assert((-q4::lowest()).raw() == 128);

// Policies of a result: the operands' where they agree.
using wrapping = fixed<8, 4, rounding::floor, overflow::wrap>;
static_assert(
    std::is_same_v<decltype(wrapping{} * wrapping{}), fixed<16, 8, rounding::floor, overflow::wrap>>);
static_assert(std::is_same_v<decltype(wrapping{} * q4{}), fixed<16, 8>>);

// Conversions are implicit where exact.
static_assert(std::is_convertible_v<q4, fixed<9, 5>> && !std::is_convertible_v<q4, fixed<8, 5>>);
static_assert(!std::is_constructible_v<fixed<8, 5>, q4> && !std::is_assignable_v<fixed<8, 5>&, q4>);
static_assert(!std::is_constructible_v<unsigned_fixed<8, 4>, q4> &&
              std::is_convertible_v<unsigned_fixed<7, 4>, q4>);
static_assert(std::is_convertible_v<std::int8_t, fixed<8, 0>> &&
              !std::is_convertible_v<std::uint8_t, fixed<8, 0>>);
static_assert(!std::is_convertible_v<int, q4> && std::is_constructible_v<q4, int>);
static_assert(!std::is_convertible_v<double, q4> && std::is_constructible_v<q4, double>);
static_assert(!std::is_convertible_v<q4, double> && std::is_constructible_v<double, q4>);
static_assert(!std::is_constructible_v<q4, bool> && !std::is_constructible_v<q4, long double>);

// The destination's policies decide, in a constant too.
static_assert(to<q4>(100).raw() == 127 && to<q4>(0.09375).raw() == 2 && to<wrapping>(8.0).raw() == -128);
static_assert(to<fixed<4, 0, rounding::half_away>>(q4{-2.5}).raw() == -3);
static_assert(to<double>(q4{-0.0625}) == -0.0625 && to<int>(q4{3.75}) == 4);
static_assert(q4{0.5} < fixed<32, 20>{0.75} && q4{-1} < unsigned_fixed<3, 0>{0});
static_assert(q4::highest().raw() == 127 && unsigned_fixed<64, 3>::highest().raw() == ~std::uint64_t{0});

// `checked` fails a constant evaluation, and only where the value does not fit.
template <class Format, int Value>
concept constant = requires { typename std::integral_constant<int, to<Format>(Value).raw()>; };
using strict = fixed<8, 4, rounding::half_even, overflow::checked>;
static_assert(constant<strict, 7> && !constant<strict, 8> && constant<strict, -8> && !constant<strict, -9>);

// Modes.
static_assert(rounding::rounding_mode<rounding::half_even> && rounding::rounding_mode<rounding::toward_zero>);
static_assert(!rounding::rounding_mode<rounding::stochastic> && !rounding::rounding_mode<int>);
static_assert(rounding::half_up::constant && rounding::half_down::constant && rounding::floor::constant &&
              rounding::ceil::constant);
static_assert(!rounding::half_even::constant && !rounding::half_away::constant &&
              !rounding::half_to_zero::constant && !rounding::toward_zero::constant);
static_assert(overflow::overflow_mode<overflow::checked> && !overflow::overflow_mode<rounding::floor>);
static_assert(rounding::half_even::from_real(2.5) == 2 && rounding::half_away::from_real(-2.5) == -3);

// A source of randomness gives all 64 bits.
struct all_bits {
  constexpr std::uint64_t operator()() { return 0; }
};
struct half_the_bits : all_bits {
  static constexpr std::uint64_t min() { return 0; }
  static constexpr std::uint64_t max() { return 0xFFFF'FFFF; }
};
static_assert(rounding::random_source<all_bits> && !rounding::random_source<half_the_bits>);

// Packed codes are plain bytes.
static_assert(sizeof(packed<3, 5>) == 2 && sizeof(packed<8, 5>) == 5 && sizeof(packed<1, 9>) == 2);
static_assert(std::is_aggregate_v<packed<4, 8>> && std::is_trivially_copyable_v<packed<4, 8>>);
constexpr packed<3, 5> written = [] {
  packed<3, 5> codes{};
  codes[1] = -3;
  codes[2] = codes[1];
  return codes;
}();
static_assert(written[0] == 0 && written[1] == -3 && written[2] == -3 && written[3] == 0);
static_assert(packed_bytes(3, 8) == 3 && packed_bytes(3, 9) == 4 && packed_bytes(1, 0) == 0);

}  // namespace
