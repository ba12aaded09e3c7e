// expect: an affine grid has a zero point, and weights have none
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct eight : scheme {
#ifdef DYADIC_MISTAKE
  using weights = affine<8>;
#else
  using weights = symmetric<8>;
#endif
};
using net = sequential<input<16>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<eight>>); }
