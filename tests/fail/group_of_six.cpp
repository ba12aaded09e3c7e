// expect: the bits or another parameter are out of bounds
// expect: dyadic::per_group<6
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct own : scheme {
#ifdef DYADIC_MISTAKE
  using weights = symmetric<4, per_group<6>>;
#else
  using weights = symmetric<4, per_group<8>>;
#endif
};
using net = sequential<input<16>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<own>>); }
