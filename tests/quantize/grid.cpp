#include <dyadic/quantize/grid.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include <dyadic/core/random.hpp>

using namespace dyadic;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// The definition in wider arithmetic: the quotient of two floats rounded half to even once it is a float, as
/// IEEE division gives it, plus the zero point, held on the grid.
int code_of(float value, code_grid where, int low, int high) {
  if (std::isnan(value)) return where.zero;
  float const quotient =
      static_cast<float>(static_cast<long double>(value) / static_cast<long double>(where.scale));
  long double const code = std::nearbyint(static_cast<long double>(quotient)) + where.zero;
  return code < low ? low : code > high ? high : static_cast<int>(code);
}

/// Halves and their neighbours, everything around zero, the ends and beyond.
std::vector<float> telling_values(code_grid where, int low, int high) {
  std::vector<float> values{0.0F,   -0.0F,   infinity, -infinity, not_a_number,
                            1e-45F, -1e-45F, 3.4e38F,  -3.4e38F,  1e-38F};
  for (int twice = 2 * low - 3; twice <= 2 * high + 3; ++twice) {
    float const value = where.scale * (static_cast<float>(twice) / 2 - static_cast<float>(where.zero));
    values.insert(values.end(), {value, std::nextafter(value, infinity), std::nextafter(value, -infinity)});
  }
  return values;
}

template <int Bits> using full = grid::symmetric<Bits, grid::span::full>;
template <int Bits> using wide = grid::symmetric<Bits, grid::span::wide>;
template <int Bits, int Fraction> using fixed = grid::fixed_point<Bits, Fraction>;
using narrow_fixed = grid::fixed_point<8, 7, grid::span::narrow>;

/// The nearest of all codes, of two the even number of steps from zero.
int nearest_code(double value, double scale, int zero, int low, int high) {
  int best = low;
  for (int code = low + 1; code <= high; ++code) {
    double const here = std::abs(scale * (code - zero) - value);
    double const there = std::abs(scale * (best - zero) - value);
    if (here < there || (here == there && (code - zero) % 2 == 0)) best = code;
  }
  return best;
}

template <class Grid> void check_codes(code_grid where) {
  for (float const value : telling_values(where, Grid::low, Grid::high)) {
    INFO("value ", value, " scale ", where.scale, " zero ", where.zero);
    CHECK(encode(value, where, Grid::low, Grid::high) == code_of(value, where, Grid::low, Grid::high));
  }
  for (int code = Grid::low; code <= Grid::high; ++code) {
    float const real = decode(code, where);
    CHECK(real == static_cast<float>(static_cast<double>(where.scale) * (code - where.zero)));
    CHECK(encode(real, where, Grid::low, Grid::high) == code);
  }
}

/// What `fit` promises of any interval.
template <class Grid> void check_fit(interval range) {
  INFO("range ", range.low, " ", range.high);
  code_grid const where = Grid::fit(range);
  CHECK(std::isfinite(where.scale));
  CHECK(where.scale >= smallest_scale);
  CHECK(where.zero >= Grid::low);
  CHECK(where.zero <= Grid::high);
  if (!Grid::has_zero_point) CHECK(where.zero == 0);
  CHECK(decode(where.zero, where) == 0);
}

}  // namespace

TEST_CASE_TEMPLATE("codes are the nearest ones, half to even, and codes of reals of codes", Grid,
                   grid::symmetric<2>, grid::symmetric<3>, grid::symmetric<8>, grid::symmetric<16>,
                   grid::affine<1>, grid::affine<2>, grid::affine<5>, grid::affine<8>,
                   grid::power_of_two_scale<4>, grid::power_of_two_scale<16>, full<8>, full<16>, wide<8>,
                   fixed<2, 0>, fixed<8, 4>, fixed<16, 10>, narrow_fixed) {
  for (float const scale : {1.0F, 0.25F, 0.0137F, 3.3e-5F, 1e-28F, 7.9e27F}) {
    if (Grid::bits == 16 && scale != 0.0137F) continue;
    check_codes<Grid>({scale, 0});
    if (Grid::has_zero_point)
      for (int const zero : {Grid::low, Grid::low + 1, Grid::high}) check_codes<Grid>({scale, zero});
  }
}

