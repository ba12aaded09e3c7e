// expect: write divide<Destination>(a, b)
// lines: 10
#include "dyadic/fixed/divide.hpp"

using q4 = dyadic::fixed<8, 4>;

q4 half(q4 x) {
#ifdef DYADIC_MISTAKE
  return x / q4{2};
#else
  return dyadic::divide<q4>(x, q4{2});
#endif
}
