// expect: a layer cannot take the shape it is given
// expect: misfit<1,
// expect: conv2d<4,
// expect: shape<200>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

constexpr window one{.size = 1};
#ifdef DYADIC_MISTAKE
using first = flatten;
#else
using first = relu;
#endif

using net =
    sequential<input<5, 5, 8>, residual<first, conv2d<4, one>, shortcut<conv2d<4, one>>>, flatten, dense<3>>;

auto made() { return net::in<float32>{seed{1}}; }
