// expect: write format{0.1}, which rounds
// lines: 14
#include "dyadic/fixed/literals.hpp"

using namespace dyadic;

fixed<8, 4> tenth() {
#ifdef DYADIC_MISTAKE
  return 0.1_fixed;
#else
  return fixed<8, 4>{0.1};
#endif
}
