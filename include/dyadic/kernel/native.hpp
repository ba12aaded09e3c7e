#pragma once

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/dot.hpp>
#include <dyadic/kernel/finish.hpp>

/// The overloads for the instruction sets that this translation unit's flags allow.
#if __has_include(<xsimd/xsimd.hpp>)
#if defined(__SSE2__)
#include <dyadic/kernel/arch/largest.hpp>
#include <dyadic/kernel/arch/sse2.hpp>
#include <dyadic/kernel/arch/words.hpp>
#endif
#if defined(__SSE4_1__) && defined(__SSSE3__)
#include <dyadic/kernel/arch/sse4_1.hpp>
#endif
#if defined(__AVX2__)
#include <dyadic/kernel/arch/avx2.hpp>
#include <dyadic/kernel/arch/finish_lanes.hpp>
#include <dyadic/kernel/arch/finish_one_rounding.hpp>
#include <dyadic/kernel/arch/finish_xnnpack_fp32.hpp>
#endif
#if defined(__AVX2__) && defined(__AVXVNNI__)
#include <dyadic/kernel/arch/avx_vnni.hpp>
#endif
#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#include <dyadic/kernel/arch/avx512.hpp>
#if defined(__AVX512VNNI__)
#include <dyadic/kernel/arch/avx512_vnni.hpp>
#endif
#endif
#if defined(__AVX2__)
#include <dyadic/kernel/arch/avx2_pairs.hpp>
#include <dyadic/kernel/arch/gathered_rows.hpp>
#endif
#if defined(__aarch64__) && defined(__ARM_NEON) && !defined(__ARM_BIG_ENDIAN)
#include <dyadic/kernel/arch/neon.hpp>
#include <dyadic/kernel/arch/neon_finish.hpp>
#include <dyadic/kernel/arch/neon_words.hpp>
#if defined(__ARM_FEATURE_DOTPROD)
#include <dyadic/kernel/arch/neon_dot.hpp>
#if defined(__ARM_FEATURE_MATMUL_INT8)
#include <dyadic/kernel/arch/neon_i8mm.hpp>
#endif
#endif
#endif
#endif
#if defined(__wasm_simd128__)
#include <dyadic/kernel/arch/wasm_finish.hpp>
#include <dyadic/kernel/arch/wasm_simd128.hpp>
#include <dyadic/kernel/arch/wasm_words.hpp>
#endif

namespace dyadic::kernel {

// What has no kernel in dyadic::kernels.
template <> struct dot_product<dispatched> : dot_product<native> {};
template <int StorageBits>
struct weighted_dot_product<dispatched, StorageBits> : weighted_dot_product<native, StorageBits> {};
template <int StorageBits>
struct row_dot_product<dispatched, StorageBits> : row_dot_product<native, StorageBits> {};
template <> struct matrix_product<dispatched> : matrix_product<native> {};
template <> struct word_units<dispatched> : word_units<native> {};
template <> inline constexpr tile_limits tile_rows<dispatched> = tile_rows<native>;

}  // namespace dyadic::kernel
