// expect: wrap_sign_magnitude is for signed formats
// lines: 20
#include "dyadic/fixed/fixed.hpp"

using namespace dyadic;

#ifdef DYADIC_MISTAKE
using code = unsigned_fixed<8, 4, rounding::floor, overflow::wrap_sign_magnitude<>>;
#else
using code = fixed<8, 4, rounding::floor, overflow::wrap_sign_magnitude<>>;
#endif

code encode(double x) { return to<code>(x); }
