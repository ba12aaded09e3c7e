#pragma once

#include <algorithm>
#include <ctime>

namespace benched {

#if defined(__AVX512F__)
inline constexpr int vector_bytes = 64, chains = 16;
#elif defined(__AVX__)
inline constexpr int vector_bytes = 32, chains = 12;
#else
inline constexpr int vector_bytes = 16, chains = 12;
#endif
typedef float float_vector [[gnu::vector_size(vector_bytes)]];

/// As many independent chains of multiply-adds as hide the latency of one, kept in registers.
[[gnu::noinline]] inline float_vector run_chains(int steps) {
  float_vector sums[chains];
  float_vector const factor = float_vector{} + 0.5F, term = float_vector{} + 1.0F;
#pragma GCC unroll 16
  for (int c = 0; c < chains; ++c) sums[c] = term;
  for (int i = 0; i < steps; ++i) {
#pragma GCC unroll 16
    for (int c = 0; c < chains; ++c) {
      sums[c] = sums[c] * factor + term;
#if defined(__x86_64__)
      asm("" : "+v"(sums[c]));
#endif
    }
  }
#pragma GCC unroll 16
  for (int c = 1; c < chains; ++c) sums[0] += sums[c];
  return sums[0];
}

/// Fused multiply-adds a second that this core can do in float32 with the widest vectors that the flags
/// allow. The clock is this process's own: what neighbours take does not count.
inline double fma_peak() {
  static double const peak = [] {
    constexpr int steps = 500'000;
    double best = 0;
    for (int round = 0; round < 20; ++round) {
      std::clock_t const begin = std::clock();
      float_vector volatile sink = run_chains(steps);
      static_cast<void>(sink);
      double const taken = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
      if (taken > 0) best = std::max(best, double{chains} * (vector_bytes / 4) * steps / taken);
    }
    return best;
  }();
  return peak;
}

}  // namespace benched
