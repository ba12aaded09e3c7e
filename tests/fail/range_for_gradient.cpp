// expect: a quantizer is a grid, a granularity, a range rule, a gradient rule, in that order
// expect: misplaced_part<dyadic::quantizer_part::gradient
// expect: dyadic::range::lsq
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct own : scheme {
#ifdef DYADIC_MISTAKE
  using weights = symmetric<8, per_channel, range::max_abs, range::lsq>;
#else
  using weights = symmetric<8, per_channel, range::max_abs, ste::identity>;
#endif
};
using net = sequential<input<16>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<own>>); }
