// expect: a 32-bit accumulator could overflow
// expect: use fewer bits, or fewer inputs for each output
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
};
using net = sequential<input<150000>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<narrow>>); }
