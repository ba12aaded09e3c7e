// expect: the bits or another parameter are out of bounds
// expect: dyadic::grid::fixed_point<33, 27
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/quantize/presets.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
using as_hls4ml = presets::hls4ml<33, 6>;
#else
using as_hls4ml = presets::hls4ml<16, 6>;
#endif
using net = sequential<input<16>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<as_hls4ml>>); }
