#pragma once

#include <cstddef>

#include <dyadic/kernel/arch.hpp>

#if __has_include(<xsimd/xsimd.hpp>)
#include <dyadic/kernel/arch/xsimd.hpp>
#ifndef XSIMD_NO_SUPPORTED_ARCHITECTURE
#define DYADIC_XSIMD 1
#endif
#endif

/// The vector of floats of an instruction set: xsimd's batch, or a plain array where there is none.
namespace dyadic::kernel {

/// Four floats with the part of xsimd's batch that the float kernels use, for any compiler.
struct float_array {
  static constexpr std::size_t size = 4;
#ifdef __GNUC__
  typedef float register_type __attribute__((vector_size(16)));
#else
  using register_type = float[size];
#endif
  register_type lane;

  float_array() = default;
  float_array(float value) noexcept {
    for (std::size_t i = 0; i < size; ++i) lane[i] = value;
  }
  static float_array load_unaligned(float const* from) noexcept {
    float_array result;
    for (std::size_t i = 0; i < size; ++i) result.lane[i] = from[i];
    return result;
  }
  void store_unaligned(float* to) const noexcept {
    for (std::size_t i = 0; i < size; ++i) to[i] = lane[i];
  }
};

namespace float_detail {

template <class Operation>
float_array combine(float_array const& a, float_array const& b, Operation operation) noexcept {
  float_array result;
#ifdef __GNUC__
  result.lane = operation(a.lane, b.lane);
#else
  for (std::size_t i = 0; i < float_array::size; ++i) result.lane[i] = operation(a.lane[i], b.lane[i]);
#endif
  return result;
}

}  // namespace float_detail

inline float_array operator+(float_array const& a, float_array const& b) noexcept {
  return float_detail::combine(a, b, [](auto x, auto y) { return x + y; });
}
inline float_array operator-(float_array const& a, float_array const& b) noexcept {
  return float_detail::combine(a, b, [](auto x, auto y) { return x - y; });
}
inline float_array operator*(float_array const& a, float_array const& b) noexcept {
  return float_detail::combine(a, b, [](auto x, auto y) { return x * y; });
}

template <class Arch> struct float_batch_of {
  using type = float_array;
};
#ifdef DYADIC_XSIMD
#if XSIMD_WITH_SSE2
template <> struct float_batch_of<sse2> {
  using type = xsimd::batch<float, xsimd::sse2>;
};
#endif
template <> struct float_batch_of<sse4_1> : float_batch_of<sse2> {};
#if XSIMD_WITH_FMA3_AVX2
template <> struct float_batch_of<avx2> {
  using type = xsimd::batch<float, xsimd::fma3<xsimd::avx2>>;
};
#elif XSIMD_WITH_AVX2
template <> struct float_batch_of<avx2> {
  using type = xsimd::batch<float, xsimd::avx2>;
};
#endif
template <> struct float_batch_of<avx_vnni> : float_batch_of<avx2> {};
#if XSIMD_WITH_AVX512BW
template <> struct float_batch_of<avx512> {
  using type = xsimd::batch<float, xsimd::avx512bw>;
};
template <> struct float_batch_of<avx512_vnni> : float_batch_of<avx512> {};
#endif
#if XSIMD_WITH_NEON64
template <> struct float_batch_of<neon> {
  using type = xsimd::batch<float, xsimd::neon64>;
};
template <> struct float_batch_of<neon_dot> : float_batch_of<neon> {};
template <> struct float_batch_of<neon_i8mm> : float_batch_of<neon> {};
#endif
#endif

template <> struct float_batch_of<dispatched> : float_batch_of<native> {};

/// The vector type that the float kernels of `Arch` compute with.
template <class Arch> using float_batch = typename float_batch_of<Arch>::type;

/// How many vectors stand in registers at once: x86-64 has 16 of them, AVX-512 has 32.
template <class Batch> inline constexpr int vector_registers = Batch::size == 16 ? 32 : 16;

/// a * b + c, fused where the instruction set can.
template <class Batch> Batch multiply_add(Batch const& a, Batch const& b, Batch const& c) noexcept {
  return a * b + c;
}
#ifdef DYADIC_XSIMD
#if XSIMD_WITH_FMA3_AVX2
inline auto multiply_add(float_batch<avx2> const& a, float_batch<avx2> const& b,
                         float_batch<avx2> const& c) noexcept {
  return xsimd::fma(a, b, c);
}
#endif
#if XSIMD_WITH_AVX512BW
// xsimd 8 has no fused form for AVX-512.
inline float_batch<avx512> multiply_add(float_batch<avx512> const& a, float_batch<avx512> const& b,
                                        float_batch<avx512> const& c) noexcept {
  return _mm512_fmadd_ps(a, b, c);
}
#endif
#if XSIMD_WITH_NEON64
inline float_batch<neon> multiply_add(float_batch<neon> const& a, float_batch<neon> const& b,
                                      float_batch<neon> const& c) noexcept {
  return vfmaq_f32(c, a, b);
}
#endif
#endif

/// Where a < b: the elements of `yes`, elsewhere those of `no`.
inline float_array select_less(float_array const& a, float_array const& b, float_array const& yes,
                               float_array const& no) noexcept {
  float_array result;
  for (std::size_t i = 0; i < float_array::size; ++i)
    result.lane[i] = a.lane[i] < b.lane[i] ? yes.lane[i] : no.lane[i];
  return result;
}
#ifdef DYADIC_XSIMD
template <class Set>
xsimd::batch<float, Set> select_less(xsimd::batch<float, Set> const& a, xsimd::batch<float, Set> const& b,
                                     xsimd::batch<float, Set> const& yes,
                                     xsimd::batch<float, Set> const& no) noexcept {
  return xsimd::select(a < b, yes, no);
}
#endif

/// Tells g++ to keep an accumulator in its register across a loop: g++ 12 otherwise splits its life over the
/// back edge and moves it twice an iteration.
template <class Batch> void stay_in_register([[maybe_unused]] Batch& value) noexcept {
#if defined(DYADIC_XSIMD) && defined(__GNUC__) && !defined(__clang__) && defined(__SSE2__)
  if constexpr (requires { value.data; }) asm("" : "+v"(value.data));
#endif
}

}  // namespace dyadic::kernel

#undef DYADIC_XSIMD
