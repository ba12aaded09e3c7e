// expect: an accumulator could overflow: use fewer bits, fewer inputs for each output
// expect: a rescale policy that takes 64-bit sums
// expect: dense<2>
// expect: shape<600>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct wide : scheme {
  using activations = symmetric<16>;
#ifdef DYADIC_MISTAKE
  using rescale = xnnpack_fp32;
#endif
};
using net = sequential<input<600>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<wide>>); }
