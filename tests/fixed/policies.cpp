// Every quantization and overflow mode of ac_fixed and ap_fixed, on all values of all formats of up to 8
// bits, against checksums that a Python script of the modes' definitions has written.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "dyadic/fixed/fixed.hpp"
#include "formats.hpp"

namespace {

using namespace dyadic;

struct row {
  std::string_view quantization, overflow;
  int saturated;
  bool is_signed;
  std::uint32_t check;
};
constexpr row rows[] = {
#include "../golden/fixed_policies.inc"
};

/// The CRC-32 of zlib.
class checksum {
 public:
  void add(std::uint8_t byte) {
    state_ ^= byte;
    for (int i = 0; i < 8; ++i) state_ = state_ >> 1 ^ ((state_ & 1) != 0 ? 0xEDB8'8320U : 0U);
  }
  std::uint32_t value() const { return ~state_; }

 private:
  std::uint32_t state_ = ~0U;
};

template <class Rounding> struct quantization {
  std::string_view name;
  using mode = Rounding;
};
template <class Overflow> struct named_overflow {
  std::string_view name;
  int saturated = 0;
  using mode = Overflow;
};

/// The results for one destination, in the order of the script.
template <class Destination> void add_results(checksum& check) {
  for (int scale = -9; scale < 9; ++scale)
    for (int value = -128; value < 256; ++value)
      check.add(static_cast<std::uint8_t>(to<Destination>(std::ldexp(value, scale)).raw()));
}

template <class Rounding, class Overflow, bool Signed, int Least> std::uint32_t check_of() {
  checksum check;
  [&]<int... More>(std::integer_sequence<int, More...>) {
    (add_results<fixed<Least + More, 0, Rounding, Overflow, Signed>>(check), ...);
  }(std::make_integer_sequence<int, 9 - Least>{});
  return check.value();
}

int rows_seen = 0;

template <bool Signed, class Quantization, class Overflow>
void compare_with_row(Quantization quantized, Overflow overflow) {
  INFO(std::string(quantized.name), " ", std::string(overflow.name), " ", overflow.saturated, " ", Signed);
  bool found = false;
  for (auto const& each : rows) {
    if (each.quantization != quantized.name || each.overflow != overflow.name ||
        each.saturated != overflow.saturated || each.is_signed != Signed)
      continue;
    found = true;
    ++rows_seen;
    constexpr int least = [] {
      if constexpr (requires { Overflow::least; }) return Overflow::least;
      return 1;
    }();
    CHECK(check_of<typename Quantization::mode, typename Overflow::mode, Signed, least>() == each.check);
  }
  CHECK(found);
}

template <int Saturated> struct wrap_bits : named_overflow<overflow::wrap_saturating<Saturated>> {
  static constexpr int least = Saturated;
  wrap_bits() : named_overflow<overflow::wrap_saturating<Saturated>>{"WRAP", Saturated} {}
};
template <int Saturated> struct sign_magnitude : named_overflow<overflow::wrap_sign_magnitude<Saturated>> {
  static constexpr int least = Saturated > 0 ? Saturated : 1;
  sign_magnitude() : named_overflow<overflow::wrap_sign_magnitude<Saturated>>{"WRAP_SM", Saturated} {}
};

template <class Quantization> void compare_plain_modes(Quantization quantized) {
  auto const both = [&](auto mode) {
    compare_with_row<true>(quantized, mode);
    compare_with_row<false>(quantized, mode);
  };
  both(named_overflow<overflow::wrap>{"WRAP"});
  both(named_overflow<overflow::saturate>{"SAT"});
  both(named_overflow<overflow::saturate_to_zero>{"SAT_ZERO"});
  both(named_overflow<overflow::saturate_symmetric>{"SAT_SYM"});
}

template <class Quantization> void compare_wrap_modes(Quantization quantized) {
  [&]<int... Less>(std::integer_sequence<int, Less...>) {
    (compare_with_row<true>(quantized, wrap_bits<Less + 1>{}), ...);
    (compare_with_row<false>(quantized, wrap_bits<Less + 1>{}), ...);
  }(std::make_integer_sequence<int, 8>{});
  [&]<int... Saturated>(std::integer_sequence<int, Saturated...>) {
    (compare_with_row<true>(quantized, sign_magnitude<Saturated>{}), ...);
  }(std::make_integer_sequence<int, 9>{});
}

}  // namespace

TEST_CASE("every rounding mode, wrapping, saturating and symmetric, is the mode of ac_fixed and ap_fixed") {
  rows_seen = 0;
  compare_plain_modes(quantization<rounding::floor>{"TRN"});
  compare_plain_modes(quantization<rounding::toward_zero>{"TRN_ZERO"});
  compare_plain_modes(quantization<rounding::half_up>{"RND"});
  compare_plain_modes(quantization<rounding::half_to_zero>{"RND_ZERO"});
  compare_plain_modes(quantization<rounding::half_away>{"RND_INF"});
  compare_plain_modes(quantization<rounding::half_down>{"RND_MIN_INF"});
  compare_plain_modes(quantization<rounding::half_even>{"RND_CONV"});
  compare_plain_modes(quantization<rounding::half_odd>{"RND_CONV_ODD"});
  CHECK(rows_seen == 8 * 8);
}

TEST_CASE("wrapping with any number of saturated bits, and of sign and magnitude, is that of ap_fixed") {
  rows_seen = 0;
  compare_wrap_modes(quantization<rounding::floor>{"TRN"});
  compare_wrap_modes(quantization<rounding::half_up>{"RND"});
  CHECK(rows_seen == 2 * 25);
}

TEST_CASE("the examples of the Vitis user guide come out") {
  using saturating_to_zero = fixed<4, 0, rounding::half_up, overflow::saturate_to_zero>;
  using symmetric = fixed<4, 0, rounding::half_up, overflow::saturate_symmetric>;
  using sign_magnitude = fixed<4, 0, rounding::half_up, overflow::wrap_sign_magnitude<>>;
  CHECK(to<saturating_to_zero>(19).raw() == 0);
  CHECK(to<symmetric>(-19).raw() == -7);
  CHECK(to<sign_magnitude>(19).raw() == -4);
  CHECK(to<sign_magnitude>(-19).raw() == 2);
}