TEST_CASE_TEMPLATE("a value becomes the nearest of all codes, in the middle the even one", Grid,
                   grid::symmetric<2>, grid::symmetric<8>, grid::affine<1>, grid::affine<3>, grid::affine<8>,
                   grid::power_of_two_scale<5>, full<4>, wide<8>, fixed<6, 3>, narrow_fixed) {
  constexpr float scale = 0.25F;  // quotients are exact
  for (int const zero : {0, Grid::low, Grid::low + 1, Grid::high - 1}) {
    if (zero != 0 && !Grid::has_zero_point) continue;
    for (int eighth = 8 * (Grid::low - 2); eighth <= 8 * (Grid::high + 2); ++eighth) {
      double const value = double{scale} * (eighth / 8.0 - zero);
      INFO("value ", value, " zero ", zero);
      CHECK(encode(static_cast<float>(value), {scale, zero}, Grid::low, Grid::high) ==
            nearest_code(value, double{scale}, zero, Grid::low, Grid::high));
    }
  }
}

TEST_CASE_TEMPLATE("a value becomes the nearest of all 16-bit codes", Grid, grid::symmetric<16>, full<16>,
                   fixed<16, 10>) {
  std::uint64_t const seed = 7;
  INFO("seed ", seed);
  generator random{seed};
  constexpr float scale = 0x1p-10F;
  for (int i = 0; i < 60; ++i) {
    auto const halves = static_cast<float>(random.below(4 * 32900)) - 2 * 32900;
    double const value = double{halves} * 0x1p-11;
    CHECK(encode(static_cast<float>(value), {scale, 0}, Grid::low, Grid::high) ==
          nearest_code(value, double{scale}, 0, Grid::low, Grid::high));
  }
}

TEST_CASE_TEMPLATE("the scale of a fixed point is in its type, whatever the range", Grid, fixed<2, 0>,
                   fixed<8, 4>, fixed<16, 10>, narrow_fixed, fixed<8, -3>, fixed<8, 64>) {
  static_assert(has_own_scale<Grid> && !has_own_scale<grid::symmetric<8>>);
  for (interval const range : {interval{0, 0}, interval{-1, 5}, interval{not_a_number, infinity}}) {
    CHECK(Grid::fit(range).scale == Grid::scale);
    CHECK(Grid::fit(range).zero == 0);
  }
  int exponent;
  CHECK(std::frexp(Grid::scale, &exponent) == 0.5F);
}

TEST_CASE("a fixed point's reals are ac_fixed's") {
  // ac_fixed<8, 4>: from -8 to 7.9375 in steps of 1/16.
  static_assert(fixed<8, 4>::scale == 0.0625F && fixed<8, 64>::scale == 0x1p-64F && fixed<8, -3>::scale == 8);
  CHECK(decode(fixed<8, 4>::low, fixed<8, 4>::fit({})) == -8);
  CHECK(decode(fixed<8, 4>::high, fixed<8, 4>::fit({})) == 7.9375F);
  CHECK(decode(narrow_fixed::low, narrow_fixed::fit({})) == -127.0F / 128);
}

TEST_CASE("full and wide grids have one code more below zero") {
  static_assert(full<8>::low == -128 && full<8>::high == 127 && full<16>::low == -32768 &&
                wide<4>::low == -8);
  std::uint64_t const seed = 8;
  INFO("seed ", seed);
  generator random{seed};
  for (int i = 0; i < 1000; ++i) {
    float const a = random.normal(), b = random.normal();
    double const largest = std::max(std::abs(double{a}), std::abs(double{b}));
    CHECK(full<8>::fit({a, b}).scale == static_cast<float>(largest / 127));
    CHECK(full<16>::fit({a, b}).scale == static_cast<float>(largest / 32767));
    CHECK(wide<8>::fit({a, b}).scale == static_cast<float>(largest / 127.5));  // PyTorch's observers
    CHECK(wide<4>::fit({a, b}).scale == static_cast<float>(largest / 7.5));
  }
}

TEST_CASE("random codes are the nearest ones") {
  std::uint64_t const seed = 4;
  INFO("seed ", seed);
  generator random{seed};
  for (int i = 0; i < 20'000; ++i) {
    code_grid const where{std::bit_cast<float>(random.below(40 << 23) + (100u << 23)),
                          static_cast<int>(random.below(256)) - 128};
    float const value = where.scale * random.uniform(-300, 300);
    CHECK(encode(value, where, -128, 127) == code_of(value, where, -128, 127));
  }
}

TEST_CASE("a grid has its codes") {
  static_assert(grid::symmetric<8>::low == -127 && grid::symmetric<8>::high == 127);
  static_assert(grid::symmetric<2>::low == -1 && grid::symmetric<2>::high == 1);
  static_assert(grid::affine<8>::low == -128 && grid::affine<8>::high == 127 && grid::affine<2>::low == -2);
  static_assert(grid::power_of_two_scale<4>::low == -7 && grid::ternary::low == -1 &&
                grid::ternary::high == 1);
  static_assert(encode(1.5F, {1, 0}, -8, 7) == 2 && encode(-2.5F, {1, 0}, -8, 7) == -2);
  static_assert(grid::symmetric<8>::fit({-2, 254}).scale == 2 &&
                grid::affine<8>::fit({-1, 254}).zero == -127);
}

