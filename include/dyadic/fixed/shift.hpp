#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include <dyadic/fixed/fixed.hpp>

namespace dyadic {

/// x * 2^Exponent, exactly: the point moves, the bits stay.
template <int Exponent, fixed_number Value> constexpr auto times_power_of_two(Value x) noexcept {
  using scaled = fixed<Value::bits, Value::fraction - Exponent, typename Value::rounding_policy,
                       typename Value::overflow_policy, Value::is_signed>;
  return scaled::from_raw(x.raw());
}

/// x * 2^n in the format of x: its overflow policy decides on what does not fit, its rounding on what a
/// negative n drops. With rounding::floor and overflow::wrap that is the shift of bits of ac_fixed and
/// ap_fixed. Any n.
template <fixed_number Value, std::same_as<int> Count> constexpr Value operator<<(Value x, Count n) noexcept {
  static_assert(!detail::is_stochastic<Value>, "a shift is not rounded at random");
  using wide = decltype(detail::wide_integer<Value::bits, Value::bits, Value::is_signed>());
  int const exponent = n > 1024 ? 1024 : n < -1024 ? -1024 : n;
  return detail::narrowed<Value>(
      static_cast<wide>(x.raw()), exponent - Value::fraction,
      [](wide value, int count) { return Value::rounding_policy::shift_right(value, count); });
}

/// x / 2^n, as `<<` with -n.
template <fixed_number Value, std::same_as<int> Count> constexpr Value operator>>(Value x, Count n) noexcept {
  return x << (n < -1024 ? 1024 : n > 1024 ? -1024 : -n);
}

template <fixed_number Value, std::same_as<int> Count>
constexpr Value& operator<<=(Value& x, Count n) noexcept {
  return x = x << n;
}
template <fixed_number Value, std::same_as<int> Count>
constexpr Value& operator>>=(Value& x, Count n) noexcept {
  return x = x >> n;
}

}  // namespace dyadic
