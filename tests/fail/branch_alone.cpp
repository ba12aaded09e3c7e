// expect: a layer cannot take the shape it is given
// expect: misfit<1,
// expect: branch<
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

constexpr window one{.size = 1};
#ifdef DYADIC_MISTAKE
using first = branch<conv2d<4, one>>;
#else
using first = conv2d<4, one>;
#endif

struct int8 : scheme {};
using net = sequential<input<6, 6, 3>, first, relu>;

auto made() { return net::in<trainable<int8>>{seed{1}}; }
