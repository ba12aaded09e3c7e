#include "dyadic/fixed/shift.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <type_traits>

#include "formats.hpp"

namespace {

using namespace dyadic;

static_assert(std::is_same_v<decltype(times_power_of_two<3>(fixed<8, 4>{})), fixed<8, 1>>);
static_assert(times_power_of_two<3>(fixed<8, 4>{1.25}) == fixed<8, 0>{10} &&
              times_power_of_two<-2>(fixed<8, 4>{-1}) == fixed<8, 4>{-0.25});

}  // namespace

TEST_CASE("a shift is the product with a power of two, narrowed by the format's own policies") {
  formats::tolerate_overflow const guard;
  formats::for_each_single_policy<fixed<6, 2>>([]<class Format>(Format) {
    int wrong = 0;
    formats::for_each_value<Format>([&](Format x) {
      for (int n = -9; n <= 9; ++n) {
        auto const exact = formats::value_of(x) * oracle::rational::scaled(1, -n);
        auto const expected = formats::expected_raw<Format>(exact);
        wrong += (x << n).raw() != expected;
        wrong += (x >> -n).raw() != expected;
      }
    });
    CHECK(wrong == 0);
  });
}

TEST_CASE("wrapping and truncating, a shift moves the bits") {
  using bits = unsigned_fixed<8, 3, rounding::floor, overflow::wrap>;
  for (int raw = 0; raw < 256; ++raw)
    for (int n = 0; n < 12; ++n) {
      auto const x = bits::from_raw(static_cast<std::uint8_t>(raw));
      CHECK((x << n).raw() == ((raw << n) & 0xFF));
      CHECK((x >> n).raw() == raw >> n);
    }
  auto x = bits::from_raw(0x81);
  x <<= 1;
  CHECK(x.raw() == 2);
  x >>= 2;
  CHECK(x.raw() == 0);
}

TEST_CASE("any count shifts") {
  constexpr int most = std::numeric_limits<int>::max();
  constexpr int least = std::numeric_limits<int>::min();
  using q = fixed<64, 3>;
  CHECK((q::from_raw(1) << most) == q::highest());
  CHECK((q::from_raw(-1) << most) == q::lowest());
  CHECK((q::from_raw(1) >> least) == q::highest());
  CHECK((q::from_raw(-1) << least).raw() == 0);
  CHECK((q::lowest() >> most).raw() == 0);
}
