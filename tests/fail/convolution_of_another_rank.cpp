// expect: a layer cannot take the shape it is given
// expect: misfit<2,
// expect: conv_transpose2d<4
// expect: shape<12, 8>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

constexpr window twice{.size = 3, .stride = 2, .padding = padding::same};
#ifdef DYADIC_MISTAKE
using wider = conv_transpose2d<4, twice>;
#else
using wider = conv_transpose1d<4, twice>;
#endif

struct int8 : scheme {};
using net = sequential<input<12, 3>, conv1d<8, window{}>, wider, flatten, dense<4>>;

std::size_t bytes() { return sizeof(net::in<integer<int8>>); }
