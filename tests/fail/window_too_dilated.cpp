// expect: a layer cannot take the shape it is given
// expect: misfit<1,
// expect: depthwise_conv1d<
// expect: shape<8, 2>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
constexpr int dilation = 4;
#else
constexpr int dilation = 3;
#endif

struct int8 : scheme {};
using net =
    sequential<input<8, 2>, depthwise_conv1d<window{.size = 3, .dilation = dilation}>, flatten, dense<4>>;

std::size_t bytes() { return sizeof(net::in<integer<int8>>); }
