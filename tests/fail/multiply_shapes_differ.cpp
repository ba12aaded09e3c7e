// expect: the branches of a layer give shapes that cannot meet
// expect: branches_differ<1,
// expect: multiply<
// expect: shape<6, 6, 8>
// expect: shape<4>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
constexpr int gates = 4;
#else
constexpr int gates = 8;
#endif

struct int8 : scheme {};
using net = sequential<input<6, 6, 8>, multiply<identity, branch<global_average_pool, dense<gates>, relu6>>>;

auto made() { return net::in<trainable<int8>>{seed{1}}; }
