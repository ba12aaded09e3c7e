// expect: results of at most 48 bits
// lines: 18
#include "dyadic/fixed/math.hpp"

using wide = dyadic::fixed<64, 32>;

auto grown(wide x) {
#ifdef DYADIC_MISTAKE
  return dyadic::math::exp(x);
#else
  return dyadic::math::exp<dyadic::fixed<48, 24>>(x);
#endif
}
