// expect: embedding<Count, Width> takes indices
// expect: not_indices<
// expect: "embedding_1"
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>
#include <dyadic/network/trainable.hpp>

using namespace dyadic;

#ifdef DYADIC_MISTAKE
using words = input<6>;
#else
using words = index_input<shape<6>, 50>;
#endif

struct int8 : scheme {};
using net = sequential<words, embedding<50, 4>, flatten, dense<3>>;

auto made() { return net::in<trainable<int8>>{seed{1}}; }
