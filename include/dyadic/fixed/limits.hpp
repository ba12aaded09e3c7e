#pragma once

#include <concepts>
#include <limits>

#include <dyadic/fixed/fixed.hpp>

/// Like that of an integer where the words are an integer's: min() is the lowest number. epsilon() is the
/// unit in the last place, everywhere; round_error() is of no use in most formats and 0.
template <int Bits, int Fraction, class Rounding, class Overflow, bool Signed>
class std::numeric_limits<dyadic::fixed<Bits, Fraction, Rounding, Overflow, Signed>> {
  using format = dyadic::fixed<Bits, Fraction, Rounding, Overflow, Signed>;
  template <class... Modes> static constexpr bool rounds_by = (std::same_as<Rounding, Modes> || ...);

 public:
  static constexpr bool is_specialized = true;
  static constexpr bool is_signed = Signed;
  static constexpr bool is_integer = Fraction <= 0;
  static constexpr bool is_exact = true;
  static constexpr bool is_bounded = true;
  static constexpr bool is_modulo = std::same_as<Overflow, dyadic::overflow::wrap>;
  static constexpr bool is_iec559 = false;
  static constexpr bool has_infinity = false;
  static constexpr bool has_quiet_NaN = false;
  static constexpr bool has_signaling_NaN = false;
  static constexpr bool traps = std::same_as<Overflow, dyadic::overflow::checked>;
  static constexpr bool tinyness_before = false;
  static constexpr std::float_round_style round_style =
      rounds_by<dyadic::rounding::floor>         ? std::round_toward_neg_infinity
      : rounds_by<dyadic::rounding::ceil>        ? std::round_toward_infinity
      : rounds_by<dyadic::rounding::toward_zero> ? std::round_toward_zero
      : rounds_by<dyadic::rounding::half_even, dyadic::rounding::half_odd, dyadic::rounding::half_away,
                  dyadic::rounding::half_to_zero, dyadic::rounding::half_up, dyadic::rounding::half_down>
          ? std::round_to_nearest
          : std::round_indeterminate;
  static constexpr int radix = 2;
  static constexpr int digits = Bits - (Signed ? 1 : 0);
  static constexpr int digits10 = digits * 30103 / 100000;
  static constexpr int max_digits10 = 0;
  static constexpr int min_exponent = 0;
  static constexpr int min_exponent10 = 0;
  static constexpr int max_exponent = 0;
  static constexpr int max_exponent10 = 0;

  static constexpr format min() noexcept { return format::lowest(); }
  static constexpr format lowest() noexcept { return format::lowest(); }
  static constexpr format max() noexcept { return format::highest(); }
  static constexpr format epsilon() noexcept { return format::from_raw(1); }
  static constexpr format round_error() noexcept { return format{}; }
  static constexpr format infinity() noexcept { return format{}; }
  static constexpr format quiet_NaN() noexcept { return format{}; }
  static constexpr format signaling_NaN() noexcept { return format{}; }
  static constexpr format denorm_min() noexcept { return format::from_raw(1); }
};
