#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include <dyadic/core/name.hpp>

/// The one definition of rounding: fixed, the quantizers, requantization and training all call it. A mode
/// says what is added before an arithmetic right shift by n so that the shift gives x / 2^n rounded;
/// everything else follows.
namespace dyadic::rounding {

/// 2^count - 1. `count` is in 0..width-1.
template <class Integer> constexpr Integer low_bits(int count) noexcept {
  return static_cast<Integer>(~(static_cast<Integer>(-1) << count));
}

/// significand * 2^exponent. An exponent above 9 means a magnitude of 2^62 or more.
struct dyadic_real {
  std::int64_t significand;  ///< below 2^53 in magnitude
  int exponent;
};

/// A double is a dyadic rational: this is it, read from its bits, so that no compiler flag changes what
/// follows from it. An infinity is +-2^4096, NaN is 0.
constexpr dyadic_real decompose(double x) noexcept {
  auto const bits = std::bit_cast<std::uint64_t>(x);
  int const biased = static_cast<int>(bits >> 52) & 0x7FF;
  auto const fraction = static_cast<std::int64_t>(bits & 0xF'FFFF'FFFF'FFFF);
  bool const negative = (bits >> 63) != 0;
  if (biased == 0x7FF) return fraction != 0 ? dyadic_real{0, 0} : dyadic_real{negative ? -1 : 1, 4096};
  std::int64_t const magnitude = biased == 0 ? fraction : fraction | std::int64_t{1} << 52;
  return {negative ? -magnitude : magnitude, (biased == 0 ? 1 : biased) - 1075};
}

/// What follows from `Mode::increment`. A mode inherits it.
template <class Mode> struct by_increment {
  /// x / 2^n rounded; no intermediate overflows. Any signed `Integer` of 32 bits or more, any n from 0, also
  /// beyond the integer's width.
  template <class Integer> static constexpr Integer shift_right(Integer x, int n) noexcept {
    constexpr int width = static_cast<int>(sizeof(Integer)) * 8;
    static_assert(width >= 32 && static_cast<Integer>(-1) < 0,
                  "rounding works on signed integers of 32 bits or more");
    if (n > width) x = static_cast<Integer>(x > 0) - static_cast<Integer>(x < 0);
    if (n == width) x = (x >> 1) | (x & 1);  // a shifted-out bit only has to stay nonzero and below the half
    if (n >= width) n = width - 1;
    Integer const mask = low_bits<Integer>(n);
    return (x >> n) + static_cast<Integer>((x & mask) > mask - Mode::increment(x, n));
  }

  /// x rounded to an integer, decided on its exact value. Magnitudes of 2^62 and more, infinities included,
  /// give
  /// +-2^62; NaN gives 0.
  static constexpr std::int64_t from_real(double x) noexcept {
    auto const [significand, exponent] = decompose(x);
    if (exponent > 9) return significand < 0 ? -(std::int64_t{1} << 62) : std::int64_t{1} << 62;
    return exponent >= 0 ? significand << exponent : shift_right(significand, -exponent);
  }
};

/// To the nearest integer; `Mode::up(odd, negative)` says whether a tie goes up, given whether the integer
/// below it is odd and whether the value is negative.
template <class Mode> struct to_nearest : by_increment<Mode> {
  /// What is added to x before an arithmetic right shift by n; 0 at n = 0. n is in 0..width-1; that the sum
  /// does not overflow is the caller's promise (`shift_right` needs none).
  template <class Integer> static constexpr Integer increment(Integer x, int n) noexcept {
    if (n == 0) return 0;
    return low_bits<Integer>(n - 1) + static_cast<Integer>(Mode::up(((x >> n) & 1) != 0, x < 0));
  }
};

/// In one direction; `Mode::up(negative)` says whether a value between two integers goes up.
template <class Mode> struct directed : by_increment<Mode> {
  /// As `to_nearest::increment`.
  template <class Integer> static constexpr Integer increment(Integer x, int n) noexcept {
    return Mode::up(x < 0) ? low_bits<Integer>(n) : Integer{0};
  }
};

/// Nearest, ties to the even integer: 2^(n-1) - 1 + bit n of x.
struct half_even : to_nearest<half_even> {
  static constexpr auto name = fixed_string("half_even");
  static constexpr bool constant = false;  ///< whether the increment depends on n alone
  static constexpr bool up(bool odd, bool) noexcept { return odd; }
};

/// Nearest, ties to the odd integer: 2^(n-1) - bit n of x.
struct half_odd : to_nearest<half_odd> {
  static constexpr auto name = fixed_string("half_odd");
  static constexpr bool constant = false;
  static constexpr bool up(bool odd, bool) noexcept { return !odd; }
};

/// Nearest, ties away from zero: 2^(n-1) - [x < 0].
struct half_away : to_nearest<half_away> {
  static constexpr auto name = fixed_string("half_away");
  static constexpr bool constant = false;
  static constexpr bool up(bool, bool negative) noexcept { return !negative; }
};

/// Nearest, ties towards plus infinity: 2^(n-1).
struct half_up : to_nearest<half_up> {
  static constexpr auto name = fixed_string("half_up");
  static constexpr bool constant = true;
  static constexpr bool up(bool, bool) noexcept { return true; }
};

/// Nearest, ties towards minus infinity: 2^(n-1) - 1.
struct half_down : to_nearest<half_down> {
  static constexpr auto name = fixed_string("half_down");
  static constexpr bool constant = true;
  static constexpr bool up(bool, bool) noexcept { return false; }
};

/// Nearest, ties towards zero: 2^(n-1) - [x >= 0].
struct half_to_zero : to_nearest<half_to_zero> {
  static constexpr auto name = fixed_string("half_to_zero");
  static constexpr bool constant = false;
  static constexpr bool up(bool, bool negative) noexcept { return negative; }
};

/// Towards minus infinity: 0.
struct floor : directed<floor> {
  static constexpr auto name = fixed_string("floor");
  static constexpr bool constant = true;
  static constexpr bool up(bool) noexcept { return false; }
};

/// Towards plus infinity: 2^n - 1.
struct ceil : directed<ceil> {
  static constexpr auto name = fixed_string("ceil");
  static constexpr bool constant = true;
  static constexpr bool up(bool) noexcept { return true; }
};

/// Towards zero: (2^n - 1) [x < 0].
struct toward_zero : directed<toward_zero> {
  static constexpr auto name = fixed_string("toward_zero");
  static constexpr bool constant = false;
  static constexpr bool up(bool negative) noexcept { return negative; }
};

/// A source of randomness: each call gives 64 random bits. A standard generator qualifies if its range is all
/// of them.
template <class Source>
concept random_source =
    requires(Source& source) {
      { source() } -> std::same_as<std::uint64_t>;
    } &&
    (
        !requires { Source::max(); } ||
        requires { requires Source::min() == 0 && Source::max() == UINT64_MAX; });

/// Up with the probability of the dropped part, so that the mean is exact. It takes a source of randomness,
/// so it is no `rounding_mode` and no rescale accepts it.
struct stochastic {
  static constexpr auto name = fixed_string("stochastic");

  /// x / 2^n, rounded at random: the carry of x plus n random bits. One call of `source` per 64 dropped bits.
  template <class Integer, random_source Source>
  static constexpr Integer shift_right(Integer x, int n, Source& source) noexcept {
    constexpr int width = static_cast<int>(sizeof(Integer)) * 8;
    constexpr auto shift = [](Integer value, int count) {
      return static_cast<Integer>(value >> (count < width ? count : width - 1));
    };
    std::uint64_t carry = 0;
    for (int done = 0; done < n; done += 64) {
      int const unused = n - done < 64 ? 64 - (n - done) : 0;
      std::uint64_t const dropped = static_cast<std::uint64_t>(shift(x, done)) << unused;
      std::uint64_t const sum = dropped + source();  // bits below the dropped ones carry nothing
      bool const overflows = sum < dropped;
      std::uint64_t const total = sum + (carry << unused);
      carry = static_cast<std::uint64_t>(overflows || total < sum);
    }
    return shift(x, n) + static_cast<Integer>(carry);
  }
};

/// What a mode must have, a user's own included: a name, `constant`, and increment, shift_right and from_real
/// as in the modes above (inheriting `to_nearest` or `directed` leaves `up` to write).
template <class Mode>
concept rounding_mode = requires(std::int64_t x, std::int32_t narrow, double real, int n) {
  { Mode::name.size() } -> std::convertible_to<std::size_t>;
  requires std::same_as<decltype(Mode::constant), bool const>;
  { Mode::increment(x, n) } noexcept -> std::same_as<std::int64_t>;
  { Mode::increment(narrow, n) } noexcept -> std::same_as<std::int32_t>;
  { Mode::shift_right(x, n) } noexcept -> std::same_as<std::int64_t>;
  { Mode::from_real(real) } noexcept -> std::same_as<std::int64_t>;
};

}  // namespace dyadic::rounding
