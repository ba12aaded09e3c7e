#pragma once

/// Before a loop over the registers of a tile: written out, so that they are registers.
#if defined(__clang__)
#define DYADIC_UNROLL _Pragma("unroll")
#else
#define DYADIC_UNROLL _Pragma("GCC unroll 16")
#endif
