// expect: branches that meet all end in codes or all in float
// expect: branches_end_differently<
// expect: "add_1"
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

constexpr window one{.size = 1};
#ifdef DYADIC_MISTAKE
using second = branch<conv2d<4, one, kept_float>>;
#else
using second = branch<conv2d<4, one>>;
#endif

struct int8 : scheme {};
using net = sequential<input<6, 6, 3>, add<branch<conv2d<4, one>>, second>, relu>;

auto made() { return net::in<trainable<int8>>{seed{1}}; }
