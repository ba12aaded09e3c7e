// expect: the scheme is not for this network
// expect: not_a_quantizer<dyadic::grid::symmetric<4
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/train/calibrate.hpp>

using namespace dyadic;

struct own : scheme {
#ifdef DYADIC_MISTAKE
  using weights = grid::symmetric<4>;
#else
  using weights = quantizer<grid::symmetric<4>>;
#endif
};
using net = sequential<input<16>, dense<8>, relu, named<"head", dense<2>>>;

auto quantized(net::in<float32> const& engine) { return quantization_aware<own>(engine); }
