// expect: a layer cannot take the shape it is given
// expect: misfit<1,
// expect: max_pool<2
// expect: shape<8, 8, 1>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
constexpr padding border = padding::causal;
#else
constexpr padding border = padding::same;
#endif

struct int8 : scheme {};
using net = sequential<input<8, 8, 1>, max_pool<2, pooling{.padding = border}>, flatten, dense<4>>;

std::size_t bytes() { return sizeof(net::in<integer<int8>>); }
