// expect: the range rule cannot place this grid, or not of weights
// expect: dyadic::range::pact
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct own : scheme {
#ifdef DYADIC_MISTAKE
  using weights = symmetric<4, per_channel, range::pact>;
#else
  using weights = symmetric<4, per_channel, range::lsq>;
#endif
};
using net = sequential<input<16>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<own>>); }
