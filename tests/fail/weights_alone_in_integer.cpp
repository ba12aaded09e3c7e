// expect: integer<Scheme>: a layer is kept float; the network is in<mixed<Scheme>>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/quantize/presets.hpp>

using namespace dyadic;

using net = sequential<input<16>, dense<2>>;
#ifdef DYADIC_MISTAKE
using engine = net::in<integer<presets::weight_only<4, 32>>>;
#else
using engine = net::in<mixed<presets::weight_only<4, 32>>>;
#endif

std::size_t bytes() { return sizeof(engine); }