TEST_CASE_TEMPLATE("a fit is defined for every interval", Grid, grid::symmetric<2>, grid::symmetric<8>,
                   grid::symmetric<16>, grid::affine<1>, grid::affine<2>, grid::affine<8>,
                   grid::power_of_two_scale<3>, grid::power_of_two_scale<16>, grid::ternary, full<8>,
                   wide<8>) {
  float const bounds[] = {0,         -0.0F,        1,      -1,     1e-45F,  -1e-45F,
                          1e-38F,    -1e-38F,      1e-30F, 3e38F,  -3e38F,  infinity,
                          -infinity, not_a_number, 1000,   -1e-3F, 0x1p96F, -0x1p96F};
  for (float const low : bounds)
    for (float const high : bounds) check_fit<Grid>({low, high});
  CHECK(Grid::fit({0, 0}).scale == 1);
  CHECK(Grid::fit({0, 0}).zero == 0);
  CHECK(Grid::fit({not_a_number, not_a_number}).scale == 1);
}

TEST_CASE("a symmetric grid reaches the larger magnitude") {
  CHECK(grid::symmetric<8>::fit({-3, 1}).scale == 3.0F / 127);
  CHECK(grid::symmetric<8>::fit({1, 2}).scale == 2.0F / 127);
  CHECK(grid::symmetric<4>::fit({-7, -7}).scale == 1);
  CHECK(grid::symmetric<2>::fit({-0.5F, 0.25F}).scale == 0.5F);
  CHECK(grid::ternary::fit({-0.5F, 0.25F}).scale == 0.5F);
  CHECK(grid::symmetric<8>::fit({not_a_number, 127}).scale == 1);
  CHECK(grid::symmetric<8>::fit({-127, not_a_number}).scale == 1);
  CHECK(grid::symmetric<8>::fit({0, infinity}).scale == static_cast<float>(0x1p96 / 127));
  CHECK(grid::symmetric<8>::fit({0, 1e-40F}).scale == smallest_scale);
}

TEST_CASE("an affine grid holds zero exactly and both ends within half a step") {
  std::uint64_t const seed = 5;
  INFO("seed ", seed);
  generator random{seed};
  for (int i = 0; i < 5'000; ++i) {
    float const a = random.normal(), b = random.normal();
    interval const range = i % 3 == 0   ? interval{a < b ? a : b, a < b ? b : a}
                           : i % 3 == 1 ? interval{0, std::abs(a)}
                                        : interval{-std::abs(b), 0};
    code_grid const where = grid::affine<8>::fit(range);
    double const low = range.low < 0 ? range.low : 0, high = range.high > 0 ? range.high : 0;
    CHECK(where.scale == static_cast<float>((high - low) / 255));
    CHECK(std::abs(double{decode(-128, where)} - low) <= 0.5000001 * double{where.scale});
    CHECK(std::abs(double{decode(127, where)} - high) <= 0.5000001 * double{where.scale});
    CHECK(where.zero == std::floor(-low / double{where.scale} + 0.5) - 128);
  }
  CHECK(grid::affine<8>::fit({2, 5}).zero == -128);
  CHECK(grid::affine<1>::fit({-1, 2}).zero == -1);
  CHECK(grid::affine<1>::fit({-2, 1}).zero == 0);
  CHECK(grid::affine<8>::fit({-5, -2}).zero == 127);
  CHECK(grid::affine<8>::fit({5, -5}).scale == 1);  // an empty interval
}

TEST_CASE("a power-of-two scale is the smallest that covers the range") {
  std::uint64_t const seed = 6;
  INFO("seed ", seed);
  generator random{seed};
  for (int i = 0; i < 2'000; ++i) {
    float const largest = std::exp2(random.uniform(-20, 20));
    float const scale = grid::power_of_two_scale<8>::fit({-largest, largest / 2}).scale;
    int exponent;
    CHECK(std::frexp(scale, &exponent) == 0.5F);
    CHECK(scale * 127 >= largest);
    CHECK(scale / 2 * 127 < largest);
  }
  CHECK(grid::power_of_two_scale<8>::fit({0, 127}).scale == 1);
  CHECK(grid::power_of_two_scale<8>::fit({0, std::nextafter(127.0F, 128.0F)}).scale == 2);
}
