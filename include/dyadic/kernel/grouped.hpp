#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/matmul.hpp>
#include <dyadic/kernel/pack.hpp>
#include <dyadic/kernel/shape.hpp>
#include <dyadic/kernel/tile.hpp>

/// Weights in groups of consecutive inputs, each with a small integer factor: a sum is that of factor * (sum
/// of x * w over a group), exact. Input k of segment s is number s * depth + k; groups are counted
/// from 0. They have a multiple of `unit_inputs` inputs, and so have segments of which there are several:
/// then no unit of weights lies in two groups.
namespace dyadic::kernel {

/// Can groups of so many inputs be told apart in the layout of these weights?
constexpr bool groups_fit(weight_shape const& shape, std::size_t group_inputs) noexcept {
  return group_inputs % unit_inputs == 0 && (shape.segments == 1 || shape.depth % unit_inputs == 0);
}
constexpr std::size_t input_groups(weight_shape const& shape, std::size_t group_inputs) noexcept {
  return (shape.segments * shape.depth + group_inputs - 1) / group_inputs;
}

/// Factors lie as weights do: [blocks of 16 outputs][groups][16]; those of missing outputs are 0.
constexpr std::size_t factor_bytes(weight_shape const& shape, std::size_t groups) noexcept {
  return output_blocks(shape) * groups * unit_outputs;
}
constexpr std::size_t factor_place(weight_shape const& shape, std::size_t groups, std::size_t output,
                                   std::size_t group) noexcept {
  std::size_t const inside = output % shape.group_outputs();
  std::size_t const block = output / shape.group_outputs() * group_blocks(shape) + inside / unit_outputs;
  return (block * groups + group) * unit_outputs + inside % unit_outputs;
}
/// From the logical order [outputs][groups] to that of kernels, and back.
constexpr void pack_factors(std::uint8_t const* factors, weight_shape const& shape, std::size_t groups,
                            std::uint8_t* packed) noexcept {
  for (std::size_t i = 0; i < factor_bytes(shape, groups); ++i) packed[i] = 0;
  for (std::size_t o = 0; o < shape.outputs; ++o)
    for (std::size_t g = 0; g < groups; ++g) packed[factor_place(shape, groups, o, g)] = *factors++;
}
constexpr void unpack_factors(std::uint8_t const* packed, weight_shape const& shape, std::size_t groups,
                              std::uint8_t* factors) noexcept {
  for (std::size_t o = 0; o < shape.outputs; ++o)
    for (std::size_t g = 0; g < groups; ++g) *factors++ = packed[factor_place(shape, groups, o, g)];
}

/// What a matmul is given of grouped weights in the place of `weight_sums`: of each output the sum of factor
/// * code, and the factors.
struct grouped_sums {
  std::int32_t const* sums;
  std::uint8_t const* factors;
  std::size_t group_inputs, groups;

  /// From an output on that begins a block.
  constexpr grouped_sums operator+(std::size_t outputs) const noexcept {
    std::size_t const blocks = (outputs + unit_outputs - 1) / unit_outputs;
    return {sums + outputs, factors + blocks * groups * unit_outputs, group_inputs, groups};
  }
  constexpr grouped_sums& operator+=(std::size_t outputs) noexcept { return *this = *this + outputs; }
};
constexpr std::int32_t const* code_sums(grouped_sums const& of) noexcept { return of.sums; }

/// The sums of grouped weights from logical codes and factors.
template <class WeightCode>
constexpr void sum_weights(WeightCode const* codes, std::uint8_t const* factors, weight_shape const& shape,
                           std::size_t group_inputs, std::int32_t* sums) noexcept {
  std::size_t const count = shape.segments * shape.depth, groups = input_groups(shape, group_inputs);
  for (std::size_t output = 0; output < shape.outputs; ++output) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < count; ++i)
      sum += codes[output * count + i] * factors[output * groups + i / group_inputs];
    sums[output] = sum;
  }
}

/// Visits the runs of inputs that lie in one segment and one group: `visit(segment, k, inputs, group)`, in
/// the order of the weights.
template <class Visit>
constexpr void for_each_run(std::size_t segments, std::size_t depth, std::size_t group_inputs,
                            Visit const& visit) noexcept {
  std::size_t group = 0, left_in_group = group_inputs;
  for (std::size_t segment = 0; segment < segments; ++segment)
    for (std::size_t k = 0; k < depth;) {
      std::size_t const left = depth - k, inputs = left < left_in_group ? left : left_in_group;
      visit(segment, k, inputs, group);
      k += inputs;
      left_in_group -= inputs;
      if (left_in_group != 0) continue;
      left_in_group = group_inputs;
      ++group;
    }
}

