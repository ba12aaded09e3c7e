#include "dyadic/fixed/compare.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>

#include "formats.hpp"

namespace {

using namespace dyadic;

constexpr double infinity = std::numeric_limits<double>::infinity();
static_assert(fixed<8, 4>{1.5} < 2 && fixed<8, 4>{-1} == -1 && 3U > unsigned_fixed<4, 2>{2.75});
static_assert(fixed<8, 4>{1.5} == 1.5 && fixed<8, 4>{1.5} < 1.51 && -0.1F > fixed<8, 4>{-0.125});
static_assert(fixed<64, 0>{-1} < ~std::uint64_t{0} && unsigned_fixed<64, 0>::highest() > std::int64_t{-1});

template <class Value> int wrong_order(Value x, double real) {
  double const own = to<double>(x);  // exact below 53 bits
  return ((x < real) != (own < real)) + ((x == real) != (own == real)) + ((x > real) != (own > real)) +
         ((real >= x) != (real >= own)) + ((x != real) != (own != real));
}

}  // namespace

TEST_CASE("small numbers of any format compare with reals and integers by value") {
  formats::for_each_format<5, -2, 0, 3, 7>([]<class Format>(Format) {
    int wrong = 0;
    formats::for_each_value<Format>([&](Format x) {
      for (int i = -2100; i <= 2100; ++i) wrong += wrong_order(x, i / 16.0);
      for (double real : {0.0, -0.0, 4.9e-324, -4.9e-324, 1e300, -1e300, infinity, -infinity, 0x1p62, -0x1p62,
                          0x1p63, -0x1p63, 0x1p64, std::numeric_limits<double>::quiet_NaN()})
        wrong += wrong_order(x, real);
      for (int i = -140; i <= 140; ++i) {
        wrong += (x < i) != (to<double>(x) < i);
        wrong += (i == x) != (to<double>(x) == i);
      }
    });
    CHECK(wrong == 0);
  });
}

TEST_CASE("64 bits compare with reals exactly, where a conversion would round") {
  using whole = fixed<64, 0>;
  CHECK(whole::highest() < 0x1p63);
  CHECK(to<double>(whole::highest()) == 0x1p63);
  CHECK(whole::lowest() == -0x1p63);
  CHECK(whole::lowest() > std::nextafter(-0x1p63, -1e300));
  CHECK(whole::from_raw((std::int64_t{1} << 53) + 1) > 0x1p53);
  CHECK(unsigned_fixed<64, 0>::highest() < 0x1p64);
  CHECK(unsigned_fixed<64, 0>::from_raw(std::uint64_t{1} << 63) == 0x1p63);
  CHECK(fixed<64, 512>::highest() < 1);
  CHECK(fixed<64, -512>::from_raw(1) == 0x1p512);
}
