// expect: a layer cannot take the shape it is given
// expect: misfit<2,
// expect: shape<1>
// lines: 10
#include <dyadic/layer/dense.hpp>
#include <dyadic/layer/softmax.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
using net = sequential<input<4>, dense<1>, softmax>;
#else
using net = sequential<input<4>, dense<2>, softmax>;
#endif

net::in<float32> made() { return net::in<float32>{seed{1}}; }
