// expect: a layer cannot take the shape it is given
// expect: misfit<1,
// expect: reshape<
// expect: shape<6, 6, 2>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
using other = reshape<6, 6, 3>;
#else
using other = reshape<6, 12>;
#endif

struct int8 : scheme {};
using net = sequential<input<6, 6, 2>, other, flatten, dense<3>>;

auto made() { return net::in<trainable<int8>>{seed{1}}; }
