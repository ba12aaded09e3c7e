// expect: one of its types is not a layer
// expect: not_a_layer<2, what>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
struct what {};
#else
using what = relu;
#endif

using net = sequential<input<16>, dense<8>, what, dense<2>>;
auto made() { return net::in<float32>{seed{1}}; }
