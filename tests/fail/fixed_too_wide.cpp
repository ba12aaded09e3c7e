// expect: the exact product is wider than 64 bits: narrow an operand with to<>
// lines: 10
#include "dyadic/fixed/fixed.hpp"

using wide = dyadic::fixed<40, 20>;

auto product(wide x, wide y) {
#ifdef DYADIC_MISTAKE
  return x * y;
#else
  return dyadic::to<dyadic::fixed<24, 10>>(x) * y;
#endif
}
