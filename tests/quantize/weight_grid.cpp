#include <dyadic/quantize/weight_grid.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <set>

#include <dyadic/quantize/quantizer.hpp>

using namespace dyadic;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

/// Every code of a grid, from its definition.
std::set<int> codes_of(grid::ternary) { return {-1, 0, 1}; }
template <int Bits> std::set<int> codes_of(grid::powers_of_two<Bits>) {
  std::set<int> codes{0};
  for (int k = 0; k <= (1 << (Bits - 1)) - 2; ++k) codes.insert({1 << k, -(1 << k)});
  return codes;
}
template <int Bits> std::set<int> codes_of(grid::additive_powers_of_two<Bits>) {
  std::set<int> const first = Bits == 4 ? std::set{0, 8, 4, 1} : std::set{0, 32, 8, 2};
  std::set<int> const second = Bits == 4 ? std::set{0, 2} : std::set{0, 16, 4, 1};
  std::set<int> codes;
  for (int const a : first)
    for (int const b : second) codes.insert({a + b, -a - b});
  return codes;
}

/// The nearest code; of two equally near the one nearer to zero, which for neighbours on either side of a
/// middle is the smaller magnitude. Ternary codes are rounded half to even: 0.
int nearest(std::set<int> const& codes, double quotient) {
  int best = 0;
  for (int const code : codes) {
    double const here = std::abs(code - quotient), there = std::abs(best - quotient);
    if (here < there || (here == there && std::abs(code) < std::abs(best))) best = code;
  }
  return best;
}

}  // namespace

TEST_CASE_TEMPLATE("a weight becomes the nearest of the grid's codes, in the middle the smaller one", Grid,
                   grid::ternary, grid::powers_of_two<3>, grid::powers_of_two<4>,
                   grid::additive_powers_of_two<4>, grid::additive_powers_of_two<5>) {
  std::set<int> const codes = codes_of(Grid{});
  CHECK(*codes.begin() == Grid::low);
  CHECK(*codes.rbegin() == Grid::high);
  for (float const scale : {1.0F, 0x1p-9F, 0x1p40F}) {
    auto const check = [&](float quotient) {
      INFO("quotient ", quotient, " scale ", scale);
      CHECK(code_on<Grid>(quotient * scale, {scale, 0}) == nearest(codes, double{quotient}));
    };
    for (int step = -64 * (Grid::high + 3); step <= 64 * (Grid::high + 3); ++step) {
      float const quotient = static_cast<float>(step) / 64;
      check(quotient);
      if (step % 32 == 0) {
        check(std::nextafter(quotient, infinity));
        check(std::nextafter(quotient, -infinity));
      }
    }
    for (int const code : codes) CHECK(code_on<Grid>(decode(code, {scale, 0}), {scale, 0}) == code);
    CHECK(code_on<Grid>(infinity, {scale, 0}) == Grid::high);
    CHECK(code_on<Grid>(-infinity, {scale, 0}) == Grid::low);
    CHECK(code_on<Grid>(3e38F, {smallest_scale, 0}) == Grid::high);
    CHECK(code_on<Grid>(not_a_number, {scale, 0}) == 0);
  }
}

TEST_CASE("a binary weight is its sign, and zero counts as positive") {
  for (float const positive : {0.0F, -0.0F, 1e-45F, 0.5F, 1.0F, 3e38F, infinity, not_a_number})
    CHECK(code_on<grid::binary>(positive, {0.1F, 0}) == 1);
  for (float const negative : {-1e-30F, -0.5F, -1.0F, -3e38F, -infinity})
    CHECK(code_on<grid::binary>(negative, {0.1F, 0}) == -1);
}

TEST_CASE_TEMPLATE("codes are stored in as many bits as the grid says, and the largest magnitude is its end",
                   Grid, grid::ternary, grid::binary, grid::powers_of_two<3>, grid::powers_of_two<4>,
                   grid::additive_powers_of_two<4>, grid::additive_powers_of_two<5>) {
  static_assert(grid_rule<Grid> && !Grid::has_zero_point && Grid::low == -Grid::high);
  static_assert(Grid::high < 1 << (Grid::bits - 1));
  CHECK(Grid::fit({-3, 1}).scale == 3.0F / static_cast<float>(Grid::high));
  CHECK(Grid::fit({-1, 3}).scale == 3.0F / static_cast<float>(Grid::high));
  CHECK(Grid::fit({0, 0}).scale == 1);
  CHECK(Grid::fit({not_a_number, not_a_number}).scale == 1);
  CHECK(Grid::fit({-infinity, 0}).scale == static_cast<float>(0x1p96 / Grid::high));
  CHECK(Grid::fit({0, 1e-45F}).scale == smallest_scale);
}

TEST_CASE("what a grid of few codes is to the rest of the library stands in its type") {
  static_assert(!has_every_code<grid::binary> && !has_every_code<grid::powers_of_two<3>> &&
                !has_every_code<grid::additive_powers_of_two<5>> && has_every_code<grid::ternary>);
  using weights = weight_quantizer<binary<>>;
  static_assert(std::is_same_v<weights::range, range::mean_magnitude<>> &&
                std::is_same_v<weights::gradient, ste::sign>);
  using fixed = weight_quantizer<fixed_point<8, 6>>;
  static_assert(std::is_same_v<fixed::range, range::in_type> &&
                std::is_same_v<fixed::granularity, per_tensor>);
}
