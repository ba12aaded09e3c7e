// expect: the branches of a layer give shapes that cannot meet
// expect: branches_differ<2,
// expect: residual<
// expect: shape<6, 6, 9>
// expect: shape<6, 6, 8>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

constexpr window same{.size = 3, .padding = padding::same};
#ifdef DYADIC_MISTAKE
constexpr int filters = 9;
#else
constexpr int filters = 8;
#endif

struct int8 : scheme {};
using net = sequential<input<6, 6, 3>, conv2d<8, same>, residual<conv2d<filters, same>, batch_norm>, relu>;

auto made() { return net::in<trainable<int8>>{seed{1}}; }
