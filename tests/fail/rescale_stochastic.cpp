// expect: the bits or another parameter are out of bounds
// expect: dyadic::rounding::stochastic
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct own : scheme {
#ifdef DYADIC_MISTAKE
  using rescale = multiplier<31, rounding::stochastic>;
#else
  using rescale = multiplier<31, rounding::half_even>;
#endif
};
using net = sequential<input<16>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<own>>); }
