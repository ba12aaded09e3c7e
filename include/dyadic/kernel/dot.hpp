#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/pack.hpp>

namespace dyadic::kernel {

/// The instruction: what an architecture does with one unit of weights, 16 outputs x 4 inputs.
///   sums              the registers of 16 sums are `registers` of these
///   activation        four codes for every output
///   per_output        four codes an output
///   weight            a register's share of a unit
///   activation_offset the codes are multiplied as code + offset: sums start at -offset * (sum of weights)
///   broadcast(x)      four codes for every output
///   interleave(taps, per_output[registers])  16 channels of four taps, a set an output
///   load<Bits>(unit, weight[registers])      unpacks a unit
///   dot4(sums, activation, weight)           adds four products to each sum
///   start(int32*), store(sums, int32*)       `width` sums from and to memory
///   subtract(a, b)    a - b, sum by sum
///   tie(sums)         keeps a sum in its register where a compiler would spill it
/// An architecture without a specialization takes its base's.
template <class Arch> struct dot_product;

/// Four sums at a time in the compiler's own vectors, which every target has instructions for or loops in
/// place of.
template <> struct dot_product<portable> {
  using sums [[gnu::vector_size(16)]] = std::int32_t;

  static constexpr std::size_t width = 4, registers = unit_outputs / width;
  static constexpr std::int32_t activation_offset = 0;

  struct activation {
    std::int32_t value[unit_inputs];
  };
  // Input by input, a lane an output.
  struct per_output {
    sums value[unit_inputs];
  };
  using weight = per_output;

  static sums start(std::int32_t const* from) noexcept {
    sums result;
    __builtin_memcpy(&result, from, sizeof result);
    return result;
  }
  static void store(sums const& from, std::int32_t* to) noexcept { __builtin_memcpy(to, &from, sizeof from); }
  static sums subtract(sums const& a, sums const& b) noexcept { return a - b; }
  static void tie(sums&) noexcept {}

  static activation broadcast(std::int8_t const* x) noexcept { return {{x[0], x[1], x[2], x[3]}}; }
  static void interleave(std::int8_t const* const (&taps)[unit_inputs],
                         per_output (&to)[registers]) noexcept {
    for (std::size_t r = 0; r < registers; ++r)
      for (std::size_t i = 0; i < unit_inputs; ++i) {
        std::int8_t const* const x = taps[i] + r * width;
        to[r].value[i] = sums{x[0], x[1], x[2], x[3]};
      }
  }
  template <int StorageBits> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    constexpr std::size_t bytes = unit_bytes<StorageBits>;
    for (std::size_t r = 0; r < registers; ++r) {
      sums four_outputs;  // a lane holds the bytes of an output's four inputs
      __builtin_memcpy(&four_outputs, unit + r * 16 % bytes, sizeof four_outputs);
      int const field = static_cast<int>(r * 16 / bytes) * StorageBits;
      for (std::size_t i = 0; i < unit_inputs; ++i) {
        std::size_t const byte = std::endian::native == std::endian::little ? i : unit_inputs - 1 - i;
        int const left = 32 - StorageBits - field - static_cast<int>(byte) * 8;
        to[r].value[i] = (four_outputs << left) >> (32 - StorageBits);
      }
    }
  }
  template <class Activation> static sums dot4(sums sum, Activation const& x, weight const& w) noexcept {
    for (std::size_t i = 0; i < unit_inputs; ++i) sum += x.value[i] * w.value[i];
    return sum;
  }
};

