// expect: this rescale policy puts gamma's sign into the weights: their grid must be symmetric
// expect: dyadic::grid::fixed_point<8, 7
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct own : scheme {
  using rescale = tflite_reference;
#ifdef DYADIC_MISTAKE
  using weights = fixed_point<8, 7>;
#else
  using weights = quantizer<grid::fixed_point<8, 7, grid::span::narrow>>;
#endif
};
using net = sequential<input<16>, dense<2>, batch_norm>;

std::size_t bytes() { return sizeof(net::in<integer<own>>); }
