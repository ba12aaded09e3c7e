#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/pack.hpp>

namespace dyadic::kernel {

/// The instruction: what an architecture does with one unit of weights, 16 outputs x 4 inputs.
///   sums              the registers of 16 sums are `registers` of these
///   activation        four codes, one set for all outputs or one an output
///   weight            a register's share of a unit
///   activation_offset the codes are multiplied as code + offset: sums start at -offset * (sum of weights)
///   broadcast(x)      four codes for every output
///   interleave(taps, activation[registers])  16 channels of four taps, a set an output
///   load<Bits>(unit, weight[registers])      unpacks a unit
///   dot4(sums, activation, weight)           adds four products to each sum
///   start(int32*), store(sums, int32*)       `width` sums from and to memory
///   subtract(a, b)    a - b, sum by sum
///   tie(sums)         keeps a sum in its register where a compiler would spill it
/// An architecture without a specialization takes its base's.
template <class Arch> struct dot_product;

/// Arrays in place of registers.
template <> struct dot_product<portable> {
  static constexpr std::size_t registers = 1, width = unit_outputs;
  static constexpr std::int32_t activation_offset = 0;

  struct sums {
    std::int32_t value[unit_outputs];
  };
  struct activation {
    std::int16_t value[unit_weights];
  };
  struct weight {
    std::int16_t value[unit_weights];
  };

  static sums start(std::int32_t const* from) noexcept {
    sums result;
    for (std::size_t o = 0; o < width; ++o) result.value[o] = from[o];
    return result;
  }
  static void store(sums const& from, std::int32_t* to) noexcept {
    for (std::size_t o = 0; o < width; ++o) to[o] = from.value[o];
  }
  static sums subtract(sums a, sums const& b) noexcept {
    for (std::size_t o = 0; o < width; ++o) a.value[o] -= b.value[o];
    return a;
  }
  static void tie(sums&) noexcept {}

  static activation broadcast(std::int8_t const* x) noexcept {
    activation result;
    for (std::size_t o = 0; o < unit_outputs; ++o)
      for (std::size_t i = 0; i < unit_inputs; ++i) result.value[i * unit_outputs + o] = x[i];
    return result;
  }
  static void interleave(std::int8_t const* const (&taps)[unit_inputs],
                         activation (&to)[registers]) noexcept {
    for (std::size_t i = 0; i < unit_inputs; ++i)
      for (std::size_t o = 0; o < unit_outputs; ++o) to[0].value[i * unit_outputs + o] = taps[i][o];
  }
  template <int StorageBits> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    for (std::size_t o = 0; o < unit_outputs; ++o)
      for (std::size_t i = 0; i < unit_inputs; ++i)
        to[0].value[i * unit_outputs + o] =
            static_cast<std::int16_t>(unit_weight<StorageBits>(unit, o * unit_inputs + i));
  }
  static sums dot4(sums sum, activation const& x, weight const& w) noexcept {
    for (std::size_t i = 0; i < unit_inputs; ++i)
      for (std::size_t o = 0; o < unit_outputs; ++o)
        sum.value[o] += x.value[i * unit_outputs + o] * w.value[i * unit_outputs + o];
    return sum;
  }
};

/// The largest tile whose sums stay in registers: rows for one, two and four blocks of 16 outputs; 0 where no
/// tile has so many blocks.
struct tile_limits {
  std::size_t one_block, two_blocks, four_blocks;
};

template <class Arch> inline constexpr tile_limits tile_rows{2, 0, 0};

}  // namespace dyadic::kernel
