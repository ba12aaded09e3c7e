// expect: weights_alone, ranges_at_run_time: for dense layers and convolutions; say kept_float for this layer
// expect: gru_1
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/quantize/presets.hpp>

using namespace dyadic;

using net = sequential<input<5, 3>, gru<4>, dense<2>>;
#ifdef DYADIC_MISTAKE
using scheme_of_net = presets::weight_only<4, 32>;
#else
using scheme_of_net = with<presets::weight_only<4, 32>, of_kind<"gru", kept_float>>;
#endif

std::size_t bytes() { return sizeof(net::in<mixed<scheme_of_net>>); }
