#include <doctest/doctest.h>

#include "same_numbers.hpp"

// This file is built with several compilers and flag sets, and each build finds the hashes below.

using namespace dyadic;
using namespace same_numbers;

namespace {

struct by_default : scheme {};
struct four_bits : scheme {
  using weights = symmetric<4, per_channel, range::lsq>;
  using activations = affine<4, per_tensor, range::lsq>;
  using rescale = multiplier<31, rounding::half_even>;
};
struct as_tflite : scheme {
  using rescale = tflite_reference;
};
struct as_xnnpack : scheme {
  using rescale = xnnpack_fp32;
};
struct sixteen_bits : scheme {
  using weights = symmetric<16>;
  using activations = symmetric<16>;
  using rescale = tflite_reference_16x8;
};
struct by_shifts : scheme {
  using weights = power_of_two_scale<8>;
  using rescale = power_of_two<rounding::half_away>;
};

}  // namespace

TEST_CASE("integers made from one trained network are the same bytes everywhere: multiplier") {
  CHECK(numbers_of<by_default>() == 3754243598415043211U);
}
TEST_CASE("integers made from one trained network are the same bytes everywhere: learned 4-bit steps") {
  CHECK(numbers_of<four_bits>() == 11734442630845356170U);
}
TEST_CASE("integers made from one trained network are the same bytes everywhere: tflite_reference") {
  CHECK(numbers_of<as_tflite>() == 9992339438653918618U);
}
TEST_CASE("integers made from one trained network are the same bytes everywhere: xnnpack_fp32") {
  CHECK(numbers_of<as_xnnpack>() == 14686890207918317538U);
}
TEST_CASE("integers made from one trained network are the same bytes everywhere: power_of_two") {
  CHECK(numbers_of<by_shifts>() == 12080864923671282588U);
}
TEST_CASE("integers made from one trained network are the same bytes everywhere: 16 bits") {
  CHECK(numbers_of<sixteen_bits>() == 372719311582938342U);
}
