// expect: rescale takes a policy, such as multiplier<31, rounding::half_up>
// expect: not_a_rescale_policy<dyadic::rounding::half_up>
// lines: 10
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/sequential.hpp>

using namespace dyadic;

struct own : scheme {
#ifdef DYADIC_MISTAKE
  using rescale = rounding::half_up;
#else
  using rescale = multiplier<31, rounding::half_up>;
#endif
};
using net = sequential<input<16>, dense<2>>;

std::size_t bytes() { return sizeof(net::in<integer<own>>); }
