// expect: the bits or another parameter are out of bounds
// expect: affine<16>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct wide : scheme {
#ifdef DYADIC_MISTAKE
  using activations = affine<16>;
#else
  using activations = symmetric<16>;
#endif
};
using net = sequential<input<16>, dense<2>, relu, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<wide>>); }
