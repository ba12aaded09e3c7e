#include <dyadic/integer.hpp>

#if __has_include(<boost/version.hpp>) || __has_include(<xsimd/xsimd.hpp>)
#error "this consumer must not see another library"
#endif

int main() { return 0; }
