#include "dyadic/fixed/literals.hpp"

#include <doctest/doctest.h>

#include <type_traits>

#include "dyadic/fixed/compare.hpp"

namespace {

using namespace dyadic;
template <class A, class B> constexpr bool same = std::is_same_v<A, B>;

static_assert(same<decltype(2.75_fixed), unsigned_fixed<4, 2>> && 2.75_fixed == 2.75);
static_assert(same<decltype(96_fixed), unsigned_fixed<2, -5>> && 96_fixed == 96);
static_assert(same<decltype(0_fixed), unsigned_fixed<1, 0>> && 0.000_fixed == 0);
static_assert(same<decltype(0.0625_fixed), unsigned_fixed<1, 4>> && 6.25e-2_fixed == 0.0625);
static_assert(same<decltype(-1.5_fixed), fixed<3, 1>> && -1.5_fixed == -1.5);
static_assert(1'000.5_fixed == 1000.5 && 1e3_fixed == 1000 && .5_fixed == 0.5 && 12.5E1_fixed == 125);
static_assert(18446744073709551615_fixed == unsigned_fixed<64, 0>::highest());
static_assert(1208925819614629174706176_fixed == 0x1p80);
static_assert(5.42101086242752217003726400434970855712890625e-20_fixed == 0x1p-64);
static_assert(1.8446744073709551615e19_fixed == unsigned_fixed<64, 0>::highest());

constexpr fixed<8, 4> gain = 1.3125_fixed;
static_assert(gain.raw() == 21);

constexpr bool exact(char const* text, int size) { return detail::read_literal(text, size).is_exact; }
static_assert(!exact("0.1", 3) && !exact("36893488147419103231", 20) && exact("36893488147419103232", 20));
static_assert(!detail::read_literal("0x1", 3).is_number);

}  // namespace

TEST_CASE("a literal goes where its value is held, and no further") {
  CHECK(to<double>(gain) == 1.3125);
  CHECK(std::is_convertible_v<decltype(7.9375_fixed), fixed<8, 4>>);
  CHECK_FALSE(std::is_convertible_v<decltype(8_fixed), fixed<8, 4>>);
  CHECK_FALSE(std::is_convertible_v<decltype(0.03125_fixed), fixed<8, 4>>);
}
