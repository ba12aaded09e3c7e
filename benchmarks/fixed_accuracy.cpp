// How far the functions of fixed/math.hpp are from the exact values, in units in the last place of the
// result: the largest and the mean error over all arguments of a small format, or over evenly spaced ones of
// a large format, and the argument where the largest was. Correct rounding would give 0.5 at most and, where
// results are spread evenly, 0.25 in the mean. The last column is the mean time of a call over the whole
// format.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>

#include "dyadic/fixed/math.hpp"

namespace {

using namespace dyadic;

struct table {
  double largest = 0, sum = 0, at = 0;
  long count = 0;

  void add(double argument, double error) {
    if (error > largest) {
      largest = error;
      at = argument;
    }
    sum += error;
    ++count;
  }
};

template <class Argument> Argument nth(std::uint64_t i, std::uint64_t step) {
  using storage = typename Argument::storage;
  return Argument::from_raw(
      static_cast<storage>(static_cast<std::uint64_t>(Argument::lowest().raw()) + i * step));
}

template <class Result, class Argument, class Function, class Exact>
void line(char const* name, Function function, Exact exact, long double lowest, long double highest) {
  constexpr int exhaustive = 20;  // bits
  constexpr int bits = Argument::bits;
  constexpr std::uint64_t count = std::uint64_t{1} << (bits < exhaustive ? bits : exhaustive);
  constexpr std::uint64_t step = bits < exhaustive ? 1 : (std::uint64_t{1} << (bits - exhaustive)) + 1;
  table errors;
  long double const unit = std::ldexp(1.0L, -Result::fraction);
  std::uint64_t checksum = 0;
  for (std::uint64_t i = 0; i < count - 1; ++i) {
    auto const x = nth<Argument>(i, step);
    long double const real = std::ldexp(static_cast<long double>(x.raw()), -Argument::fraction);
    if (real < lowest || real > highest) continue;
    long double const wanted = exact(real) / unit;
    if (wanted < static_cast<long double>(Result::lowest().raw()) ||
        wanted > static_cast<long double>(Result::highest().raw()))
      continue;  // saturates
    errors.add(static_cast<double>(real),
               static_cast<double>(std::abs(static_cast<long double>(function(x).raw()) - wanted)));
  }
  auto const start = std::chrono::steady_clock::now();
  constexpr int calls = 200'000;
  for (std::uint64_t i = 0; i < calls; ++i)
    checksum +=
        static_cast<std::uint64_t>(function(nth<Argument>(i * 2'654'435'761 % (count - 1), step)).raw());
  std::chrono::duration<double, std::nano> const time = std::chrono::steady_clock::now() - start;
  std::printf("%-8s %9ld %10.5f %10.5f %14.6g %8.1f%s\n", name, errors.count, errors.largest,
              errors.count > 0 ? errors.sum / static_cast<double>(errors.count) : 0, errors.at,
              time.count() / calls, checksum == 1 ? "!" : "");
}

template <class Result, class Argument> void print() {
  std::printf("\n%s of %s\n", Result::name.c_str(), Argument::name.c_str());
  std::printf("%-8s %9s %10s %10s %14s %8s\n", "function", "arguments", "largest", "mean", "at", "ns");
  constexpr long double all = 1e30L;
  auto const positive = std::ldexp(1.0L, -Argument::fraction);
#define DYADIC_LINE(function, exact, lowest)                                                                \
  line<Result, Argument>(                                                                                   \
      #function, [](Argument x) { return math::function<Result>(x); }, [](long double x) { return exact; }, \
      lowest, all)
  DYADIC_LINE(sqrt, std::sqrt(x), 0);
  DYADIC_LINE(exp, std::exp(x), -all);
  DYADIC_LINE(log, std::log(x), positive);
  DYADIC_LINE(sin, std::sin(x), -all);
  DYADIC_LINE(cos, std::cos(x), -all);
  DYADIC_LINE(tanh, std::tanh(x), -all);
  DYADIC_LINE(sigmoid, 1 / (1 + std::exp(-x)), -all);
#undef DYADIC_LINE
  line<Result, Argument>(
      "1 / x", [](Argument x) { return reciprocal<Result>(x); }, [](long double x) { return 1 / x; },
      positive, all);
}

}  // namespace

int main() {
  print<fixed<8, 4>, fixed<8, 4>>();
  print<fixed<16, 8>, fixed<16, 8>>();
  print<fixed<16, 15>, fixed<16, 12>>();
  print<fixed<32, 16>, fixed<32, 16>>();
  print<fixed<32, 28>, fixed<32, 28>>();
}
