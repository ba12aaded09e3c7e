#include <dyadic/integer.hpp>

#if __has_include(<boost/version.hpp>) || __has_include(<xsimd/xsimd.hpp>)
#error "a device sees no other library"
#endif

int device();
int device() { return 0; }
