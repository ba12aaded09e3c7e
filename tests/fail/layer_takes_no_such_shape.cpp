// expect: a layer cannot take the shape it is given
// expect: misfit<3,
// expect: dense<10>
// expect: shape<12, 12, 8>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
using net = sequential<input<28, 28, 1>, conv2d<8, window{.size = 5}>, max_pool<2>, dense<10>>;
#else
using net = sequential<input<28, 28, 1>, conv2d<8, window{.size = 5}>, max_pool<2>, flatten, dense<10>>;
#endif

net::in<float32> made() { return net::in<float32>{seed{1}}; }
