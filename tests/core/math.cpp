#include <dyadic/core/math.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace math = dyadic::math;

TEST_CASE_TEMPLATE("functions of reals are those of the C library", Real, float, double) {
  for (Real x = Real(0.001); x < 40; x *= Real(1.37)) {
    INFO("x ", x);
    CHECK(math::exp(-x) == std::exp(-x));
    CHECK(math::log(x) == std::log(x));
    CHECK(math::log1p(x) == std::log1p(x));
    CHECK(math::magnitude(-x) == x);
  }
}

TEST_CASE("functions of doubles are those of the C library") {
  for (double x = 0.001; x < 40; x *= 1.37) {
    INFO("x ", x);
    CHECK(math::square_root(x) == std::sqrt(x));
    CHECK(math::cosine(x) == std::cos(x));
    CHECK(math::power(x, 1.7) == std::pow(x, 1.7));
    CHECK(math::log10(x) == std::log10(x));
  }
  CHECK(math::is_finite(std::numeric_limits<double>::max()));
  CHECK_FALSE(math::is_finite(std::numeric_limits<double>::infinity()));
  CHECK_FALSE(math::is_finite(std::numeric_limits<double>::quiet_NaN()));
}
