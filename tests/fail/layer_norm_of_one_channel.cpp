// expect: a layer cannot take the shape it is given
// expect: misfit<2,
// expect: shape<1>
// lines: 10
#include <dyadic/layer/dense.hpp>
#include <dyadic/layer/layer_norm.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
using net = sequential<input<4>, dense<1>, layer_norm>;
#else
using net = sequential<input<4>, dense<2>, layer_norm>;
#endif

net::in<float32> made() { return net::in<float32>{seed{1}}; }
