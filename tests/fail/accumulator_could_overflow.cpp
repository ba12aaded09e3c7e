// expect: an accumulator could overflow: use fewer bits, fewer inputs for each output
// expect: a rescale policy that takes 64-bit sums
// expect: dense<2>
// expect: shape<150000>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
constexpr int bits = 8;
#else
constexpr int bits = 7;
#endif

struct narrow : scheme {
  using weights = symmetric<bits>;
  using rescale = tflite_reference;
};
using net = sequential<input<150000>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<narrow>>); }
