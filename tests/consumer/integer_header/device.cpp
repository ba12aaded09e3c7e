#include <dyadic/integer.hpp>

#include "../../golden/emitted.hpp"

#if __has_include(<boost/version.hpp>) || __has_include(<xsimd/xsimd.hpp>)
#error "a device sees no other library"
#endif

static_assert(!dyadic::self_check(small, small_reference));

/// 0 if the emitted network gives its reference codes.
int device();
int device() { return dyadic::self_check(small, small_reference) ? 1 : 0; }
