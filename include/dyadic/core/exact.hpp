#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#if defined(__FLT_EVAL_METHOD__)
#if __FLT_EVAL_METHOD__ == 2
#error \
    "dyadic/core/exact.hpp needs double operations that round to double: on 32-bit x86 compile with -msse2 -mfpmath=sse"
#endif
#endif

/// Double arithmetic that gives the same bits from every compiler and flag set: each function is one
/// correctly rounded IEEE operation whose operands and result the optimizer cannot see through, so that no
/// multiply and add contract to one and nothing is re-associated. At compile time the same functions are
/// constant expressions, as long as the result is finite. Code that computes at run time does not compile
/// with -ffast-math; including this header, and constant evaluation, do.
namespace dyadic::exact {

#if defined(__FAST_MATH__) && (defined(__GNUC__) || defined(__clang__))
[[gnu::error(
    "dyadic computes integer parameters in correctly rounded double arithmetic: compile this file without "
    "-ffast-math")]] double
refused(double value) noexcept;
inline double opaque(double value) noexcept { return refused(value); }
#elif defined(__GNUC__) || defined(__clang__)
/// `value`, about which the optimizer knows nothing.
inline double opaque(double value) noexcept {
#if defined(__SSE2__)
  asm("" : "+x"(value));
#else
  asm("" : "+m"(value));
#endif
  return value;
}
#else
inline double opaque(double value) noexcept {
  double volatile hidden = value;
  return hidden;
}
#endif

/// a + b.
constexpr double add(double a, double b) noexcept {
  if (std::is_constant_evaluated()) return a + b;
  return opaque(opaque(a) + opaque(b));
}

/// a - b.
constexpr double subtract(double a, double b) noexcept {
  if (std::is_constant_evaluated()) return a - b;
  return opaque(opaque(a) - opaque(b));
}

/// a * b.
constexpr double multiply(double a, double b) noexcept {
  if (std::is_constant_evaluated()) return a * b;
  return opaque(opaque(a) * opaque(b));
}

/// a / b; b is not 0.
constexpr double divide(double a, double b) noexcept {
  if (std::is_constant_evaluated()) return a / b;
  return opaque(opaque(a) / opaque(b));
}

/// A double as mantissa * 2^exponent, exactly. |mantissa| is in [2^52, 2^53), or 0 for zero. An infinity or a
/// NaN is taken for a number of 2^1024 or more.
struct binary {
  std::int64_t mantissa;
  int exponent;
};

/// The parts of `value`.
constexpr binary decompose(double value) noexcept {
  auto const bits = std::bit_cast<std::uint64_t>(value);
  auto const field = static_cast<int>((bits >> 52) & 0x7FF);
  std::uint64_t magnitude = bits & 0xF'FFFF'FFFF'FFFF;
  int exponent = (field == 0 ? 1 : field) - 1075;
  if (field != 0) magnitude |= std::uint64_t{1} << 52;
  if (magnitude == 0) return {0, 0};
  int const missing = std::countl_zero(magnitude) - 11;
  magnitude <<= missing;
  exponent -= missing;
  auto const mantissa = static_cast<std::int64_t>(magnitude);
  return {(bits >> 63) != 0 ? -mantissa : mantissa, exponent};
}

/// value * 2^power with one rounding (half to even), which only a subnormal result needs; an infinity beyond
/// the range.
constexpr double scale_by_power_of_two(double value, int power) noexcept {
  auto const bits = std::bit_cast<std::uint64_t>(value);
  std::uint64_t const sign = bits & (std::uint64_t{1} << 63);
  if (((bits >> 52) & 0x7FF) == 0x7FF) return value;
  binary const parts = decompose(value);
  if (parts.mantissa == 0) return value;
  auto const magnitude = static_cast<std::uint64_t>(parts.mantissa < 0 ? -parts.mantissa : parts.mantissa);
  int const clamped = power > 4200 ? 4200 : power < -4200 ? -4200 : power;
  int const field = parts.exponent + clamped + 1075;
  if (field >= 0x7FF) return std::bit_cast<double>(sign | (std::uint64_t{0x7FF} << 52));
  if (field > 0)
    return std::bit_cast<double>(sign | (static_cast<std::uint64_t>(field) << 52) |
                                 (magnitude & 0xF'FFFF'FFFF'FFFF));
  int const dropped = 1 - field > 60 ? 60 : 1 - field;
  std::uint64_t const kept = magnitude >> dropped;
  std::uint64_t const rest = magnitude & ((std::uint64_t{1} << dropped) - 1);
  std::uint64_t const half = std::uint64_t{1} << (dropped - 1);
  bool const up = rest > half || (rest == half && (kept & 1) != 0);
  return std::bit_cast<double>(sign | (kept + (up ? 1 : 0)));
}

/// The square root, correctly rounded; `value` is not negative.
constexpr double square_root(double value) noexcept {
#if defined(__GNUC__) || defined(__clang__)
  if (!std::is_constant_evaluated()) return opaque(__builtin_sqrt(opaque(value)));
#endif
  binary const parts = decompose(value);
  if (parts.mantissa <= 0) return value;
  bool const odd = (parts.exponent & 1) != 0;
  std::uint64_t const radicand = static_cast<std::uint64_t>(parts.mantissa) << (odd ? 1 : 0);
  std::uint64_t root = 0, remainder = 0;
  for (int pair = 26; pair >= -27; --pair) {
    std::uint64_t const next = pair >= 0 ? (radicand >> (2 * pair)) & 3 : 0;
    remainder = (remainder << 2) | next;
    std::uint64_t const trial = (root << 2) | 1;
    root <<= 1;
    if (remainder >= trial) {
      remainder -= trial;
      root |= 1;
    }
  }
  // 54 bits of the root: the last decides the rounding, since no square root of a double lies halfway.
  std::uint64_t const rounded = (root >> 1) + (root & 1);
  int const exponent = (odd ? parts.exponent - 1 : parts.exponent) / 2 - 26;
  return scale_by_power_of_two(static_cast<double>(rounded), exponent);
}

/// The nearest float, half to even; an infinity beyond the range.
constexpr float round_to_float(double value) noexcept {
  if (!std::is_constant_evaluated()) return static_cast<float>(opaque(value));
  constexpr float largest = std::bit_cast<float>(0x7F7F'FFFFu);
  constexpr float infinity = std::bit_cast<float>(0x7F80'0000u);
  constexpr double beyond = 0x1.ffffffp127;
  if (value >= beyond) return infinity;
  if (value <= -beyond) return -infinity;
  if (value > static_cast<double>(largest)) return largest;
  if (value < -static_cast<double>(largest)) return -largest;
  return static_cast<float>(value);
}

}  // namespace dyadic::exact
