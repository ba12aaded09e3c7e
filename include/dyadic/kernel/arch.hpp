#pragma once

#include <concepts>

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
struct avx2 : sse2 {
  static constexpr auto name = fixed_string{"avx2"};
};
/// AVX-512 with the F, BW, DQ and VL parts.
struct avx512 : avx2 {
  static constexpr auto name = fixed_string{"avx512"};
};
/// AVX-512 with the int8 dot product.
struct avx512_vnni : avx512 {
  static constexpr auto name = fixed_string{"avx512_vnni"};
};
/// 64-bit ARM. No kernel of its own yet.
struct neon : portable {
  static constexpr auto name = fixed_string{"neon"};
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
#if defined(__AVX2__)
avx2 expressible(avx2);
#endif
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
avx512 expressible(avx512);
#if defined(__AVX512VNNI__)
avx512_vnni expressible(avx512_vnni);
#endif
#endif
#endif
}  // namespace detail

/// `Arch` itself, or its nearest base that the flags of this translation unit (and xsimd's presence) allow.
template <instruction_set Arch> using nearest = decltype(detail::expressible(Arch{}));

/// Can this translation unit hold kernels for `Arch`? Kernels are constrained by it.
template <class Arch>
concept compiled = instruction_set<Arch> && std::same_as<nearest<Arch>, Arch>;

/// The best instruction set for the flags of this translation unit.
using native = nearest<avx512_vnni>;

/// Can the processor that runs this execute `Arch`?
template <instruction_set Arch> bool available() noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
  if constexpr (std::same_as<Arch, neon>) return false;
  if constexpr (std::derived_from<Arch, avx2>)
    if (!__builtin_cpu_supports("avx2")) return false;
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
