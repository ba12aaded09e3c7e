#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/shape.hpp>

/// The one layout of weights that every instruction set reads, group by group of outputs: [outputs /
/// 16][segments][depth / 4] units of 16 outputs x 4 inputs, each quotient rounded up and the missing weights
/// 0.
///   8 bits: 64 bytes, weight i in byte i;
///   4 bits: 32 bytes, byte i holds weight i in its low and weight i + 32 in its high half;
///   2 bits: 16 bytes, byte i holds weights i, i + 16, i + 32, i + 48, the first in the lowest bits;
///   16 bits: 128 bytes, little-endian words: inputs 0 and 2 of each output, then inputs 1 and 3 of each;
///   1 bit: 64 bytes of 16 outputs x 32 inputs, bytes of eight inputs in the places of 8-bit weights, the
///          first in the lowest bit, which is set for a weight of -1 and not for one of 1.
/// Weights are two's complement. A depthwise convolution's weights are those of a matmul with an output a
/// channel, one segment and a depth of kernel_height * kernel_width.
namespace dyadic::kernel {

inline constexpr std::size_t unit_outputs = 16;
inline constexpr std::size_t unit_inputs = 4;
inline constexpr std::size_t unit_weights = unit_outputs * unit_inputs;

/// Bits that a weight code of `bits` (1 to 16) takes in storage: 2, 4, 8 or 16. (1 where a layer says so.)
constexpr int storage_bits(int bits) noexcept { return bits <= 2 ? 2 : bits <= 4 ? 4 : bits <= 8 ? 8 : 16; }

/// A weight code outside the packed layout.
template <int StorageBits>
using weight_code = std::conditional_t<(StorageBits > 8), std::int16_t, std::int8_t>;

/// Inputs in one place of a unit.
template <int StorageBits> inline constexpr std::size_t place_inputs = StorageBits == 1 ? 8 : 1;

template <int StorageBits>
inline constexpr std::size_t unit_bytes =
    unit_weights * place_inputs<StorageBits> * static_cast<std::size_t>(StorageBits) / 8;

/// The shape in places, what units are counted in.
template <int StorageBits> constexpr weight_shape in_places(weight_shape shape) noexcept {
  shape.depth = (shape.depth + place_inputs<StorageBits> - 1) / place_inputs<StorageBits>;
  return shape;
}

/// Blocks of 16 outputs in a group, and in all.
constexpr std::size_t group_blocks(weight_shape const& shape) noexcept {
  return (shape.group_outputs() + unit_outputs - 1) / unit_outputs;
}
constexpr std::size_t output_blocks(weight_shape const& shape) noexcept {
  return shape.groups * group_blocks(shape);
}
constexpr std::size_t depth_units(weight_shape const& shape) noexcept {
  return (shape.depth + unit_inputs - 1) / unit_inputs;
}
/// Units from one block of 16 outputs to the next.
constexpr std::size_t block_units(weight_shape const& shape) noexcept {
  return shape.segments * depth_units(shape);
}

template <int StorageBits> constexpr std::size_t packed_weights_bytes(weight_shape const& shape) noexcept {
  return output_blocks(shape) * block_units(in_places<StorageBits>(shape)) * unit_bytes<StorageBits>;
}

/// Where a weight is: its unit, and its place 0..63 in it.
struct weight_place {
  std::size_t unit, index;
};

constexpr weight_place place_of(weight_shape const& shape, std::size_t output, std::size_t segment,
                                std::size_t k) noexcept {
  std::size_t const group = output / shape.group_outputs(), inside = output % shape.group_outputs();
  std::size_t const block = group * group_blocks(shape) + inside / unit_outputs;
  return {(block * shape.segments + segment) * depth_units(shape) + k / unit_inputs,
          (inside % unit_outputs) * unit_inputs + k % unit_inputs};
}

namespace detail {
/// The first byte of 16-bit weight `index` of a unit.
constexpr std::size_t word_byte(std::size_t index) noexcept {
  return (index % 2) * unit_weights + (index / 2) * 2;
}

/// The byte of a weight of one bit, k % 8 its bit: from the byte of its segment's first input on.
constexpr std::size_t bit_byte(std::size_t k) noexcept {
  constexpr std::size_t inputs = unit_inputs * place_inputs<1>;
  return k / inputs * unit_bytes<1> + k % inputs / place_inputs<1>;
}
/// The byte of a segment's first input.
constexpr std::size_t first_bit_byte(weight_shape const& shape, std::size_t output,
                                     std::size_t segment) noexcept {
  auto const place = place_of(in_places<1>(shape), output, segment, 0);
  return place.unit * unit_bytes<1> + place.index;
}
/// The signs of at most eight codes, the first in the lowest bit.
constexpr std::uint8_t signs_of(std::int8_t const* codes, std::size_t count) noexcept {
  unsigned signs = 0;
  for (std::size_t i = 0; i < 8 && i < count; ++i) signs |= (codes[i] < 0 ? 1U : 0U) << i;
  return static_cast<std::uint8_t>(signs);
}
constexpr int bit_weight(std::uint8_t const* first, std::size_t k) noexcept {
  return (first[bit_byte(k)] >> k % place_inputs<1> & 1) != 0 ? -1 : 1;
}
constexpr void set_bit_weight(std::uint8_t* first, std::size_t k, int weight) noexcept {
  int const bit = 1 << k % place_inputs<1>;
  std::uint8_t& byte = first[bit_byte(k)];
  byte = static_cast<std::uint8_t>(weight < 0 ? byte | bit : byte & ~bit);
}
}  // namespace detail

/// Weight `index` of a unit.
template <int StorageBits> constexpr int unit_weight(std::uint8_t const* unit, std::size_t index) noexcept {
  if constexpr (StorageBits == 8) {
    return std::bit_cast<std::int8_t>(unit[index]);
  } else if constexpr (StorageBits == 16) {
    std::uint8_t const* const word = unit + detail::word_byte(index);
    return std::bit_cast<std::int8_t>(word[1]) * 256 + word[0];
  } else {
    constexpr std::size_t bytes = unit_bytes<StorageBits>;
    constexpr int sign = 1 << (StorageBits - 1);
    int const field = unit[index % bytes] >> (static_cast<int>(index / bytes) * StorageBits);
    return ((field & (2 * sign - 1)) ^ sign) - sign;
  }
}

template <int StorageBits>
constexpr void set_unit_weight(std::uint8_t* unit, std::size_t index, int weight) noexcept {
  if constexpr (StorageBits == 16) {
    std::uint8_t* const word = unit + detail::word_byte(index);
    word[0] = static_cast<std::uint8_t>(weight & 255);
    word[1] = static_cast<std::uint8_t>((weight >> 8) & 255);
  } else {
    constexpr std::size_t bytes = unit_bytes<StorageBits>;
    int const shift = static_cast<int>(index / bytes) * StorageBits;
    int const mask = (1 << StorageBits) - 1;
    std::uint8_t& byte = unit[index % bytes];
    byte = static_cast<std::uint8_t>((byte & ~(mask << shift)) | ((weight & mask) << shift));
  }
}

template <int StorageBits>
constexpr int get_weight(std::uint8_t const* weights, weight_shape const& shape, std::size_t output,
                         std::size_t segment, std::size_t k) noexcept {
  if constexpr (StorageBits == 1) {
    return detail::bit_weight(weights + detail::first_bit_byte(shape, output, segment), k);
  } else {
    auto const place = place_of(shape, output, segment, k);
    return unit_weight<StorageBits>(weights + place.unit * unit_bytes<StorageBits>, place.index);
  }
}

template <int StorageBits>
constexpr void set_weight(std::uint8_t* weights, weight_shape const& shape, std::size_t output,
                          std::size_t segment, std::size_t k, int weight) noexcept {
  if constexpr (StorageBits == 1) {
    detail::set_bit_weight(weights + detail::first_bit_byte(shape, output, segment), k, weight);
  } else {
    auto const place = place_of(shape, output, segment, k);
    set_unit_weight<StorageBits>(weights + place.unit * unit_bytes<StorageBits>, place.index, weight);
  }
}

namespace detail {

/// One unit's 64 codes, gathered from rows of codes `output_step` apart; what is outside is 0.
template <class Weight>
constexpr void gather_unit(Weight const* codes, std::size_t output_step, std::size_t outputs,
                           std::size_t inputs, Weight* unit) noexcept {
  if (outputs == unit_outputs && inputs == unit_inputs && !std::is_constant_evaluated()) {
    for (std::size_t o = 0; o < unit_outputs; ++o)
      __builtin_memcpy(unit + o * unit_inputs, codes + o * output_step, unit_inputs * sizeof(Weight));
    return;
  }
  for (std::size_t o = 0; o < unit_outputs; ++o)
    for (std::size_t i = 0; i < unit_inputs; ++i)
      unit[o * unit_inputs + i] = o < outputs && i < inputs ? codes[o * output_step + i] : Weight{0};
}

template <int StorageBits>
constexpr void store_unit(weight_code<StorageBits> const* unit, std::uint8_t* bytes) noexcept {
  if constexpr (StorageBits == 16) {
    for (std::size_t i = 0; i < unit_weights; ++i) set_unit_weight<16>(bytes, i, unit[i]);
    return;
  }
  constexpr std::size_t count = unit_bytes<StorageBits>;
  constexpr unsigned mask = (1U << StorageBits) - 1U;
  for (std::size_t i = 0; i < count; ++i) {
    unsigned byte = 0;
    for (std::size_t part = 0; part < unit_weights / count; ++part)
      byte |= (static_cast<unsigned>(unit[i + part * count]) & mask) << (part * StorageBits);
    bytes[i] = static_cast<std::uint8_t>(byte);
  }
}

}  // namespace detail

/// Packs logical codes [outputs][segments][depth]; each must fit in StorageBits.
template <int StorageBits>
  requires(StorageBits >= 2)
constexpr void pack(weight_code<StorageBits> const* codes, weight_shape const& shape,
                    std::uint8_t* weights) noexcept {
  std::size_t const output_step = shape.segments * shape.depth;
  for (std::size_t group = 0; group < shape.groups; ++group, codes += shape.group_outputs() * output_step)
    for (std::size_t first = 0; first < shape.group_outputs(); first += unit_outputs) {
      std::size_t const left = shape.group_outputs() - first;
      std::size_t const outputs = left < unit_outputs ? left : unit_outputs;
      for (std::size_t segment = 0; segment < shape.segments; ++segment)
        for (std::size_t k = 0; k < shape.depth; k += unit_inputs) {
          std::size_t const inputs = shape.depth - k < unit_inputs ? shape.depth - k : unit_inputs;
          auto const* const from = codes + first * output_step + segment * shape.depth + k;
          if (StorageBits == 8 && !std::is_constant_evaluated()) {
            detail::gather_unit(from, output_step, outputs, inputs,
                                reinterpret_cast<weight_code<StorageBits>*>(weights));
          } else {
            weight_code<StorageBits> unit[unit_weights]{};
            detail::gather_unit(from, output_step, outputs, inputs, unit);
            detail::store_unit<StorageBits>(unit, weights);
          }
          weights += unit_bytes<StorageBits>;
        }
    }
}

/// The same of codes 1 and -1.
template <int StorageBits>
  requires(StorageBits == 1)
constexpr void pack(std::int8_t const* codes, weight_shape const& shape, std::uint8_t* weights) noexcept {
  for (std::size_t i = 0; i < packed_weights_bytes<1>(shape); ++i) weights[i] = 0;
  for (std::size_t output = 0; output < shape.outputs; ++output)
    for (std::size_t segment = 0; segment < shape.segments; ++segment, codes += shape.depth) {
      std::uint8_t* const first = weights + detail::first_bit_byte(shape, output, segment);
      for (std::size_t k = 0; k < shape.depth; k += 8)
        first[detail::bit_byte(k)] = detail::signs_of(codes + k, shape.depth - k);
    }
}

/// The inverse of `pack`.
template <int StorageBits>
constexpr void unpack(std::uint8_t const* weights, weight_shape const& shape,
                      weight_code<StorageBits>* codes) noexcept {
  for (std::size_t output = 0; output < shape.outputs; ++output)
    for (std::size_t segment = 0; segment < shape.segments; ++segment)
      for (std::size_t k = 0; k < shape.depth; ++k)
        *codes++ = static_cast<weight_code<StorageBits>>(
            get_weight<StorageBits>(weights, shape, output, segment, k));
}

/// sums[o] = the sum of the weight codes of output o, from logical codes.
template <class Weight>
constexpr void sum_weights(Weight const* codes, weight_shape const& shape, std::int32_t* sums) noexcept {
  std::size_t const count = shape.segments * shape.depth;
  for (std::size_t output = 0; output < shape.outputs; ++output) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += codes[output * count + i];
    sums[output] = sum;
  }
}

}  // namespace dyadic::kernel
