#pragma once

#include <dyadic/quantize/scheme.hpp>

/// The schemes that most parity tests go through.
namespace schemes {

struct int8 : dyadic::scheme {};
struct four_bits : dyadic::scheme {
  using weights = dyadic::symmetric<4, dyadic::per_channel, dyadic::range::lsq>;
  using activations = dyadic::affine<4, dyadic::per_tensor, dyadic::range::lsq>;
};
struct by_shifts : dyadic::scheme {
  using rescale = dyadic::power_of_two<>;
};
struct three_valued : dyadic::scheme {
  using weights = dyadic::ternary<>;
};
struct as_tflite : dyadic::scheme {
  using rescale = dyadic::tflite_reference;
};

}  // namespace schemes
