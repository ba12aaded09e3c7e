#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include <dyadic/core/name.hpp>

/// Instruction sets as tags that inherit: a kernel that has no overload for a tag is the one of its nearest
/// base. This header includes no intrinsics and no xsimd.
namespace dyadic::kernel {

/// Plain loops, usable in constant expressions: what every other kernel must equal on every bit.
struct reference {
  static constexpr auto name = fixed_string{"reference"};
};
/// Loops that any compiler and processor can run, written for speed.
struct portable : reference {
  static constexpr auto name = fixed_string{"portable"};
};
/// x86-64 as it was born.
struct sse2 : portable {
  static constexpr auto name = fixed_string{"sse2"};
};
/// As far as SSE4.1, with SSSE3's byte shuffles.
struct sse4_1 : sse2 {
  static constexpr auto name = fixed_string{"sse4_1"};
};
struct avx2 : sse4_1 {
  static constexpr auto name = fixed_string{"avx2"};
};
/// AVX2 for operands that prove that two products of a code + Offset, as an unsigned byte, with weights fit
/// in 16 bits: vpmaddubsw then never saturates. See `for_operands`.
template <std::int32_t Offset> struct avx2_pairs : avx2 {
  static constexpr auto name = fixed_string{"avx2_pairs"};
};
/// AVX2 with the int8 dot product.
struct avx_vnni : avx2 {
  static constexpr auto name = fixed_string{"avx_vnni"};
};
/// AVX-512 with the F, BW, DQ and VL parts.
struct avx512 : avx2 {
  static constexpr auto name = fixed_string{"avx512"};
};
/// AVX-512 with the int8 dot product.
struct avx512_vnni : avx512 {
  static constexpr auto name = fixed_string{"avx512_vnni"};
};
/// 64-bit Arm as it was born.
struct neon : portable {
  static constexpr auto name = fixed_string{"neon"};
};
/// NEON with the int8 dot product of Armv8.2.
struct neon_dot : neon {
  static constexpr auto name = fixed_string{"neon_dot"};
};
/// With the matrix multiplication of int8 too, of Armv8.6.
struct neon_i8mm : neon_dot {
  static constexpr auto name = fixed_string{"neon_i8mm"};
};
/// WebAssembly with its vectors of 128 bits.
struct wasm_simd128 : portable {
  static constexpr auto name = fixed_string{"wasm_simd128"};
};

template <class Arch>
concept instruction_set = std::derived_from<Arch, reference>;

namespace detail {
// Overload resolution finds the nearest base that these compile flags can express.
reference expressible(reference);
portable expressible(portable);
#if __has_include(<xsimd/xsimd.hpp>)
#if defined(__SSE2__)
sse2 expressible(sse2);
#endif
#if defined(__SSE4_1__) && defined(__SSSE3__)
sse4_1 expressible(sse4_1);
#endif
#if defined(__AVX2__)
avx2 expressible(avx2);
template <std::int32_t Offset> avx2_pairs<Offset> expressible(avx2_pairs<Offset>);
#if defined(__AVXVNNI__)
avx_vnni expressible(avx_vnni);
#endif
#endif
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
avx512 expressible(avx512);
#if defined(__AVX512VNNI__)
avx512_vnni expressible(avx512_vnni);
#endif
#endif
#if defined(__aarch64__) && defined(__ARM_NEON) && !defined(__ARM_BIG_ENDIAN)
neon expressible(neon);
#if defined(__ARM_FEATURE_DOTPROD)
neon_dot expressible(neon_dot);
#if defined(__ARM_FEATURE_MATMUL_INT8)
neon_i8mm expressible(neon_i8mm);
#endif
#endif
#endif
#endif
#if defined(__wasm_simd128__)
wasm_simd128 expressible(wasm_simd128);
#endif
}  // namespace detail

/// `Arch` itself, or its nearest base that the flags of this translation unit (and xsimd's presence) allow.
template <instruction_set Arch> using nearest = decltype(detail::expressible(Arch{}));

struct dispatched;

/// Can this translation unit hold kernels for `Arch`? Kernels are constrained by it.
template <class Arch>
concept compiled =
    instruction_set<Arch> && (std::same_as<nearest<Arch>, Arch> || std::same_as<Arch, dispatched>);

namespace detail {
template <class Arch, class... Others> constexpr auto first_compiled() noexcept {
  if constexpr (compiled<Arch>)
    return Arch{};
  else
    return first_compiled<Others...>();
}
}  // namespace detail

/// The best instruction set for the flags of this translation unit.
using native = decltype(detail::first_compiled<avx512_vnni, avx_vnni, avx512, avx2, sse4_1, sse2, neon_i8mm,
                                               neon_dot, neon, wasm_simd128, portable>());

/// The least and the largest of a matmul's codes and weights.
struct operand_bounds {
  int low_code, high_code, low_weight, high_weight;
};
/// `Arch`, or where such operands allow it faster instructions, `Arch` with these. One side of 7 bits does,
/// on AVX2: 2 * 255 * 64 and 2 * 127 * 128 are below 2^15. (Weights of 4 bits have these instructions
/// anyway.)
template <class Arch, operand_bounds Operands>
using for_operands = std::conditional_t<
    !std::same_as<Arch, avx2> || (Operands.low_weight >= -8 && Operands.high_weight <= 7), Arch,
    std::conditional_t<
        Operands.low_weight >= -64 && Operands.high_weight <= 64, avx2_pairs<128>,
        std::conditional_t<Operands.low_code >= -64 && Operands.high_code <= 63, avx2_pairs<64>, Arch>>>;

/// The best instruction set of the processor that runs, whatever the flags: the kernels of <dyadic/kernel/
/// dispatched.hpp>, from the target dyadic::kernels. What has no kernel there runs as `native`.
struct dispatched : native {
  static constexpr auto name = fixed_string{"dispatched"};
};

namespace detail {

/// __builtin_cpu_supports has no name for it in every compiler.
inline bool has_avx_vnni() noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  unsigned leaf = 0, subleaf = 0, b, d;
  asm("cpuid" : "+a"(leaf), "=b"(b), "+c"(subleaf), "=d"(d));
  if (leaf < 7) return false;
  leaf = 7, subleaf = 1;
  asm("cpuid" : "+a"(leaf), "=b"(b), "+c"(subleaf), "=d"(d));
  return (leaf >> 4 & 1U) != 0;
#else
  return false;
#endif
}

}  // namespace detail

/// Can the processor that runs this execute `Arch`?
template <instruction_set Arch> bool available() noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  if constexpr (std::derived_from<Arch, neon> || std::derived_from<Arch, wasm_simd128>) return false;
  if constexpr (std::derived_from<Arch, sse4_1>)
    if (!__builtin_cpu_supports("sse4.1") || !__builtin_cpu_supports("ssse3")) return false;
  if constexpr (std::derived_from<Arch, avx2>)
    if (!__builtin_cpu_supports("avx2")) return false;
  if constexpr (std::derived_from<Arch, avx_vnni>)
    if (!detail::has_avx_vnni()) return false;
  if constexpr (std::derived_from<Arch, avx512>)
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
      return false;
  if constexpr (std::derived_from<Arch, avx512_vnni>)
    if (!__builtin_cpu_supports("avx512vnni")) return false;
  return true;
#else
  return std::same_as<Arch, nearest<Arch>>;
#endif
}

}  // namespace dyadic::kernel
