// expect: the range rule cannot place this grid, or not of weights
// expect: dyadic::grid::fixed_point<8, 4
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct own : scheme {
#ifdef DYADIC_MISTAKE
  using activations = quantizer<grid::fixed_point<8, 4>, per_tensor, range::lsq>;
#else
  using activations = fixed_point<8, 4>;
#endif
};
using net = sequential<input<16>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<own>>); }
