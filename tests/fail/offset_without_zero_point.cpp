// expect: the range rule cannot place this grid, or not of weights
// expect: dyadic::range::lsq_plus
// expect: dyadic::grid::symmetric<8
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct own : scheme {
#ifdef DYADIC_MISTAKE
  using activations = symmetric<8, per_tensor, range::lsq_plus>;
#else
  using activations = affine<8, per_tensor, range::lsq_plus>;
#endif
};
using net = sequential<input<16>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<own>>); }
