// expect: weights, activations and outputs take a quantizer, such as symmetric<8>
// expect: not_a_quantizer<dyadic::grid::symmetric<4
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct own : scheme {
#ifdef DYADIC_MISTAKE
  using weights = grid::symmetric<4>;
#else
  using weights = quantizer<grid::symmetric<4>>;
#endif
};
using net = sequential<input<16>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<own>>); }
