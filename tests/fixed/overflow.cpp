#include "dyadic/fixed/overflow.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "rational.hpp"

namespace {

using namespace dyadic;

overflow::event last{};
int calls = 0;
void remember(overflow::event what) noexcept {
  last = what;
  ++calls;
}

template <class Mode, int Bits, bool Signed> int count_wrong() {
  int wrong = 0;
  for (int x = -300; x <= 300; ++x) {
    auto const expected = oracle::fit(Mode::name.c_str(), Bits, Signed, x);
    wrong += Mode::template apply<Bits, Signed>(std::int64_t{x}) != expected;
    wrong += Mode::template apply<Bits, Signed>(oracle::integer{x}) != expected;
  }
  return wrong;
}

template <class Mode> void check_small() {
  INFO(std::string(Mode::name.c_str()));
  auto const all = []<int... Less>(std::integer_sequence<int, Less...>) {
    return (0 + ... + (count_wrong<Mode, Less + 1, true>() + count_wrong<Mode, Less + 1, false>()));
  };
  CHECK(all(std::make_integer_sequence<int, 8>{}) == 0);
}

template <class Mode, int Bits, bool Signed> void check_wide() {
  INFO(std::string(Mode::name.c_str()), " ", Bits, " ", Signed);
  oracle::integer const edge = oracle::power_of_two(Bits - (Signed ? 1 : 0));
  for (oracle::integer base : {oracle::integer{0}, edge, -edge, 2 * edge, -2 * edge, 16 * edge, -16 * edge})
    for (int step = -3; step <= 3; ++step)
      CHECK((Mode::template apply<Bits, Signed>(base + step) ==
             oracle::fit(Mode::name.c_str(), Bits, Signed, base + step)));
}

template <class Mode> void check_mode() {
  check_small<Mode>();
  check_wide<Mode, 63, true>();
  check_wide<Mode, 64, true>();
  check_wide<Mode, 63, false>();
  check_wide<Mode, 64, false>();
}

}  // namespace

TEST_CASE("every overflow mode brings every small integer, and those at the 64-bit edges, where it says") {
  check_mode<overflow::saturate>();
  check_mode<overflow::saturate_symmetric>();
  check_mode<overflow::saturate_to_zero>();
  check_mode<overflow::wrap>();
  auto const before = overflow::set_handler(remember);
  check_mode<overflow::checked>();
  overflow::set_handler(before);
}

TEST_CASE("64 bits in a 64-bit integer always fit") {
  std::int64_t const lowest = std::numeric_limits<std::int64_t>::min();
  CHECK(overflow::saturate::apply<64, true>(lowest) == lowest);
  CHECK(overflow::wrap::apply<64, true>(lowest) == lowest);
  CHECK(overflow::saturate_symmetric::apply<64, true>(lowest) == lowest + 1);
}

TEST_CASE("checked tells the handler what did not fit, and only then") {
  auto const before = overflow::set_handler(remember);
  calls = 0;
  CHECK(overflow::checked::apply<8, true>(std::int64_t{127}) == 127);
  CHECK(overflow::checked::apply<8, true>(std::int64_t{-128}) == -128);
  CHECK(calls == 0);
  CHECK(overflow::checked::apply<8, true>(std::int64_t{-129}) == -128);
  CHECK(calls == 1);
  CHECK(last.bits == 8);
  CHECK(last.is_signed);
  CHECK(last.below);
  CHECK(overflow::checked::apply<7, false>(std::int64_t{128}) == 127);
  CHECK(calls == 2);
  CHECK(last.bits == 7);
  CHECK_FALSE(last.is_signed);
  CHECK_FALSE(last.below);
  CHECK((overflow::set_handler(before) == remember));
}

TEST_CASE("a null handler means the default one") {
  auto const before = overflow::set_handler(nullptr);
  CHECK((overflow::set_handler(nullptr) == before));
}
