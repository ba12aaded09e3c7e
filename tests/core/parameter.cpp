#include "dyadic/core/parameter.hpp"

#include <doctest/doctest.h>

TEST_CASE("the smallest step is positive and has an exact finite reciprocal") {
  static_assert(dyadic::smallest_step > 0);
  float const reciprocal = 1 / dyadic::smallest_step;
  CHECK(reciprocal < 1e38f);
  CHECK(static_cast<double>(reciprocal) * static_cast<double>(dyadic::smallest_step) == 1);
}
