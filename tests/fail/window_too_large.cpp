// expect: a layer cannot take the shape it is given
// expect: misfit<3,
// expect: max_pool<3
// expect: shape<2, 2, 8>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
constexpr int size = 3;
#else
constexpr int size = 2;
#endif

struct int8 : scheme {};
using net = sequential<input<8, 8, 1>, conv2d<8, window{.size = 5}>, max_pool<2>, max_pool<size>, batch_norm,
                       flatten, dense<4>>;

std::size_t bytes() { return sizeof(net::in<integer<int8>>); }
