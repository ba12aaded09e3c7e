#if __has_include(<xsimd/xsimd.hpp>)
#error "this consumer must not see xsimd"
#endif
#include "../consumer.cpp"
