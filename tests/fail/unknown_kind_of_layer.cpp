// expect: no layer of the network is of that kind
// expect: "conv2d"
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct int8 : scheme {};
#ifdef DYADIC_MISTAKE
using mixed_bits = with<int8, of_kind<"conv2d", weights<symmetric<4>>>>;
#else
using mixed_bits = with<int8, of_kind<"dense", weights<symmetric<4>>>>;
#endif
using net = sequential<input<16>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<mixed_bits>>); }
