#pragma once

#include <algorithm>
#include <ctime>

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
    asm("" : "+x"(factor));  // the product is not the same every time
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
    asm("" : "+x"(factor));
    return _mm_add_epi32(sum, _mm_madd_epi16(factor, factor));
  }
};
#else
using dot_step = float_step;
#endif

/// Runs `steps` steps of each chain; a step of all is chains * Step::multiply_adds.
template <class Step> [[gnu::noinline]] void run_chains(int steps) {
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
  for (int c = 0; c < chains; ++c) asm volatile("" : : "m"(sums[c]));
}

/// Multiply-adds a second. The clock is this process's own: what neighbours take does not count.
template <class Step> double peak() {
  static double const most = [] {
    constexpr int steps = 500'000;
    double best = 0;
    for (int round = 0; round < 20; ++round) {
      std::clock_t const begin = std::clock();
      run_chains<Step>(steps);
      double const taken = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
      if (taken > 0) best = std::max(best, double{chains} * Step::multiply_adds * steps / taken);
    }
    return best;
  }();
  return most;
}

}  // namespace benched
