#pragma once

#include <cstddef>

namespace dyadic {

/// Text that can stand in angle brackets: `named<"head", dense<10>>`. `Size` counts characters without the
/// terminating zero. Names of layers and policies are built from it by `+` and `decimal`.
template <std::size_t Size> struct fixed_string {
  char text[Size + 1]{};

  constexpr fixed_string() = default;
  constexpr fixed_string(char const (&literal)[Size + 1]) noexcept {
    for (std::size_t i = 0; i < Size; ++i) text[i] = literal[i];
  }

  static constexpr std::size_t size() noexcept { return Size; }
  constexpr char const* c_str() const noexcept { return text; }

  template <std::size_t Other> constexpr bool operator==(fixed_string<Other> const& other) const noexcept {
    if constexpr (Size != Other) return false;
    for (std::size_t i = 0; i < Size && i < Other; ++i)
      if (text[i] != other.text[i]) return false;
    return true;
  }
};
template <std::size_t SizeWithZero>
fixed_string(char const (&)[SizeWithZero]) -> fixed_string<SizeWithZero - 1>;

/// Does a pattern of names end in "/*"?
template <fixed_string Pattern>
inline constexpr bool means_many = [] {
  constexpr std::size_t size = Pattern.size();
  if constexpr (size < 2)
    return false;
  else
    return Pattern.text[size - 2] == '/' && Pattern.text[size - 1] == '*';
}();
/// Does the pattern mean the name? One that ends in "/*" means all names that begin as it does up to the
/// slash, any other the name that equals it.
template <fixed_string Pattern, fixed_string Name>
inline constexpr bool is_meant = [] {
  if constexpr (!means_many<Pattern>) {
    return Pattern == Name;
  } else {
    bool same = Name.size() >= Pattern.size();
    for (std::size_t i = 0; same && i + 1 < Pattern.size(); ++i) same = Pattern.text[i] == Name.text[i];
    return same;
  }
}();

template <std::size_t A, std::size_t B>
constexpr fixed_string<A + B> operator+(fixed_string<A> const& a, fixed_string<B> const& b) noexcept {
  fixed_string<A + B> joined;
  for (std::size_t i = 0; i < A; ++i) joined.text[i] = a.text[i];
  for (std::size_t i = 0; i < B; ++i) joined.text[A + i] = b.text[i];
  return joined;
}
template <std::size_t A, std::size_t SizeWithZero>
constexpr auto operator+(fixed_string<A> const& a, char const (&b)[SizeWithZero]) noexcept {
  return a + fixed_string<SizeWithZero - 1>(b);
}
template <std::size_t SizeWithZero, std::size_t B>
constexpr auto operator+(char const (&a)[SizeWithZero], fixed_string<B> const& b) noexcept {
  return fixed_string<SizeWithZero - 1>(a) + b;
}

/// `Value` in decimal digits, for names such as "symmetric<8>".
template <long long Value> constexpr auto decimal() noexcept {
  constexpr unsigned long long magnitude =
      Value < 0 ? 0ULL - static_cast<unsigned long long>(Value) : static_cast<unsigned long long>(Value);
  constexpr std::size_t digits = [] {
    std::size_t count = 1;
    for (unsigned long long rest = magnitude; rest >= 10; rest /= 10) ++count;
    return count;
  }();
  constexpr std::size_t sign = Value < 0 ? 1 : 0;
  fixed_string<digits + sign> result;
  unsigned long long rest = magnitude;
  for (std::size_t i = 0; i < digits; ++i, rest /= 10)
    result.text[sign + digits - 1 - i] = static_cast<char>('0' + rest % 10);
  if constexpr (sign == 1) result.text[0] = '-';
  return result;
}

/// `Value` / 10^`Places` in decimal digits without trailing zeros, 0 or more: decimal_fraction<9900, 4>() is
/// "0.99".
template <long long Value, int Places> constexpr auto decimal_fraction() noexcept {
  static_assert(Value >= 0);
  if constexpr (Places == 0) {
    return decimal<Value>();
  } else if constexpr (Value % 10 == 0) {
    return decimal_fraction<Value / 10, Places - 1>();
  } else {
    constexpr long long unit = [] {
      long long power = 1;
      for (int i = 0; i < Places; ++i) power *= 10;
      return power;
    }();
    auto digits = decimal<unit + Value % unit>();  // the leading 1 keeps the zeros behind the point
    digits.text[0] = '.';
    return decimal<Value / unit>() + digits;
  }
}

}  // namespace dyadic
