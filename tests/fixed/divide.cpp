#include "dyadic/fixed/divide.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <string>

#include "formats.hpp"

namespace {

using namespace dyadic;
using oracle::integer;
using oracle::power_of_two;

/// numerator / denominator rounded by the mode of that name: the oracle's own division, of integers only.
[[gnu::noinline]] integer rounded_quotient(std::string const& mode, integer numerator, integer denominator) {
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  integer below = numerator / denominator;
  if (below * denominator > numerator) --below;
  integer const rest = numerator - below * denominator;
  if (rest == 0) return below;
  // a quarter, a half or three quarters above: the same side of every tie
  integer const quarter = 2 * rest < denominator ? 1 : 2 * rest == denominator ? 2 : 3;
  return oracle::round(mode, {4 * below + quarter, 4});
}

/// The raw integer of a / b, whose unit is 2^-units of the destination's.
template <class Destination> integer expected(integer a, integer b, int units) {
  if (a == 0) return 0;
  if (b == 0)
    return oracle::fit(Destination::overflow_policy::name.c_str(), Destination::bits, Destination::is_signed,
                       a < 0 ? -power_of_two(100) : power_of_two(100));
  integer const numerator = units > 0 ? a * power_of_two(units) : a;
  integer const denominator = units < 0 ? b * power_of_two(-units) : b;
  return oracle::fit(Destination::overflow_policy::name.c_str(), Destination::bits, Destination::is_signed,
                     rounded_quotient(Destination::rounding_policy::name.c_str(), numerator, denominator));
}

template <class Destination, class A, class B> int wrong_quotient(A a, B b) {
  constexpr int units = Destination::fraction + B::fraction - A::fraction;
  return divide<Destination>(a, b).raw() != expected<Destination>(a.raw(), b.raw(), units);
}

template <class Destination, class A, class B> void check_small(A, B) {
  INFO(std::string(Destination::name.c_str()), " from ", std::string(A::name.c_str()), " / ",
       std::string(B::name.c_str()));
  int wrong = 0;
  formats::for_each_value<A>(
      [&](A a) { formats::for_each_value<B>([&](B b) { wrong += wrong_quotient<Destination>(a, b); }); });
  CHECK(wrong == 0);
}

template <class Destination, class A, class B> void check_wide() {
  constexpr std::uint64_t seed = 21;
  INFO("seed ", seed, " ", std::string(Destination::name.c_str()));
  std::mt19937_64 random{seed};
  int wrong = 0;
  for (int i = 0; i < 3000; ++i) {
    auto const a = formats::from_bits<A>(random() >> (i % 3 == 0 ? random() % 64 : 0));
    auto const b = formats::from_bits<B>(random() >> (i % 2 == 0 ? random() % 64 : 0));
    wrong += wrong_quotient<Destination>(a, b);
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("every quotient of small formats is rounded once, by every rounding and overflow mode") {
  formats::tolerate_overflow const guard;
  formats::for_each_single_policy<fixed<6, 2>>([]<class Destination>(Destination) {
    check_small<Destination>(fixed<5, 2>{}, fixed<5, 1>{});
    check_small<Destination>(fixed<6, 0>{}, unsigned_fixed<4, 6>{});
  });
  formats::for_each_single_policy<unsigned_fixed<5, -1>>([]<class Destination>(Destination) {
    check_small<Destination>(fixed<6, -2>{}, fixed<5, 2>{});
    check_small<Destination>(unsigned_fixed<7, 7>{}, unsigned_fixed<6, 0>{});
  });
}

TEST_CASE("quotients of 32 to 64 bits are those of 128-bit integers") {
  check_wide<fixed<32, 16>, fixed<32, 16>, fixed<32, 16>>();
  check_wide<fixed<64, 30>, fixed<48, 20>, fixed<40, 30>>();
  check_wide<fixed<60, 10, rounding::half_away>, fixed<64, 10>, fixed<64, 20>>();
  check_wide<fixed<59, 30, rounding::floor, overflow::wrap>, fixed<60, 20>, fixed<33, 8>>();
  check_wide<fixed<58, 30, rounding::half_odd, overflow::saturate_to_zero>, fixed<60, 20>, fixed<33, 8>>();
  check_wide<unsigned_fixed<64, 50, rounding::ceil>, unsigned_fixed<64, 40>, unsigned_fixed<64, 30>>();
  check_wide<fixed<8, 4>, fixed<64, 60>, fixed<12, 0>>();
  check_wide<fixed<8, -40, rounding::half_up>, fixed<64, 0>, unsigned_fixed<12, 0>>();
}

TEST_CASE("far apart points round to zero or overflow") {
  CHECK(divide<fixed<8, -500>>(fixed<8, 500>{}, fixed<8, 0>{3}).raw() == 0);
  CHECK(divide<fixed<8, 500>>(fixed<8, 0>{5}, fixed<8, 0>{3}).raw() == 127);
  CHECK(divide<fixed<8, 500>>(fixed<8, 0>{-5}, fixed<8, 0>{3}).raw() == -128);
  CHECK(divide<fixed<8, -500, rounding::ceil>>(fixed<8, 500>::from_raw(1), fixed<8, 0>{3}).raw() == 1);
}

TEST_CASE("division by zero is an infinity of the dividend's sign") {
  using q = fixed<8, 4>;
  static_assert(divide<q>(q{1}, q{0}) == q::highest() && divide<q>(q{-1}, q{0}) == q::lowest());
  static_assert(divide<q>(q{0}, q{0}) == q{0});
  CHECK(divide<fixed<8, 4, rounding::floor, overflow::wrap>>(q{1}, q{0}).raw() == 0);
  static int calls = 0;
  auto const before = overflow::set_handler([](overflow::event) noexcept { ++calls; });
  CHECK(divide<fixed<8, 4, rounding::floor, overflow::checked>>(q{-1}, 0).raw() == -128);
  CHECK(calls == 1);
  overflow::set_handler(before);
}

TEST_CASE("integers divide and are divided") {
  using q = fixed<16, 8>;
  static_assert(divide<q>(1, 3).raw() == 85 && divide<q>(q{1}, 3).raw() == 85 &&
                divide<q>(-2, q{3}).raw() == -171);
  static_assert(reciprocal<q>(q{1.5}).raw() == 171 && reciprocal<q>(-4) == q{-0.25});
}
