// expect: words are weights<...>, activations<...>, outputs<...>, rescale<...> and kept_float
// expect: not_a_word<dyadic::quantizer<dyadic::grid::symmetric<4
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct int8 : scheme {};
#ifdef DYADIC_MISTAKE
using net = sequential<input<16>, residual<dense<16, symmetric<4>>>, dense<2>>;
#else
using net = sequential<input<16>, residual<dense<16, weights<symmetric<4>>>>, dense<2>>;
#endif

std::size_t bytes() { return sizeof(net::in<integer<int8>>); }
