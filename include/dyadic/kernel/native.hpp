#pragma once

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/dot.hpp>
#include <dyadic/kernel/finish.hpp>

/// The overloads for the instruction sets that this translation unit's flags allow.
#if __has_include(<xsimd/xsimd.hpp>)
#if defined(__SSE2__)
#include <dyadic/kernel/arch/largest.hpp>
#include <dyadic/kernel/arch/sse2.hpp>
#endif
#if defined(__AVX2__)
#include <dyadic/kernel/arch/avx2.hpp>
#include <dyadic/kernel/arch/finish_one_rounding.hpp>
#include <dyadic/kernel/arch/finish_xnnpack_fp32.hpp>
#endif
#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__) && defined(__AVX512VNNI__)
#include <dyadic/kernel/arch/avx512_vnni.hpp>
#endif
#endif
