// expect: write to<Destination>(value)
// lines: 10
#include "dyadic/fixed/fixed.hpp"

using q4 = dyadic::fixed<8, 4>;

q4 square(q4 x) {
#ifdef DYADIC_MISTAKE
  return x * x;
#else
  return dyadic::to<q4>(x * x);
#endif
}
