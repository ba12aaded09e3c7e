// expect: the bits or another parameter are out of bounds
// expect: dyadic::grid::power_of_two_scale<17>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct own : scheme {
#ifdef DYADIC_MISTAKE
  using outputs = power_of_two_scale<17>;
#else
  using outputs = power_of_two_scale<16>;
#endif
};
using net = sequential<input<16>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<own>>); }
