#include <dyadic/kernel/gates.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <dyadic/kernel/float_gates.hpp>

using namespace dyadic::kernel;

TEST_CASE("the integer tanh is odd, never falls and is within 2^-13 of the function for every sum of codes") {
  double worst = 0;
  int before = -32768;
  for (int code = -65534; code <= 65534; ++code) {
    int const value = gate_tanh(code);
    worst = std::fmax(worst, std::fabs(value * 0x1p-15 - std::tanh(code * 0x1p-11)));
    if (value < before || value != -gate_tanh(-code) || value > 32767) FAIL("code ", code);
    before = value;
  }
  CHECK(worst < 0x1p-13);
  CHECK(worst > 0x1p-16);
  CHECK(gate_tanh(0) == 0);
  CHECK(gate_tanh(65534) == 32767);
}

TEST_CASE("the integer logistic function is symmetric, never falls, is within 2^-13 and reaches 0 and 1") {
  double worst = 0;
  int before = 0;
  for (int code = -65534; code <= 65534; ++code) {
    int const value = gate_sigmoid(code);
    worst = std::fmax(worst, std::fabs(value * 0x1p-15 - 1 / (1 + std::exp(-code * 0x1p-11))));
    if (value < before || value + gate_sigmoid(-code) != 32768) FAIL("code ", code);
    before = value;
  }
  CHECK(worst < 0x1p-13);
  CHECK(gate_sigmoid(0) == 16384);
  CHECK(gate_sigmoid(-65534) == 0);
  CHECK(gate_sigmoid(65534) == 32768);
}

TEST_CASE("gates are constant expressions and products round half up") {
  static_assert(gate_tanh(2048) == 24956);  // tanh(1) = 0.761594
  static_assert(gate_product(32768, -7) == -7);
  static_assert(gate_product(16384, 3) == 2);
  static_assert(gate_product(16384, -3) == -1);
  CHECK(gate_product(16383, 3) == 1);
}

TEST_CASE("the float gates are within 4e-7") {
  for (float x = -30; x < 30; x += 0.00371F) {
    double const sigmoid = 1 / (1 + std::exp(-double{x}));
    if (!(std::fabs(double{float_sigmoid(x)} - sigmoid) < 4e-7)) FAIL("sigmoid of ", x);
    if (!(std::fabs(double{float_tanh(x)} - std::tanh(double{x})) < 4e-7)) FAIL("tanh of ", x);
  }
  CHECK(float_sigmoid(1e30F) == 1.0F);
  CHECK(float_sigmoid(-1e30F) < 1e-20F);
  CHECK(float_tanh(-1e30F) == -1.0F);
}
