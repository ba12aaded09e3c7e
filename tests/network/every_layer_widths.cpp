#include "every_layer.hpp"
#include "parity.hpp"
#include "schemes.hpp"

using namespace schemes;

TEST_CASE_TEMPLATE("every layer is deployed as it was trained, on fixed-point grids and in 16 bits", Scheme,
                   in_types, int16x8) {
  parity::check<every_layer::in_space, Scheme>(9);
  parity::check<every_layer::branching, Scheme>(8);
  parity::check<every_layer::in_time, Scheme>(3);
}
