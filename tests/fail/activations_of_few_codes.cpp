// expect: this grid is for weights
// expect: weight_grid_for_outputs
// expect: dyadic::grid::binary
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct own : scheme {
#ifdef DYADIC_MISTAKE
  using activations = binary<>;
#else
  using activations = symmetric<2>;
#endif
};
using net = sequential<input<16>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<own>>); }
