#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "dyadic/kernel/arch.hpp"
#include "dyadic/kernel/output.hpp"
#include "dyadic/kernel/pack.hpp"
#include "dyadic/kernel/reference.hpp"
#include "dyadic/kernel/shape.hpp"

namespace dyadic::kernel {

/// y[row * output_stride + o] = output(sum over s and k of x[row, s, k] * w[o, s, k], o).
/// Any int8 activations and weights; `weights` as `pack<StorageBits>` laid them out, `weight_sums[o]` the sum
/// of output o's weight codes. The caller proves that no sum leaves int32. All but the reference may read
/// `read_slack` elements past a segment's end.
template <int StorageBits, compiled Arch, class Output, class Code>
constexpr void matmul(Arch, matmul_shape const& shape, std::int8_t const* x, std::uint8_t const* weights,
                      std::int32_t const* weight_sums, Output const& output, Code* y) noexcept {
  (void)weight_sums;
  reference_matmul<StorageBits>(shape, x, weights, output, y);
}

/// As above for 16-bit activations, at any instruction set the portable loops.
template <int StorageBits, compiled Arch, class Output, class Code>
constexpr void matmul(Arch, matmul_shape const& shape, std::int16_t const* x, std::uint8_t const* weights,
                      std::int32_t const*, Output const& output, Code* y) noexcept {
  reference_matmul<StorageBits>(shape, x, weights, output, y);
}

}  // namespace dyadic::kernel
