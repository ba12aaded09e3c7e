// expect: this network cannot go step by step
// expect: not_causal<
// expect: conv1d<4,
// expect: shape<9, 3>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/streaming.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
constexpr padding border = padding::same;
#else
constexpr padding border = padding::causal;
#endif
using net = sequential<input<9, 3>, conv1d<4, window{.size = 3, .padding = border}>, gru<5>>;
using engine = integer_engine<net, scheme>;

stream<engine> made(engine const& weights) { return stream<engine>{weights}; }
