#include <dyadic/quantize/gradient.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace dyadic;

TEST_CASE("the clipped rule passes what rounds to a code of the grid") {
  for (float code = -12; code <= 12; code += 0.125F) {
    INFO("code ", code);
    bool const on_grid = code >= -8.5F && code <= 7.5F;
    CHECK(ste::clipped::pass(code, -8, 7) == (on_grid ? 1 : 0));
    CHECK(ste::identity::pass(code, -8, 7) == 1);
  }
}

TEST_CASE("rules are gradient rules") {
  static_assert(gradient_rule<ste::clipped> && gradient_rule<ste::identity> && !gradient_rule<int>);
  static_assert(ste::clipped::name == fixed_string("clipped") &&
                ste::identity::name == fixed_string("identity"));
}
