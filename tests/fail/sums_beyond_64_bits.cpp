// expect: an accumulator could overflow: use fewer bits, fewer inputs for each output
// expect: dense<1>
// expect: shape<70000>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
constexpr int bits = 16;
#else
constexpr int bits = 15;
#endif

struct wide : scheme {
  using weights = symmetric<bits>;
  using activations = symmetric<16>;
};
using net = sequential<input<70000>, dense<1>>;

std::size_t bytes() { return sizeof(net::in<integer<wide>>); }
