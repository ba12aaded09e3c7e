// expect: the branches of a layer give shapes that cannot meet
// expect: branches_differ<1,
// expect: concat<
// expect: shape<6, 6, 4>
// expect: shape<3, 3, 3>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
using pooled = branch<max_pool<2>>;
#else
using pooled = branch<max_pool<2, pooling{.stride = 1, .padding = padding::same}>>;
#endif

struct int8 : scheme {};
using net = sequential<input<6, 6, 3>, concat<branch<conv2d<4, window{.size = 1}>>, pooled>, relu>;

auto made() { return net::in<trainable<int8>>{seed{1}}; }
