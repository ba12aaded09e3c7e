#include "dyadic/fixed/text.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

#include "formats.hpp"

namespace {

using namespace dyadic;

static_assert(to_text(fixed<8, 4>{-2.6875}) == "-2.6875" && to_text(fixed<8, 4>{}) == "0");
static_assert(to_text(fixed<8, -5>{96}) == "96");
static_assert(to_text(fixed<8, 4>{-0.0625}) == "-0.0625");
static_assert(to_text(unsigned_fixed<64, 0>::highest()) == "18446744073709551615");
static_assert(to_text(fixed<64, 64>::lowest()) == "-0.5");

template <class Format> std::string text_of(Format value) { return to_text(value).c_str(); }

/// The decimal digits of raw / 2^fraction by long division of integers.
[[gnu::noinline]] std::string long_division(oracle::integer raw, int fraction) {
  std::string text = raw < 0 ? "-" : "";
  oracle::integer magnitude = raw < 0 ? -raw : raw;
  oracle::integer const one = oracle::power_of_two(fraction > 0 ? fraction : 0);
  if (fraction < 0) magnitude *= oracle::power_of_two(-fraction);
  text += std::to_string(static_cast<unsigned long long>(magnitude / one));
  oracle::integer rest = magnitude % one;
  if (rest != 0) text += '.';
  for (; rest != 0; rest = rest * 10 % one)
    text += static_cast<char>('0' + static_cast<int>(rest * 10 / one));
  return text;
}

template <class Format> std::string message_of(char const* text) {
  return from_text<Format>(text).error().what();
}

}  // namespace

TEST_CASE("every number of a small format is written exactly and read back") {
  formats::for_each_format<6, -3, 0, 2, 9>([]<class Format>(Format) {
    int wrong = 0;
    formats::for_each_value<Format>([&](Format x) {
      wrong += text_of(x) != long_division(x.raw(), Format::fraction);
      wrong += from_text<Format>(to_text(x)).value() != x;
    });
    CHECK(wrong == 0);
  });
}

TEST_CASE("numbers of 64 bits are written exactly and read back") {
  constexpr std::uint64_t seed = 31;
  INFO("seed ", seed);
  std::mt19937_64 random{seed};
  int wrong = 0;
  auto const check = [&]<class Format>(Format) {
    for (int i = 0; i < 500; ++i) {
      auto const x = formats::from_bits<Format>(random() >> random() % 64);
      if (Format::fraction <= 120 && Format::fraction >= 0)
        wrong += text_of(x) != long_division(x.raw(), Format::fraction);
      wrong += from_text<Format>(to_text(x)).value() != x;
    }
  };
  check(fixed<64, 0>{});
  check(fixed<64, 40>{});
  check(unsigned_fixed<64, 64>{});
  check(fixed<48, 100>{});
  check(fixed<64, 512>{});
  check(unsigned_fixed<64, -512>{});
  CHECK(wrong == 0);
  CHECK(from_text<fixed<64, 0>>("-9223372036854775808").value() == fixed<64, 0>::lowest());
  CHECK_FALSE(from_text<fixed<64, 0>>("9223372036854775808").has_value());
  CHECK_FALSE(from_text<unsigned_fixed<64, 0>>("18446744073709551615.5").has_value());
  CHECK(from_text<unsigned_fixed<64, 0>>("18446744073709551615.4999").has_value());
}

TEST_CASE("text is rounded once, by every rounding") {
  formats::for_each(formats::roundings{}, []<class Rounding>(Rounding) {
    using format = fixed<9, 2, Rounding>;
    INFO(std::string(format::name.c_str()));
    int wrong = 0;
    for (int i = -3000; i <= 3000; ++i) {  // sixty-fourths, with and without a crumb below
      auto text = long_division(i, 6);
      auto const exact = formats::expected_raw<format>(oracle::rational{i, 64});
      wrong += from_text<format>(text).value().raw() != exact;
      if (text.find('.') == std::string::npos) text += '.';
      text += std::string(900, '0') + "1";  // further behind than any digit that is kept
      auto const beyond = oracle::rational{2 * i + (i < 0 ? -1 : 1), 128};
      bool const negative_zero = i == 0;
      if (!negative_zero)
        wrong += from_text<format>(text).value().raw() != formats::expected_raw<format>(beyond);
    }
    CHECK(wrong == 0);
  });
}

