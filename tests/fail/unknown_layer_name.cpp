// expect: no layer of the network has that name
// expect: "hed"
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

struct int8 : scheme {};
#ifdef DYADIC_MISTAKE
using mixed_bits = with<int8, at<"hed", weights<symmetric<4>>>>;
#else
using mixed_bits = with<int8, at<"head", weights<symmetric<4>>>>;
#endif
using net = sequential<input<16>, dense<8>, relu, named<"head", dense<2>>>;

auto made() { return net::in<trainable<mixed_bits>>{seed{1}}; }
