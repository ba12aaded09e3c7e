// expect: a layer cannot take the shape it is given
// expect: misfit<2,
// expect: conv1d<12
// expect: shape<14, 8>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
constexpr int groups = 3;
#else
constexpr int groups = 4;
#endif

struct int8 : scheme {};
using net = sequential<input<16, 1>, conv1d<8, window{.size = 3}>,
                       conv1d<12, window{.size = 3, .groups = groups}>, batch_norm, relu, flatten, dense<4>>;

std::size_t bytes() { return sizeof(net::in<integer<int8>>); }
