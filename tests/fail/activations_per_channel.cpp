// expect: one scale for the tensor; per_channel is for weights
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct eight : scheme {
#ifdef DYADIC_MISTAKE
  using activations = affine<8, per_channel>;
#else
  using activations = affine<8, per_tensor>;
#endif
};
using net = sequential<input<16>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<eight>>); }
