// expect: per_group: for dense layers and for convolutions whose kernel rows have a multiple of four inputs
// expect: groups_have_no_place
// expect: depthwise_conv2d
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct grouped : scheme {
  using weights = symmetric<4, per_group<32>>;
};
#ifdef DYADIC_MISTAKE
using tuned = grouped;
#else
using tuned = with<grouped, of_kind<"depthwise_conv2d", weights<symmetric<4>>>>;
#endif
using net = sequential<input<8, 8, 4>, depthwise_conv2d<window{.size = 3}>, relu, flatten, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<tuned>>); }
