#pragma once

#include <cstdint>

namespace dyadic {

/// The one number from which a run's random choices follow.
struct seed {
  std::uint64_t value = 0;

  constexpr bool operator==(seed const&) const noexcept = default;
};

/// A pseudo-random sequence: splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
/// 2014). Its state is one counter, every value of which is valid, so that saving and restoring it is copying
/// an integer. All its numbers are made by integer and exact floating-point operations: one seed gives the
/// same numbers on every compiler and processor, and in a constant expression.
struct generator {
  std::uint64_t state = 0;

  /// The sequence of a seed. Streams of one seed are independent: give each purpose its own.
  static constexpr generator from(seed start, std::uint64_t stream = 0) noexcept {
    return generator{mixed(start.value ^ mixed(stream + increment))};
  }

  constexpr bool operator==(generator const&) const noexcept = default;

  /// 64 random bits.
  constexpr std::uint64_t next() noexcept { return mixed(state += increment); }

  /// 32 random bits.
  constexpr std::uint32_t next_32() noexcept { return static_cast<std::uint32_t>(next() >> 32); }

  /// A multiple of 2^-24 in [0, 1).
  constexpr float uniform() noexcept { return static_cast<float>(next() >> 40) * 0x1p-24f; }

  /// A real in [low, high]; both must be finite. In double the product is exact, so that no contraction
  /// changes it.
  constexpr float uniform(float low, float high) noexcept {
    double const extent = static_cast<double>(high) - static_cast<double>(low);
    return static_cast<float>(static_cast<double>(low) + extent * static_cast<double>(uniform()));
  }

  /// An integer in [0, limit), each equally likely (Lemire: Fast Random Integer Generation in an Interval,
  /// 2019). A limit of 0 gives 0.
  constexpr std::uint32_t below(std::uint32_t limit) noexcept {
    std::uint64_t product = std::uint64_t{next_32()} * limit;
    if (static_cast<std::uint32_t>(product) < limit) {
      std::uint32_t const uneven = (0U - limit) % limit;
      while (static_cast<std::uint32_t>(product) < uneven) product = std::uint64_t{next_32()} * limit;
    }
    return static_cast<std::uint32_t>(product >> 32);
  }

  /// A standard normal deviate, by comparisons of uniform integers alone (Karney: Sampling exactly from the
  /// normal distribution, 2016, algorithm N with 32-bit fractions): no logarithm whose last bit differs
  /// between machines. Draws about 30 numbers.
  constexpr float normal() noexcept {
    for (;;) {
      std::uint32_t whole = 0;
      while (exp_of_minus_half()) ++whole;
      bool accepted = true;
      for (std::uint32_t trial = 0; accepted && trial < whole * (whole - 1); ++trial)
        accepted = exp_of_minus_half();
      std::uint32_t const fraction = next_32();
      for (std::uint32_t trial = 0; accepted && trial <= whole; ++trial)
        accepted = falls_off(whole, fraction);
      if (!accepted) continue;
      double const size = whole + (fraction + 0.5) * 0x1p-32;
      return static_cast<float>(next_32() & 1 ? -size : size);
    }
  }

 private:
  static constexpr std::uint64_t increment = 0x9e3779b97f4a7c15;

  static constexpr std::uint64_t mixed(std::uint64_t bits) noexcept {
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    return bits ^ (bits >> 31);
  }

  // True with probability exp(-1/2): von Neumann's falling run, of even length.
  constexpr bool exp_of_minus_half() noexcept {
    std::uint32_t last = 1U << 31;
    for (bool even = true;; even = !even) {
      std::uint32_t const drawn = next_32();
      if (drawn >= last) return even;
      last = drawn;
    }
  }

  // True with probability exp(-x (2 k + x) / (2 k + 2)) for k = whole, x = fraction / 2^32.
  constexpr bool falls_off(std::uint32_t whole, std::uint32_t fraction) noexcept {
    std::uint64_t const kept = (std::uint64_t{2} * whole << 32) + fraction;
    std::uint32_t last = fraction;
    for (bool even = true;; even = !even) {
      std::uint32_t const drawn = next_32();
      if (drawn >= last || std::uint64_t{next_32()} * (2 * whole + 2) >= kept) return even;
      last = drawn;
    }
  }
};

}  // namespace dyadic
