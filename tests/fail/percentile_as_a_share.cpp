// expect: the bits or another parameter are out of bounds
// expect: dyadic::range::percentile<
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct own : scheme {
#ifdef DYADIC_MISTAKE
  using activations = affine<8, per_tensor, range::percentile<range::percent{.value = 0.999}>>;
#else
  using activations = affine<8, per_tensor, range::percentile<range::percent{.value = 99.9}>>;
#endif
};
using net = sequential<input<16>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<own>>); }
