#include "networks.hpp"
#include "parity.hpp"

using namespace dyadic;

namespace {

template <class Policy> struct under : scheme {
  using rescale = Policy;
};

}  // namespace

TEST_CASE_TEMPLATE("codes are the deployed ones under every rescale policy", Policy,
                   multiplier<31, rounding::half_up>, multiplier<31, rounding::half_even>,
                   multiplier<31, rounding::half_away>, multiplier<31, rounding::half_to_zero>,
                   multiplier<31, rounding::half_down>, multiplier<31, rounding::floor>,
                   multiplier<31, rounding::ceil>, multiplier<31, rounding::toward_zero>, multiplier<16>,
                   power_of_two<>, tflite_reference, xnnpack_fp32) {
  parity::check<networks::operations, under<Policy>>(11);
}
