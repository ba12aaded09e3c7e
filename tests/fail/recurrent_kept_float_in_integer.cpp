// expect: a layer is kept float; the network is in<mixed<Scheme>>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct int8 : scheme {};
using net = sequential<input<6, 3>, gru<5, kept_float>, dense<2>>;

#ifdef DYADIC_MISTAKE
using engine = net::in<integer<int8>>;
#else
using engine = net::in<mixed<int8>>;
#endif

std::size_t bytes() { return sizeof(engine); }
