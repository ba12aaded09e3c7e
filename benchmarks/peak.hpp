#pragma once

#include <algorithm>
#include <chrono>

#include "dyadic/kernel/native.hpp"

/// What this core's instructions can do with everything in registers: as many independent chains as hide the
/// latency of one step.
namespace benched {

#if defined(__AVX512F__)
inline constexpr int vector_bytes = 64, chains = 16;
#elif defined(__AVX__)
inline constexpr int vector_bytes = 32, chains = 12;
#else
inline constexpr int vector_bytes = 16, chains = 12;
#endif

/// The float32 multiply-add.
struct float_step {
  typedef float vector [[gnu::vector_size(vector_bytes)]];
  static constexpr int multiply_adds = vector_bytes / 4;
  static vector start() { return vector{} + 1.0F; }
  static vector next(vector sum) { return sum * 0.5F + 1.0F; }
};

/// The integer dot product that exact kernels are made of.
#if defined(__AVX512VNNI__)
struct dot_step {
  using vector = __m512i;
  static constexpr int multiply_adds = 64;
  static vector start() { return _mm512_set1_epi8(1); }
  static vector next(vector sum) { return _mm512_dpbusd_epi32(sum, start(), start()); }
};
#elif defined(__AVX2__)
struct dot_step {
  using vector = __m256i;
  static constexpr int multiply_adds = 16;
  static vector start() { return _mm256_set1_epi16(1); }
  static vector next(vector sum) {
    vector factor = start();
    asm volatile("" : "+x"(factor));  // the product is not the same every time
    return _mm256_add_epi32(sum, _mm256_madd_epi16(factor, factor));
  }
};
#elif defined(__SSE2__)
struct dot_step {
  using vector = __m128i;
  static constexpr int multiply_adds = 8;
  static vector start() { return _mm_set1_epi16(1); }
  static vector next(vector sum) {
    vector factor = start();
    asm volatile("" : "+x"(factor));
    return _mm_add_epi32(sum, _mm_madd_epi16(factor, factor));
  }
};
#else
using dot_step = float_step;
#endif

/// Runs `steps` steps of each chain; a step of all is chains * Step::multiply_adds.
template <class Step> [[gnu::noinline]] typename Step::vector run_chains(int steps) {
  typename Step::vector sums[chains];
#pragma GCC unroll 16
  for (int c = 0; c < chains; ++c) sums[c] = Step::start();
  for (int i = 0; i < steps; ++i) {
#pragma GCC unroll 16
    for (int c = 0; c < chains; ++c) {
      sums[c] = Step::next(sums[c]);
#if defined(__x86_64__)
      asm("" : "+v"(sums[c]));
#endif
    }
  }
#pragma GCC unroll 16
  for (int c = 1; c < chains; ++c) sums[0] += sums[c];
  return sums[0];
}

/// Nanoseconds of one multiply-add, once measured.
template <class Step> double peak_nanoseconds() {
  constexpr int steps = 20'000;
  using clock = std::chrono::steady_clock;
  auto const begin = clock::now();
  typename Step::vector volatile sink = run_chains<Step>(steps);
  static_cast<void>(sink);
  double const taken = std::chrono::duration<double, std::nano>(clock::now() - begin).count();
  return taken / (double{chains} * Step::multiply_adds * steps);
}

/// Multiply-adds a second, at best.
template <class Step> double peak() {
  static double const most = [] {
    double fastest = peak_nanoseconds<Step>();
    for (int round = 0; round < 200; ++round) fastest = std::min(fastest, peak_nanoseconds<Step>());
    return 1e9 / fastest;
  }();
  return most;
}

}  // namespace benched
