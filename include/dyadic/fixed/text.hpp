#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <dyadic/core/result.hpp>
#include <dyadic/fixed/decimal.hpp>
#include <dyadic/fixed/fixed.hpp>

namespace dyadic {

/// A number in decimal digits, ended by a zero. No heap.
template <std::size_t Capacity> class number_text {
 public:
  constexpr char const* c_str() const noexcept { return text_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr operator std::string_view() const noexcept { return {text_, size_}; }
  friend constexpr bool operator==(number_text const& a, std::string_view b) noexcept {
    return static_cast<std::string_view>(a) == b;
  }

  constexpr void append(char c) noexcept { text_[size_++] = c; }

 private:
  char text_[Capacity + 1]{};
  std::size_t size_ = 0;
};

namespace detail {

/// Characters that hold every number of a format: sign, digits before the point, point, digits behind it.
template <class Format> constexpr std::size_t text_capacity() noexcept {
  constexpr int before = Format::bits - Format::fraction;
  return static_cast<std::size_t>(3 + (before > 0 ? before * 30103 / 100000 + 1 : 1) +
                                  (Format::fraction > 0 ? Format::fraction : 0));
}

template <class Format>
constexpr error cannot_read(std::string_view text, parsed_decimal const& parsed) noexcept {
  int const size = text.size() < 40 ? static_cast<int>(text.size()) : 40;
  switch (parsed.fault) {
    case decimal_fault::empty:
      return make_error(fault::malformed, "a number was expected and the text is empty");
    case decimal_fault::no_digit:
      return make_error(fault::malformed, "\"%.*s\" has no digit", size, text.data());
    case decimal_fault::exponent:
      return make_error(fault::malformed, "\"%.*s\" has no digit in its exponent (offset %d)", size,
                        text.data(), parsed.offset);
    default:
      return make_error(fault::malformed, "\"%.*s\" is no decimal number from offset %d on", size,
                        text.data(), parsed.offset);
  }
}

}  // namespace detail

/// The number in decimal, exactly, without exponent and trailing zeros: "-2.6875", "0", "96". A number of
/// Fraction bits has as many digits behind the point.
template <fixed_number Format> constexpr auto to_text(Format value) noexcept {
  bool const negative = value.raw() < 0;
  auto const bits = static_cast<std::uint64_t>(value.raw());
  auto const number = detail::to_decimal(negative ? 0 - bits : bits, Format::fraction, negative);
  number_text<detail::text_capacity<Format>()> made;
  if (negative) made.append('-');
  auto const digit = [&](int i) {
    return i >= 0 && i < number.count ? static_cast<char>('0' + number.digits[i]) : '0';
  };
  if (number.point <= 0) made.append('0');
  for (int i = 0; i < number.point; ++i) made.append(digit(i));
  if (number.count > number.point && number.count > 0) {
    made.append('.');
    for (int i = number.point; i < number.count; ++i) made.append(digit(i));
  }
  return made;
}

/// The text's number, rounded once by the format's rounding, however many digits it has. The whole text is a
/// decimal number, [+|-] digits [. digits] [e [+|-] digits], without spaces; if it is not, or the number is
/// out of the format's range, that is an error: the overflow policy is not asked.
template <fixed_number Format> result<Format> from_text(std::string_view text) noexcept {
  static_assert(!detail::is_stochastic<Format>, "text is not rounded at random");
  using rounding_policy = typename Format::rounding_policy;
  auto const size = text.size() < 1'000'000 ? static_cast<int>(text.size()) : 1'000'000;
  auto const parsed = detail::parse_decimal(text.data(), size);
  if (parsed.fault != detail::decimal_fault::none || text.size() > 1'000'000)
    return detail::cannot_read<Format>(text, parsed);
  auto const [units, left, fits] = detail::to_binary(parsed.number, Format::fraction);
  bool const negative = parsed.number.negative;
  // the rounding sees the last unit, for its evenness, and what is left
  auto const tail = static_cast<std::int64_t>((units & 1) << 2) + left;
  auto const last = rounding_policy::shift_right(negative ? -tail : tail, 2);
  std::uint64_t const magnitude =
      (units & ~std::uint64_t{1}) + static_cast<std::uint64_t>(negative ? -last : last);
  std::int64_t const least = detail::lowest_raw<Format>();
  std::uint64_t const most =
      negative ? 0 - static_cast<std::uint64_t>(least) : static_cast<std::uint64_t>(Format::highest().raw());
  bool const carried = magnitude < (units & ~std::uint64_t{1});
  if (!fits || carried || magnitude > most)
    return make_error(fault::malformed, "\"%.*s\" is out of the range of %s",
                      text.size() < 40 ? static_cast<int>(text.size()) : 40, text.data(),
                      Format::name.c_str());
  return Format::from_raw(static_cast<typename Format::storage>(negative ? 0 - magnitude : magnitude));
}

}  // namespace dyadic
