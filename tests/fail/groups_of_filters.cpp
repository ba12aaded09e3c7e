// expect: a layer cannot take the shape it is given
// expect: misfit<1,
// expect: conv2d<9
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
constexpr int filters = 9;
#else
constexpr int filters = 8;
#endif

struct int8 : scheme {};
using net = sequential<input<8, 8, 4>, conv2d<filters, window{.size = 3, .groups = 4}>, flatten, dense<4>>;

std::size_t bytes() { return sizeof(net::in<integer<int8>>); }
