// expect: stochastic rounding takes a source of randomness: to<Destination>(value, source)
// lines: 10
#include "dyadic/fixed/fixed.hpp"

using noisy = dyadic::fixed<8, 4, dyadic::rounding::stochastic>;

#ifdef DYADIC_MISTAKE
noisy halved(dyadic::fixed<8, 5> x) { return dyadic::to<noisy>(x); }
#else
template <class Source> noisy halved(dyadic::fixed<8, 5> x, Source& source) {
  return dyadic::to<noisy>(x, source);
}
#endif
