#include "parity.hpp"
#include "schemes.hpp"
#include "sequences.hpp"

using namespace schemes;

TEST_CASE_TEMPLATE("codes of convolutions in time are the deployed ones", Scheme, int8, four_bits, by_shifts,
                   three_valued) {
  parity::check<networks::keyword, Scheme>(31);
  parity::check<networks::in_time, Scheme>(32);
}

TEST_CASE_TEMPLATE("codes of windows whose taps are apart are the deployed ones", Scheme, int8, four_bits,
                   by_shifts, three_valued) {
  parity::check<networks::apart, Scheme>(33);
}
