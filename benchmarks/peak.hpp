#pragma once

#include <algorithm>
#include <ctime>

/// Fused multiply-adds a second that this core can do in float32, by as many independent chains as hide the
/// latency of one, with the widest vectors that the compile flags allow.
inline double fma_peak() {
#if defined(__AVX512F__)
  constexpr int bytes = 64, chains = 16;
#elif defined(__AVX__)
  constexpr int bytes = 32, chains = 12;
#else
  constexpr int bytes = 16, chains = 12;
#endif
  typedef float vector [[gnu::vector_size(bytes)]];
  static double const peak = [] {
    double best = 0;
    for (int round = 0; round < 20; ++round) {
      vector sums[chains] = {};
      vector const factor = vector{} + 0.5F, term = vector{} + 1.0F;
      constexpr int steps = 500'000;
      std::clock_t const begin = std::clock();  // of this process: neighbours do not count
      for (int i = 0; i < steps; ++i) {
#pragma GCC unroll 16
        for (int c = 0; c < chains; ++c) {
          sums[c] = sums[c] * factor + term;
#if defined(__x86_64__)
          asm("" : "+v"(sums[c]));
#endif
        }
      }
      double const taken = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
      if (taken > 0) best = std::max(best, double{chains} * (bytes / 4) * steps / taken);
    }
    return best;
  }();
  return peak;
}
