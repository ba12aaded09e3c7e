#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch.hpp>

namespace dyadic::kernel {

/// The bytes of the vectors that a kernel in the compiler's own vector types uses for `Arch`.
template <instruction_set Arch>
inline constexpr std::size_t vector_bytes = std::derived_from<Arch, avx512> ? 64
                                            : std::derived_from<Arch, avx2> ? 32
                                                                            : 16;

/// As many 32-bit lanes as `Bytes` hold, in the compiler's vector types: any compiler and processor has them.
template <std::size_t Bytes> struct compiler_lanes {
  static constexpr std::size_t count = Bytes / 4;
  typedef float reals __attribute__((vector_size(Bytes)));
  typedef std::int32_t integers __attribute__((vector_size(Bytes)));

  /// Stores `count` integers that the element type holds.
  template <class Element> static void store(integers const& from, Element* to) noexcept {
    typedef Element elements __attribute__((vector_size(count * sizeof(Element))));
    auto const narrow = __builtin_convertvector(from, elements);
    __builtin_memcpy(to, &narrow, sizeof narrow);
  }
  /// Holds `value` in [low, high].
  static void clamp(integers& value, std::int32_t low, std::int32_t high) noexcept {
    integers const least = integers{} + low, most = integers{} + high;
    value = value < least ? least : value;
    value = value > most ? most : value;
  }
};

}  // namespace dyadic::kernel