TEST_CASE("signs, exponents and missing digits beside the point are read") {
  using q = fixed<16, 8>;
  CHECK(from_text<q>("+1.5").value() == q{1.5});
  CHECK(from_text<q>("-.5").value() == q{-0.5});
  CHECK(from_text<q>("7.").value() == q{7});
  CHECK(from_text<q>("0.015e2").value() == q{1.5});
  CHECK(from_text<q>("1500E-3").value() == q{1.5});
  CHECK(from_text<q>("-0").value() == q{0});
  CHECK(from_text<q>("0e999999999999").value() == q{0});
  CHECK(from_text<q>("1e-999999999999").value() == q{0});
  CHECK(from_text<fixed<16, 8, rounding::ceil>>("1e-999999999999").value().raw() == 1);
  CHECK(from_text<fixed<16, 8, rounding::floor>>("-1e-999999999999").value().raw() == -1);
}

TEST_CASE("what is no number, or not in range, is an error that says so") {
  using q = fixed<8, 4>;
  CHECK(message_of<q>("") == "a number was expected and the text is empty");
  CHECK(message_of<q>("-") == "\"-\" has no digit");
  CHECK(message_of<q>(".") == "\".\" has no digit");
  CHECK(message_of<q>("1.5x") == "\"1.5x\" is no decimal number from offset 3 on");
  CHECK(message_of<q>(" 1") == "\" 1\" is no decimal number from offset 0 on");
  CHECK(message_of<q>("1.2.3") == "\"1.2.3\" is no decimal number from offset 3 on");
  CHECK(message_of<q>("1'000") == "\"1'000\" is no decimal number from offset 1 on");
  CHECK(message_of<q>("1e") == "\"1e\" has no digit in its exponent (offset 2)");
  CHECK(message_of<q>("nan") == "\"nan\" is no decimal number from offset 0 on");
  CHECK(message_of<q>("8") == "\"8\" is out of the range of fixed<8,4,half_even,saturate>");
  CHECK(message_of<q>("7.96875") == "\"7.96875\" is out of the range of fixed<8,4,half_even,saturate>");
  CHECK(message_of<q>("-8.1").find("out of the range") != std::string::npos);
  CHECK(message_of<q>("1e999999999999").find("out of the range") != std::string::npos);
  CHECK(message_of<unsigned_fixed<8, 4>>("-1").find("out of the range") != std::string::npos);
  CHECK(from_text<q>("8").error().kind == fault::malformed);
  CHECK(from_text<q>("-8").value() == q::lowest());
  CHECK_FALSE(from_text<fixed<8, 4, rounding::floor, overflow::saturate_symmetric>>("-8").has_value());
  CHECK_FALSE(from_text<q>(std::string(2'000'000, '1')).has_value());
}

TEST_CASE("any text is read or refused") {
  constexpr std::uint64_t seed = 32;
  INFO("seed ", seed);
  std::mt19937_64 random{seed};
  constexpr char alphabet[] = "0123456789+-.eE' x";
  int read = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text;
    for (auto size = random() % 9; size > 0; --size) text += alphabet[random() % (sizeof alphabet - 1)];
    auto const number = from_text<fixed<40, 10>>(text);
    if (!number) continue;
    ++read;
    char* end = nullptr;
    double const expected = std::strtod(text.c_str(), &end);
    CHECK(*end == '\0');
    CHECK(*number == fixed<40, 10>{expected});
  }
  CHECK(read > 1000);
}
