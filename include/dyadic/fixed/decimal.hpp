#pragma once

#include <bit>
#include <cstdint>

namespace dyadic::detail {

/// A decimal number of any size within its room: 0.d1 d2 d3 ... * 10^point. What does not fit is remembered
/// as a nonzero rest below the last digit.
struct decimal_number {
  static constexpr int room = 800;  ///< more digits than any halfway point of two fixed numbers has
  std::uint8_t digits[room]{};
  int count = 0;
  int point = 0;
  bool negative = false;
  bool rest = false;

  constexpr bool is_zero() const noexcept { return count == 0 && !rest; }

  constexpr void append(int digit) noexcept {
    if (count == 0 && digit == 0) {
      --point;
    } else if (count < room) {
      digits[count++] = static_cast<std::uint8_t>(digit);
    } else {
      rest = rest || digit != 0;
    }
  }
  constexpr void trim() noexcept {
    while (count > 0 && digits[count - 1] == 0) --count;
  }

  /// * 2^power, power in 0..16.
  constexpr void double_times(int power) noexcept {
    unsigned carry = 0;
    for (int i = count - 1; i >= 0; --i) {
      carry += static_cast<unsigned>(digits[i]) << power;
      digits[i] = static_cast<std::uint8_t>(carry % 10);
      carry /= 10;
    }
    int more = 0;
    for (unsigned left = carry; left != 0; left /= 10) ++more;
    for (int i = count + more - 1; i >= more; --i) {
      if (i < room)
        digits[i] = digits[i - more];
      else
        rest = rest || digits[i - more] != 0;
    }
    for (int i = more - 1; i >= 0; --i, carry /= 10) digits[i] = static_cast<std::uint8_t>(carry % 10);
    count = count + more < room ? count + more : room;
    point += more;
    trim();
  }

  /// / 2^power, power in 0..16.
  constexpr void halve_times(int power) noexcept {
    decimal_number half;
    half.point = point;
    half.negative = negative;
    half.rest = rest;
    unsigned left = 0;
    for (int i = 0; i < count || left != 0; ++i) {
      left = left * 10 + (i < count ? digits[i] : 0U);
      half.append(static_cast<int>(left >> power));
      left &= (1U << power) - 1;
      if (half.count == room && left != 0 && i >= count) {
        half.rest = true;
        break;
      }
    }
    half.trim();
    *this = half;
  }

  constexpr void scale(int power) noexcept {
    for (int left = power; left > 0; left -= 16) double_times(left < 16 ? left : 16);
    for (int left = -power; left > 0; left -= 16) halve_times(left < 16 ? left : 16);
  }
};

/// A magnitude in units: their count, and what is left of one: 0 nothing, 1 less than half, 2 half, 3 more.
struct binary_number {
  std::uint64_t units = 0;
  int left = 0;
  bool fits = true;  ///< units has 64 bits at most
};

/// The number's magnitude in units of 2^-fraction.
constexpr binary_number to_binary(decimal_number number, int fraction) noexcept {
  if (number.is_zero()) return {};
  if (number.point > 400) return {0, 0, false};
  if (number.point < -400) return {0, 1, true};
  number.scale(fraction);
  if (number.point > 20) return {0, 0, false};
  binary_number made;
  for (int i = 0; i < number.point; ++i) {
    std::uint64_t const digit = i < number.count ? number.digits[i] : 0U;
    if (made.units > (~std::uint64_t{0} - digit) / 10) return {0, 0, false};
    made.units = made.units * 10 + digit;
  }
  int const tenths = number.point >= 0 && number.point < number.count ? number.digits[number.point] : 0;
  bool const more = number.rest || number.count > (number.point < 0 ? 0 : number.point + 1);
  made.left = tenths > 5 || (tenths == 5 && more) ? 3 : tenths == 5 ? 2 : tenths > 0 || more ? 1 : 0;
  return made;
}

/// Where parsing stopped and why.
enum class decimal_fault : std::uint8_t { none, empty, no_digit, stray, exponent };
struct parsed_decimal {
  decimal_number number;
  decimal_fault fault = decimal_fault::none;
  int offset = 0;
};

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// [+|-] digits [. digits] [e|E [+|-] digits], with digits before or behind the point, and ' between digits
/// where `separators`. Nothing before and behind.
constexpr parsed_decimal parse_decimal(char const* text, int size, bool separators = false) noexcept {
  parsed_decimal made;
  auto& number = made.number;
  int& at = made.offset;
  auto const fail = [&made](decimal_fault why) {
    made.fault = why;
    return made;
  };
  if (size == 0) return fail(decimal_fault::empty);
  if (text[at] == '+' || text[at] == '-') number.negative = text[at++] == '-';
  int seen = 0;
  bool behind = false;
  for (; at < size; ++at) {
    if (text[at] == '.' && !behind) {
      behind = true;
    } else if (is_digit(text[at])) {
      ++seen;
      if (!behind && !(number.count == 0 && text[at] == '0')) ++number.point;
      if (behind || number.count > 0 || text[at] != '0') number.append(text[at] - '0');
    } else if (!(separators && text[at] == '\'')) {
      break;
    }
  }
  if (seen == 0) return fail(at < size ? decimal_fault::stray : decimal_fault::no_digit);
  if (at < size && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    bool negative = false;
    if (at < size && (text[at] == '+' || text[at] == '-')) negative = text[at++] == '-';
    if (at == size || !is_digit(text[at])) return fail(decimal_fault::exponent);
    int exponent = 0;
    for (; at < size && is_digit(text[at]); ++at)
      if (exponent < 100'000'000) exponent = exponent * 10 + (text[at] - '0');
    number.point += negative ? -exponent : exponent;
  }
  number.trim();
  if (number.is_zero()) number.point = 0;
  if (at < size) return fail(decimal_fault::stray);
  return made;
}

/// magnitude * 2^-fraction.
constexpr decimal_number to_decimal(std::uint64_t magnitude, int fraction, bool negative) noexcept {
  decimal_number made;
  std::uint8_t reversed[20]{};
  int size = 0;
  for (; magnitude != 0; magnitude /= 10) reversed[size++] = static_cast<std::uint8_t>(magnitude % 10);
  made.point = size;
  for (int i = size; i > 0; --i) made.append(reversed[i - 1]);
  made.trim();
  made.negative = negative;
  made.scale(-fraction);
  return made;
}

}  // namespace dyadic::detail
