#include "every_layer.hpp"
#include "parity.hpp"
#include "schemes.hpp"

using namespace schemes;

TEST_CASE_TEMPLATE("every layer is deployed as it was trained, with weights of few values", Scheme,
                   two_valued, powers, additive_powers) {
  parity::check<every_layer::in_space, Scheme>(9);
  parity::check<every_layer::branching, Scheme>(8);
  parity::check<every_layer::in_time, Scheme>(3);
}