/// totals[row][o] += partial[row][o] * factor[o], modulo 2^32, in rows of `Blocks` blocks of 16 outputs. In
/// the compiler's own vectors, which every target has instructions for or loops in place of.
template <std::size_t Blocks>
inline void add_scaled(std::size_t rows, std::int32_t const* partial, std::uint8_t const* factors,
                       std::size_t block_stride, std::int32_t* totals) noexcept {
  using bytes [[gnu::vector_size(unit_outputs)]] = std::uint8_t;
  using words [[gnu::vector_size(unit_outputs * 4)]] = std::uint32_t;
  words factor[Blocks];
  for (std::size_t b = 0; b < Blocks; ++b) {
    bytes narrow;
    __builtin_memcpy(&narrow, factors + b * block_stride, sizeof narrow);
    factor[b] = __builtin_convertvector(narrow, words);
  }
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t b = 0; b < Blocks; ++b) {
      std::size_t const at = (r * Blocks + b) * unit_outputs;
      words sum, total;
      __builtin_memcpy(&sum, partial + at, sizeof sum);
      __builtin_memcpy(&total, totals + at, sizeof total);
      total += sum * factor[b];
      __builtin_memcpy(totals + at, &total, sizeof total);
    }
}

/// `accumulate_panel` of grouped weights: run by run the tiles of any weights, each times its factors.
template <class Arch, int StorageBits, std::size_t MostRows, std::size_t Blocks>
void accumulate_panel(std::size_t count, matmul_shape const& shape, tile_walk const& walk,
                      std::int8_t const* const* rows, std::uint8_t const* weights,
                      std::int32_t const* initial, grouped_sums const& grouped, std::int32_t* sums) noexcept {
  constexpr std::size_t width = Blocks * unit_outputs;
  alignas(64) static constexpr std::int32_t zeros[width]{};
  alignas(64) std::int32_t partial[MostRows * width];
  for (std::size_t r = 0; r < count; ++r)
    for (std::size_t o = 0; o < width; ++o) sums[r * width + o] = initial[o];
  for_each_run(shape.segments, shape.depth, grouped.group_inputs,
               [&](std::size_t segment, std::size_t k, std::size_t inputs, std::size_t group) {
                 std::size_t const units = (inputs + unit_inputs - 1) / unit_inputs;
                 std::ptrdiff_t const offset = shape.segment_offset(segment) + static_cast<std::ptrdiff_t>(k);
                 std::int8_t const* x[MostRows];
                 for (std::size_t r = 0; r < count; ++r) x[r] = rows[r] + offset;
                 accumulate_rows<Arch, StorageBits, MostRows, Blocks>(
                     count, {1, units, 0, walk.block_bytes, 0, 0}, x, weights, zeros, partial);
                 add_scaled<Blocks>(count, partial, grouped.factors + group * unit_outputs,
                                    grouped.groups * unit_outputs, sums);
                 weights += units * unit_bytes<StorageBits>;
               });
}

/// `reference_matmul` of grouped weights.
template <int StorageBits, class Sum = std::int32_t, class Activation, class Output, class Code>
constexpr void reference_matmul(matmul_shape const& shape, Activation const* x, std::uint8_t const* weights,
                                grouped_sums const& grouped, Output const& output, Code* y) noexcept {
  std::size_t const block_bytes = block_units(weights_of(shape)) * unit_bytes<StorageBits>;
  for (std::size_t row = 0; row < shape.rows; ++row) {
    Activation const* const start = x + shape.row_offset(row);
    Code* const target = y + static_cast<std::ptrdiff_t>(row) * shape.output_stride;
    for (std::size_t o = 0; o < shape.outputs; ++o) {
      std::size_t const block = o / unit_outputs, inside = o % unit_outputs;
      std::uint8_t const* unit = weights + block * block_bytes;
      std::uint8_t const* const factors = grouped.factors + block * grouped.groups * unit_outputs + inside;
      Sum sum = 0;
      for_each_run(shape.segments, shape.depth, grouped.group_inputs,
                   [&](std::size_t segment, std::size_t k, std::size_t inputs, std::size_t group) {
                     sum += factors[group * unit_outputs] *
                            detail::dot_segment<StorageBits, Sum>(
                                start + shape.segment_offset(segment) + static_cast<std::ptrdiff_t>(k), unit,
                                inside * unit_inputs, inputs);
                     unit += (inputs + unit_inputs - 1) / unit_inputs * unit_bytes<StorageBits>;
                   });
      target[o] = output(sum, shape.first_channel + o);
    }
  }
}

/// `matmul` of grouped weights: y = output(sum over groups of factor * (sum of x * w over the group)). 16-bit
/// activations, weights of more than 8 bits and sums of 64 take plain loops.
template <int StorageBits, class Sum = std::int32_t, compiled Arch, class Activation, class Output,
          class Code>
constexpr void matmul(Arch arch, matmul_shape const& shape, Activation const* x, std::uint8_t const* weights,
                      grouped_sums const& grouped, Output const& output, Code* y) noexcept {
  if constexpr (std::derived_from<Arch, portable> && sizeof(Activation) == 1 && StorageBits <= 8 &&
                sizeof(Sum) == 4) {
    if (!std::is_constant_evaluated()) {
      detail::tiled_matmul<StorageBits>(arch, shape, x, weights, grouped, output, y);
      return;
    }
  }
  reference_matmul<StorageBits, Sum>(shape, x, weights, grouped, output, y);
}

}  // namespace dyadic::kernel
