// expect: the scheme is not for this network
// expect: unknown_layer<
// expect: "body"
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/train/calibrate.hpp>

using namespace dyadic;

struct int8 : scheme {};
#ifdef DYADIC_MISTAKE
using mixed_bits = with<int8, at<"body", weights<symmetric<4>>>>;
#else
using mixed_bits = with<int8, at<"head", weights<symmetric<4>>>>;
#endif
using net = sequential<input<16>, dense<8>, relu, named<"head", dense<2>>>;

auto quantized(net::in<float32> const& engine) { return quantization_aware<mixed_bits>(engine); }
