#pragma once

#include <bit>
#include <cstdint>

#include <dyadic/fixed/math/scaled.hpp>

namespace dyadic::math {

namespace detail {

template <int Count> constexpr coefficients<Count> odd_reciprocals() noexcept {
  coefficients<Count> made;
  for (int i = 0; i < Count; ++i) made.values[i] = highest_bit / static_cast<unsigned>(2 * i + 1);
  return made;
}

/// log x = E log 2 + 2 artanh((m - 1) / (m + 1)) with x = m 2^E and m in sqrt(1/2)..sqrt(2). Relative error
/// below 2^-59. x > 0.
constexpr scaled logarithm(scaled x) noexcept {
  constexpr auto c = odd_reciprocals<14>();
  constexpr std::uint64_t root_2 = 0xB504'F333'F9DE'6484;
  constexpr std::uint64_t ln_2[] = {0xB172'17F7'D1CF'79AB, 0xC9E3'B398'03F2'F6AF};
  bool const below = x.significand > root_2;  // m below 1
  int const power = x.order() + (below ? 1 : 0);
  scaled const numerator =
      below ? normalized(0 - x.significand, -64, true) : normalized(x.significand - highest_bit, -63);
  scaled const denominator =
      normalized((x.significand >> 1) + (below ? highest_bit : highest_bit >> 1), below ? -63 : -62);
  scaled const ratio = divide(numerator, denominator);
  scaled mantissa{};
  if (!ratio.is_zero()) {
    mantissa = multiply(ratio, normalized(series(c, fraction_of(multiply(ratio, ratio))), -63));
    ++mantissa.exponent;
  }
  if (power == 0) return mantissa;
  bool const negative = power < 0;
  auto const times = static_cast<std::uint64_t>(negative ? -power : power);
  std::uint64_t whole = multiply_high(times, ln_2[0]);
  std::uint64_t part = add_carry(times * ln_2[0], multiply_high(times, ln_2[1]), whole);
  std::uint64_t const more = mantissa.is_zero() ? 0 : fraction_of(mantissa);
  if (mantissa.negative == negative) {
    part = add_carry(part, more, whole);
  } else {
    whole -= static_cast<std::uint64_t>(part < more);
    part -= more;
  }
  if (whole == 0) return normalized(part, -64, negative);
  int const bits = static_cast<int>(std::bit_width(whole));
  return {whole << (64 - bits) | part >> bits, bits - 64, negative};
}

}  // namespace detail

/// The natural logarithm, less than 1 unit in the last place from it: rounded by the destination's rounding
/// from a value of relative error below 2^-59. Of 0 and below it is minus infinity, which overflows.
template <class Destination = void, detail::argument Value> constexpr auto log(Value x) noexcept {
  using format = detail::destination<Destination, Value>;
  detail::check_destination<format>();
  auto const argument = detail::scaled_of(x);
  if (argument.is_zero() || argument.negative) return dyadic::detail::overflowed<format>(true);
  return detail::narrowed<format>(detail::logarithm(argument));
}

}  // namespace dyadic::math
