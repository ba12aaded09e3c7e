#include "dyadic/fixed/limits.hpp"

#include <doctest/doctest.h>

#include <cstdint>

namespace {

using namespace dyadic;
template <class Format> using limits = std::numeric_limits<Format>;

// Where a format is an integer's, so are its limits.
template <class Integer, class Format>
constexpr bool like = limits<Format>::digits == limits<Integer>::digits &&
                      limits<Format>::digits10 == limits<Integer>::digits10 &&
                      limits<Format>::is_signed == limits<Integer>::is_signed && limits<Format>::is_integer &&
                      limits<Format>::min().raw() == limits<Integer>::min() &&
                      limits<Format>::max().raw() == limits<Integer>::max();
static_assert(like<std::int8_t, fixed<8, 0>> && like<std::uint8_t, unsigned_fixed<8, 0>>);
static_assert(like<std::int16_t, fixed<16, 0>> && like<std::uint32_t, unsigned_fixed<32, 0>>);
static_assert(like<std::int64_t, fixed<64, 0>> && like<std::uint64_t, unsigned_fixed<64, 0>>);

using wrapping = fixed<8, 4, rounding::floor, overflow::wrap>;
static_assert(limits<wrapping>::is_specialized && !limits<wrapping>::is_integer &&
              limits<wrapping>::is_exact);
static_assert(limits<wrapping>::is_modulo && !limits<fixed<8, 4>>::is_modulo);
static_assert(limits<wrapping>::round_style == std::round_toward_neg_infinity);
static_assert(limits<fixed<8, 4>>::round_style == std::round_to_nearest);
static_assert(limits<fixed<8, 4, rounding::stochastic>>::round_style == std::round_indeterminate);
static_assert(limits<fixed<8, 4, rounding::floor, overflow::checked>>::traps && !limits<wrapping>::traps);
static_assert(limits<fixed<8, 4, rounding::floor, overflow::saturate_symmetric>>::lowest().raw() == -127);
static_assert(limits<fixed<1, 0>>::max().raw() == 0 && limits<fixed<1, 0>>::min().raw() == -1);
static_assert(limits<fixed<8, 4> const>::max().raw() == 127);

}  // namespace

TEST_CASE("epsilon is the unit in the last place") {
  CHECK(to<double>(limits<wrapping>::epsilon()) == 0.0625);
  CHECK(to<double>(limits<fixed<8, 4>>::max()) == 7.9375);
  CHECK(to<double>(limits<fixed<8, 4>>::min()) == -8);
}
