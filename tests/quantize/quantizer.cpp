#include <dyadic/quantize/quantizer.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace dyadic;

namespace {

/// A user's own parts: codes -3 .. 3 of a fixed step, the range of nothing, a gradient that halves.
struct fixed_steps {
  static constexpr auto name = fixed_string("fixed_steps");
  static constexpr int bits = 3, low = -3, high = 3;
  static constexpr bool has_zero_point = false;
  static constexpr code_grid fit(interval) noexcept { return {0.5F, 0}; }
};
struct halving {
  static constexpr auto name = fixed_string("halving");
  static constexpr float pass(float, float, float) noexcept { return 0.5F; }
};

template <class Type> std::string text() { return Type::name.c_str(); }

}  // namespace

TEST_CASE("a quantizer is four parts, each replaceable") {
  using own = quantizer<fixed_steps, per_tensor, range::min_max, halving>;
  static_assert(grid_rule<fixed_steps> && gradient_rule<halving> && is_quantizer<own> &&
                !is_quantizer<fixed_steps>);
  CHECK(text<own>() == "fixed_steps,per_tensor,min_max,halving");
  CHECK(text<weight_quantizer<own>>() == text<own>());
  CHECK(text<activation_quantizer<own>>() == text<own>());
}

TEST_CASE("what is left open is decided where the quantizer stands") {
  CHECK(text<symmetric<4>>() == "symmetric<4>,usual,usual,clipped");
  CHECK(text<weight_quantizer<symmetric<4>>>() == "symmetric<4>,per_channel,max_abs,clipped");
  CHECK(text<activation_quantizer<affine<8>>>() == "affine<8>,per_tensor,moving_average<0.99>,clipped");
  CHECK(text<weight_quantizer<ternary<per_tensor, range::lsq, ste::identity>>>() ==
        "ternary,per_tensor,lsq,identity");
  CHECK(text<activation_quantizer<power_of_two_scale<16, per_tensor, range::percentile<>>>>() ==
        "power_of_two_scale<16>,per_tensor,percentile<99.99>,clipped");
  CHECK(text<range::mean_squared_error>() == "mean_squared_error");
}
