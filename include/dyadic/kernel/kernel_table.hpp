#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/finish.hpp>
#include <dyadic/kernel/output.hpp>
#include <dyadic/kernel/shape.hpp>
#include <dyadic/quantize/rescale/multiplier.hpp>
#include <dyadic/quantize/rescale/xnnpack_fp32.hpp>

/// What one translation unit of dyadic::kernels, compiled for one instruction set, offers the others.
namespace dyadic::kernel {

/// Who finishes a tile of sums; `at` is where it begins in the result, in elements.
struct tile_receiver {
  void (*receive)(tile_receiver const& self, finish_shape const& shape, std::int32_t const* sums,
                  std::ptrdiff_t at) noexcept;
};

/// The arguments of `matmul` or `depthwise`, `y` standing for the result's first element.
template <class Shape>
using sums_kernel = void (*)(Shape const& shape, std::int8_t const* x, std::uint8_t const* weights,
                             std::int32_t const* weight_sums, tile_receiver const& receiver,
                             std::byte* y) noexcept;

/// The output functions with kernels of their own; every policy with `one_rounding`'s formula finishes alike.
template <class Code> using half_up_output = requantized<multiplier<31>, multiplier<31>::view, Code>;
template <class Code> using xnnpack_output = requantized<xnnpack_fp32, xnnpack_fp32::view, Code>;

template <class Output>
using finish_kernel = void (*)(finish_shape const& shape, std::int32_t const* sums, Output const& output,
                               typename Output::code* y) noexcept;

/// `padded_depthwise` of 8-bit weights, or, without a frame, `depthwise`.
template <class Output>
using depthwise_kernel = void (*)(window_shape const& shape, std::int8_t const* x, std::int8_t zero,
                                  std::int8_t* frame, std::uint8_t const* weights, Output const& output,
                                  typename Output::code* y) noexcept;

/// `matmul` of 8-bit weights or, if `narrow`, `gathered_matmul`.
template <class Output>
using matmul_kernel = void (*)(matmul_shape const& shape, bool narrow, std::int8_t const* x,
                               std::uint8_t const* weights, std::int32_t const* weight_sums,
                               Output const& output, typename Output::code* y) noexcept;

struct kernel_table {
  char const* instruction_set;
  /// By the logarithm of half the bits that a weight is stored in: 2, 4, 8.
  sums_kernel<matmul_shape> matmul[3];
  /// Of weights of one bit.
  sums_kernel<matmul_shape> bit_matmul;
  sums_kernel<window_shape> depthwise[3];
  finish_kernel<half_up_output<std::int8_t>> half_up_8;
  finish_kernel<half_up_output<std::int16_t>> half_up_16;
  finish_kernel<xnnpack_output<std::int8_t>> xnnpack_8;
  finish_kernel<xnnpack_output<std::int16_t>> xnnpack_16;
  depthwise_kernel<half_up_output<std::int8_t>> depthwise_half_up;
  depthwise_kernel<xnnpack_output<std::int8_t>> depthwise_xnnpack;
  matmul_kernel<half_up_output<std::int8_t>> matmul_half_up;
  matmul_kernel<xnnpack_output<std::int8_t>> matmul_xnnpack;
};

/// The tables that dyadic::kernels was built with, best first.
struct kernel_tables {
  kernel_table const* const* first;
  std::size_t count;
};
kernel_tables built_kernels() noexcept;

/// Can this processor run the kernels of a table?
bool runs(kernel_table const& table) noexcept;

/// The table in use: at first the best that this processor runs.
kernel_table const& chosen_kernels() noexcept;

/// Uses another, for tests and benchmarks. False, and no change, where this processor does not run it.
bool choose_kernels(kernel_table const& table) noexcept;

}  // namespace dyadic::kernel