/// What `accumulate_tile` needs of a dot product where an activation is a bit, set for a code of -1 and not
/// for 0, and a weight one, set for -1 and not for 1: a unit is 16 outputs x 32 inputs, `broadcast` reads 32
/// bits, and `dot4` takes the number of bits that differ from each sum. With the number of weights that are
/// -1 to start from that gives the sum of products. Here by adding up neighbouring bits, pairs, fours ... of
/// four sums at a time.
template <class Arch> struct bit_dot_product {
  using sums [[gnu::vector_size(16)]] = std::uint32_t;
  using activation = std::uint32_t;
  using weight = sums;

  static constexpr std::size_t width = 4, registers = unit_outputs / width;
  static constexpr std::int32_t activation_offset = 0;

  static sums start(std::int32_t const* from) noexcept {
    sums result;
    __builtin_memcpy(&result, from, sizeof result);
    return result;
  }
  static void store(sums const& from, std::int32_t* to) noexcept { __builtin_memcpy(to, &from, sizeof from); }
  static void tie(sums&) noexcept {}

  static activation broadcast(std::int8_t const* bits) noexcept {
    activation result;
    __builtin_memcpy(&result, bits, sizeof result);
    return result;
  }
  template <int> static void load(std::uint8_t const* unit, weight (&to)[registers]) noexcept {
    for (std::size_t i = 0; i < registers; ++i) __builtin_memcpy(to + i, unit + i * sizeof *to, sizeof *to);
  }
  static sums dot4(sums const& sum, activation const& x, weight const& w) noexcept {
    sums count = w ^ x;
    count -= count >> 1 & 0x55555555U;
    count = (count & 0x33333333U) + (count >> 2 & 0x33333333U);
    count = (count + (count >> 4)) & 0x0F0F0F0FU;
    count += count >> 8;
    return sum - ((count + (count >> 16)) & 63U);
  }
};

/// The tag of matmuls of bits that are called for `Arch`: another where compile flags allow more than its
/// name says.
template <class Arch> struct bit_instructions {
  using type = Arch;
};

/// The dot product of a matmul whose weights are stored in `StorageBits`: narrow ones may have faster
/// instructions than any weights have.
template <class Arch, int StorageBits>
struct weighted_dot_product : std::conditional_t<StorageBits == 1, bit_dot_product<Arch>, dot_product<Arch>> {
};

/// The dot product of one row with narrow weights, where reading and unpacking these is all the work:
/// several units of a block in one step. More than `weighted_dot_product` it has
///   rows, units   in a step: `load` reads so many units, `dot4` adds four products of each
///   broadcast(x[rows])  the units' codes of these rows
///   most_inputs   sums of more products are not taken
/// An architecture without a specialization has none.
template <class Arch, int StorageBits> struct row_dot_product {
  static constexpr bool exists = false;
};

/// The products of several rows with several units of weights in one step. More than `dot_product` it has
///   rows, units, broadcast  as in `row_dot_product`
///   of_row(sums[registers], row, index)  register `index` of one row's sums, as `dot_product` has them
/// An architecture without a specialization has none.
template <class Arch> struct matrix_product {
  static constexpr bool exists = false;
};

/// Units that a gathered row has at most.
inline constexpr std::size_t most_gathered_units = 8;

/// Narrow segments of a row brought together and made ready for `dot_product`, a row `row_bytes`
/// behind the other. An instruction set without a specialization has none.
///   take(shape)                can rows of this shape be gathered?
///   segments                   what is known of all rows: made of a `matmul_shape`
///   gather(segments, count, rows, to)  the next rows of a walk; reads 16 elements of each segment
///   broadcast(row, unit)       a unit's four codes, as `dot_product::broadcast`
template <class Arch> struct gathered_rows {
  static constexpr bool exist = false;
};

/// What matmuls of 16-bit factors need of an instruction set: units of 16 outputs x 4 inputs as 16-bit
/// numbers, inputs 0 and 2 of each output in `even`, 1 and 3 in `odd`, and the sums of neighbours' products
/// as 32-bit numbers, modulo 2^32. An architecture without a specialization has none.
template <class Arch> struct word_units {
  static constexpr bool exist = false;
};

/// The largest tile whose sums stay in registers: rows for one, two and four blocks of 16 outputs; 0 where no
/// tile has so many blocks.
struct tile_limits {
  std::size_t one_block, two_blocks, four_blocks;
};

template <class Arch> inline constexpr tile_limits tile_rows{4, 0, 0};

}  // namespace dyadic::kernel
