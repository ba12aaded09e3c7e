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
/// Every scale is in its type, every factor a power of two.
struct in_types : dyadic::scheme {
  using weights = dyadic::fixed_point<8, 6>;
  using activations = dyadic::fixed_point<8, 4>;
  using outputs = dyadic::fixed_point<16, 8>;
  using rescale = dyadic::power_of_two<>;
};
struct int16x8 : dyadic::scheme {
  using activations = dyadic::symmetric<16>;
};
struct ternary4 : three_valued {
  using activations = dyadic::affine<4>;
};
struct two_valued : dyadic::scheme {
  using weights = dyadic::binary<>;
};
/// Weights and activations of one bit, which meet in kernels of bits.
struct in_bits : two_valued {
  using activations = dyadic::affine<1>;
};
struct powers : dyadic::scheme {
  using weights = dyadic::powers_of_two<4>;
  using activations = dyadic::power_of_two_scale<8>;
  using rescale = dyadic::power_of_two<>;
};
struct additive_powers : dyadic::scheme {
  using weights = dyadic::additive_powers_of_two<4>;
};

}  // namespace schemes
