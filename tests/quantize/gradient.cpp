#include <dyadic/quantize/gradient.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>
#include <limits>

using namespace dyadic;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

double slope(double at, auto const& function) {
  constexpr double h = 1e-5;
  return (function(at + h) - function(at - h)) / (2 * h);
}

/// Differentiable soft quantization, Gong et al. 2019, equations 3 to 6: on the interval between two codes a
/// tanh around its middle, scaled so that the pieces meet.
double soft_staircase(double code, double k) {
  double const below = std::floor(code), middle = below + 0.5;
  double const phi = std::tanh(k * (code - middle)) / std::tanh(k / 2);
  return below + (phi + 1) / 2;
}

/// Darabi et al. 2018, equation 4.
double sign_swish(double x) {
  double const beta = 5, sigmoid = 1 / (1 + std::exp(-beta * x));
  return 2 * sigmoid * (1 + beta * x * (1 - sigmoid)) - 1;
}

/// Liu et al. 2018, equation 7.
double bi_real(double x) {
  if (x < -1) return -1;
  if (x < 0) return 2 * x + x * x;
  return x < 1 ? 2 * x - x * x : 1;
}

template <class Rule> void check_soft(double k) {
  for (float code = -8.03F; code < 7.1F; code += 0.0625F) {
    INFO("code ", code, " steepness ", k);
    bool const inside = code >= -8 && code <= 7;
    double const expected = inside ? slope(double{code}, [k](double c) { return soft_staircase(c, k); }) : 0;
    CHECK(double{Rule::pass(code, -8, 7)} == doctest::Approx(expected).epsilon(1e-4));
  }
  double rise = 0;  // from one code to the next the slopes sum up to one
  for (int i = 0; i < 1000; ++i)
    rise += double{Rule::pass(2 + (static_cast<float>(i) + 0.5F) / 1000, -8, 7)} / 1000;
  CHECK(rise == doctest::Approx(1).epsilon(1e-3));
  for (float const end : {-8.0F, 7.0F})
    CHECK(double{Rule::pass(end, -8, 7)} ==
          doctest::Approx(k / (2 * std::tanh(k / 2) * std::pow(std::cosh(k / 2), 2))).epsilon(1e-5));
}

template <class... Rules> void check_strange() {
  for (float const strange : {not_a_number, infinity, -infinity, 3e38F, -3e38F})
    CHECK(((Rules::pass(strange, -8, 7) == 0) && ...));
}

}  // namespace

TEST_CASE("the clipped rule passes what rounds to a code of the grid") {
  for (float code = -12; code <= 12; code += 0.125F) {
    INFO("code ", code);
    CHECK(ste::clipped::pass(code, -8, 7) == (code >= -8.5F && code <= 7.5F ? 1 : 0));
    CHECK(ste::clipped_before_rounding::pass(code, -8, 7) == (code >= -8 && code <= 7 ? 1 : 0));
    CHECK(ste::identity::pass(code, -8, 7) == 1);
  }
}

TEST_CASE("soft quantization passes the slope of its staircase of tanh") {
  check_soft<ste::soft<>>(4);
  check_soft<ste::soft<ste::steepness{.value = 0.5}>>(0.5);
  check_soft<ste::soft<ste::steepness{.value = 10}>>(10);
  check_soft<ste::soft<ste::steepness{.value = 32}>>(32);
  // On codes that do not begin at a whole number of steps from zero it is the same.
  CHECK(ste::soft<>::pass(130.25F, 0, 255) == ste::soft<>::pass(2.25F, -128, 127));
}

TEST_CASE("the sign's slopes are those of the functions that stand for it") {
  for (float x = -3.01F; x < 3; x += 0.0325F) {
    INFO("x ", x);
    bool const inside = std::abs(x) <= 1;
    CHECK(ste::sign::pass(x, -1, 1) == (inside ? 1 : 0));
    CHECK(double{ste::approx_sign::pass(x, -1, 1)} ==
          doctest::Approx(slope(double{x}, bi_real)).epsilon(1e-4));
    CHECK(double{ste::approx_sign::pass(x, -1, 1)} ==
          doctest::Approx(inside ? 2 - 2 * std::abs(double{x}) : 0).epsilon(1e-6));
    CHECK(double{ste::swish_sign::pass(x, -1, 1)} ==
          doctest::Approx(slope(double{x}, sign_swish)).epsilon(1e-4));
    // As larq writes it.
    double const b = 5 * double{x};
    CHECK(double{ste::swish_sign::pass(x, -1, 1)} ==
          doctest::Approx(5 * (2 - b * std::tanh(b / 2)) / (1 + std::cosh(b))).epsilon(1e-5));
  }
  CHECK(ste::sign::pass(1, -1, 1) == 1);
  CHECK(ste::sign::pass(-1, -1, 1) == 1);
  CHECK(ste::approx_sign::pass(0, -1, 1) == 2);
  CHECK(ste::approx_sign::pass(1, -1, 1) == 0);
  CHECK(ste::swish_sign::pass(0, -1, 1) == 5);
}

TEST_CASE("what is not a number or far away passes nothing, but under identity") {
  check_strange<ste::clipped, ste::clipped_before_rounding, ste::soft<>, ste::sign, ste::approx_sign,
                ste::swish_sign>();
  CHECK(ste::identity::pass(not_a_number, -8, 7) == 1);
}

TEST_CASE("rules are gradient rules") {
  static_assert(gradient_rule<ste::clipped> && gradient_rule<ste::clipped_before_rounding> &&
                gradient_rule<ste::identity> && gradient_rule<ste::soft<>> && gradient_rule<ste::sign> &&
                gradient_rule<ste::approx_sign> && gradient_rule<ste::swish_sign> && !gradient_rule<int>);
  static_assert(ste::clipped::name == fixed_string("clipped") &&
                ste::identity::name == fixed_string("identity") &&
                ste::soft<>::name == fixed_string("soft<4>") &&
                ste::soft<ste::steepness{.value = 0.5}>::name == fixed_string("soft<0.5>"));
}
