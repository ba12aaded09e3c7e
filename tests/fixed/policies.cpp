// Every quantization and overflow mode of ac_fixed and ap_fixed, on all values of all formats of up to 8
// bits, against checksums that a Python script of the modes' definitions has written.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "dyadic/fixed/fixed.hpp"

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

using shift_function = std::int64_t (*)(std::int64_t, int) noexcept;

/// The results for one destination, in the order of the script. A rounding that is given at run time stands
/// in for the destination's own, which is then compiled once for all roundings.
template <class Destination> void add_results(checksum& check, shift_function shift) {
  for (int scale = -9; scale < 9; ++scale)
    for (int value = -128; value < 256; ++value) {
      double const x = std::ldexp(value, scale);
      auto const got = shift != nullptr ? detail::converted<Destination>(x, shift) : to<Destination>(x);
      check.add(static_cast<std::uint8_t>(got.raw()));
    }
}

/// Of destinations of `Least` to 8 bits.
template <class Rounding, class Overflow, bool Signed, int Least = 1>
std::uint32_t check_of(shift_function shift = nullptr) {
  checksum check;
  [&]<int... More>(std::integer_sequence<int, More...>) {
    (add_results<fixed<Least + More, 0, Rounding, Overflow, Signed>>(check, shift), ...);
  }(std::make_integer_sequence<int, 9 - Least>{});
  return check.value();
}

int rows_seen = 0;

void compare_with_row(std::string_view quantized, std::string_view overflow, int saturated, bool is_signed,
                      std::uint32_t check) {
  INFO(std::string(quantized), " ", std::string(overflow), " ", saturated, " ", is_signed);
  for (auto const& each : rows) {
    if (each.quantization != quantized || each.overflow != overflow || each.saturated != saturated ||
        each.is_signed != is_signed)
      continue;
    ++rows_seen;
    CHECK(check == each.check);
  }
}

template <class Rounding, class Overflow>
void compare_plain(std::string_view quantized, std::string_view name) {
  compare_with_row(quantized, name, 0, true, check_of<Rounding, Overflow, true>());
  compare_with_row(quantized, name, 0, false, check_of<Rounding, Overflow, false>());
}
template <class Rounding> void compare_plain_modes(std::string_view quantized) {
  compare_plain<Rounding, overflow::wrap>(quantized, "WRAP");
  compare_plain<Rounding, overflow::saturate>(quantized, "SAT");
  compare_plain<Rounding, overflow::saturate_to_zero>(quantized, "SAT_ZERO");
  compare_plain<Rounding, overflow::saturate_symmetric>(quantized, "SAT_SYM");
}

struct quantization {
  std::string_view name;
  shift_function shift;
};
constexpr quantization quantizations[] = {
    {"TRN", rounding::floor::shift_right<std::int64_t>},
    {"TRN_ZERO", rounding::toward_zero::shift_right<std::int64_t>},
    {"RND", rounding::half_up::shift_right<std::int64_t>},
    {"RND_ZERO", rounding::half_to_zero::shift_right<std::int64_t>},
    {"RND_INF", rounding::half_away::shift_right<std::int64_t>},
    {"RND_MIN_INF", rounding::half_down::shift_right<std::int64_t>},
    {"RND_CONV", rounding::half_even::shift_right<std::int64_t>},
    {"RND_CONV_ODD", rounding::half_odd::shift_right<std::int64_t>},
};

template <int Saturated> void compare_wrap() {
  using mode = overflow::wrap_saturating<Saturated>;
  for (auto const& [name, shift] : quantizations) {
    compare_with_row(name, "WRAP", Saturated, true, check_of<rounding::floor, mode, true, Saturated>(shift));
    compare_with_row(name, "WRAP", Saturated, false,
                     check_of<rounding::floor, mode, false, Saturated>(shift));
  }
}
template <int Saturated> void compare_sign_magnitude() {
  using mode = overflow::wrap_sign_magnitude<Saturated>;
  for (auto const& [name, shift] : quantizations)
    compare_with_row(name, "WRAP_SM", Saturated, true,
                     check_of<rounding::floor, mode, true, (Saturated > 0 ? Saturated : 1)>(shift));
}

}  // namespace

TEST_CASE("every rounding mode, wrapping, saturating and symmetric, is the mode of ac_fixed and ap_fixed") {
  rows_seen = 0;
  compare_plain_modes<rounding::floor>("TRN");
  compare_plain_modes<rounding::toward_zero>("TRN_ZERO");
  compare_plain_modes<rounding::half_up>("RND");
  compare_plain_modes<rounding::half_to_zero>("RND_ZERO");
  compare_plain_modes<rounding::half_away>("RND_INF");
  compare_plain_modes<rounding::half_down>("RND_MIN_INF");
  compare_plain_modes<rounding::half_even>("RND_CONV");
  compare_plain_modes<rounding::half_odd>("RND_CONV_ODD");
  CHECK(rows_seen == 8 * 8);
}

TEST_CASE("wrapping with any number of saturated bits, and of sign and magnitude, is that of ap_fixed") {
  rows_seen = 0;
  [&]<int... Less>(std::integer_sequence<int, Less...>) {
    (compare_wrap<Less + 1>(), ...);
  }(std::make_integer_sequence<int, 8>{});
  [&]<int... Saturated>(std::integer_sequence<int, Saturated...>) {
    (compare_sign_magnitude<Saturated>(), ...);
  }(std::make_integer_sequence<int, 9>{});
  CHECK(rows_seen == 8 * 25);
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
