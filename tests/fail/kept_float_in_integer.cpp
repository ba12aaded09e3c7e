// expect: a layer is kept float; the network is in<mixed<Scheme>>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct int8 : scheme {};
using head_float = with<int8, at<"head", kept_float>>;
using net = sequential<input<16>, dense<8>, relu, named<"head", dense<2>>>;

#ifdef DYADIC_MISTAKE
using engine = net::in<integer<head_float>>;
#else
using engine = net::in<mixed<head_float>>;
#endif

std::size_t bytes() { return sizeof(engine); }
