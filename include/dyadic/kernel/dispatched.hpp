#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/binary.hpp>
#include <dyadic/kernel/depthwise.hpp>
#include <dyadic/kernel/finish.hpp>
#include <dyadic/kernel/gather.hpp>
#include <dyadic/kernel/kernel_table.hpp>
#include <dyadic/kernel/matmul.hpp>

/// The kernels of the tag `dispatched`: the sums come from the chosen table, tile by tile, and go through the
/// table's output function if it has the caller's, else through the caller's own code.
namespace dyadic::kernel {

namespace detail {

template <class Policy>
concept rounds_half_up = std::same_as<typename Policy::formula, one_rounding<rounding::half_up>> &&
                         std::derived_from<Policy, one_rounding<rounding::half_up>>;

template <int StorageBits> inline constexpr std::size_t width_index = StorageBits == 8 ? 2 : StorageBits / 4;

template <class Output, class Code> struct finishing_receiver : tile_receiver {
  Output const& output;
  Code* y;

  finishing_receiver(Output const& function, Code* to) noexcept
      : tile_receiver{&finish_tile}, output(function), y(to) {}

  static void finish_tile(tile_receiver const& self, finish_shape const& shape, std::int32_t const* sums,
                          std::ptrdiff_t at) noexcept {
    auto const& receiver = static_cast<finishing_receiver const&>(self);
    finish<false>(dispatched{}, shape, sums, receiver.output, receiver.y + at, nullptr);
  }
};

template <class Shape, class Output, class Code>
void call_kernel(sums_kernel<Shape> kernel, Shape const& shape, std::int8_t const* x,
                 std::uint8_t const* weights, std::int32_t const* weight_sums, Output const& output,
                 Code* y) noexcept {
  kernel(shape, x, weights, weight_sums, finishing_receiver<Output, Code>(output, y),
         reinterpret_cast<std::byte*>(y));
}

/// Depthwise layers of 8-bit weights whose output function the table has, from sums to codes in one kernel.
template <rounds_half_up Policy>
void depthwise_codes(window_shape const& shape, std::int8_t const* x, std::int8_t zero, std::int8_t* frame,
                     std::uint8_t const* weights,
                     requantized<Policy, one_rounding<rounding::half_up>::view, std::int8_t> const& output,
                     std::int8_t* y) noexcept {
  half_up_output<std::int8_t> const same{output.channels, output.zero, output.low, output.high};
  chosen_kernels().depthwise_half_up(shape, x, zero, frame, weights, same, y);
}
inline void depthwise_codes(window_shape const& shape, std::int8_t const* x, std::int8_t zero,
                            std::int8_t* frame, std::uint8_t const* weights,
                            xnnpack_output<std::int8_t> const& output, std::int8_t* y) noexcept {
  chosen_kernels().depthwise_xnnpack(shape, x, zero, frame, weights, output, y);
}

/// Matmuls of 8-bit weights whose output function the table has, likewise.
template <rounds_half_up Policy>
void matmul_codes(matmul_shape const& shape, bool narrow, std::int8_t const* x, std::uint8_t const* weights,
                  std::int32_t const* weight_sums,
                  requantized<Policy, one_rounding<rounding::half_up>::view, std::int8_t> const& output,
                  std::int8_t* y) noexcept {
  half_up_output<std::int8_t> const same{output.channels, output.zero, output.low, output.high};
  chosen_kernels().matmul_half_up(shape, narrow, x, weights, weight_sums, same, y);
}
inline void matmul_codes(matmul_shape const& shape, bool narrow, std::int8_t const* x,
                         std::uint8_t const* weights, std::int32_t const* weight_sums,
                         xnnpack_output<std::int8_t> const& output, std::int8_t* y) noexcept {
  chosen_kernels().matmul_xnnpack(shape, narrow, x, weights, weight_sums, output, y);
}

template <class Output, class Code>
concept has_matmul_kernel = requires(matmul_shape const& shape, Output const& output, Code* y) {
  matmul_codes(shape, false, nullptr, nullptr, nullptr, output, y);
};

template <class Output, class Code>
concept has_depthwise_kernel = requires(window_shape const& shape, Output const& output, Code* y) {
  depthwise_codes(shape, nullptr, std::int8_t{}, nullptr, nullptr, output, y);
};

}  // namespace detail

template <bool Masked, detail::rounds_half_up Policy, class Code>
  requires(!Masked && (std::same_as<Code, std::int8_t> || std::same_as<Code, std::int16_t>))
void finish(dispatched, finish_shape const& shape, std::int32_t const* sums,
            requantized<Policy, one_rounding<rounding::half_up>::view, Code> const& output, Code* y,
            std::uint8_t*) noexcept {
  half_up_output<Code> const same{output.channels, output.zero, output.low, output.high};
  if constexpr (sizeof(Code) == 1)
    chosen_kernels().half_up_8(shape, sums, same, y);
  else
    chosen_kernels().half_up_16(shape, sums, same, y);
}

template <bool Masked, class Code>
  requires(!Masked && (std::same_as<Code, std::int8_t> || std::same_as<Code, std::int16_t>))
void finish(dispatched, finish_shape const& shape, std::int32_t const* sums,
            xnnpack_output<Code> const& output, Code* y, std::uint8_t*) noexcept {
  if constexpr (sizeof(Code) == 1)
    chosen_kernels().xnnpack_8(shape, sums, output, y);
  else
    chosen_kernels().xnnpack_16(shape, sums, output, y);
}

template <int StorageBits, class Sum = std::int32_t, class Output, class Code>
  requires(StorageBits <= 8 && sizeof(Sum) == 4)
constexpr void matmul(dispatched, matmul_shape const& shape, std::int8_t const* x,
                      std::uint8_t const* weights, std::int32_t const* weight_sums, Output const& output,
                      Code* y) noexcept {
  if (std::is_constant_evaluated() || (StorageBits == 1 && !detail::bits_fit(shape)))
    reference_matmul<StorageBits>(shape, x, weights, output, y);
  else if constexpr (StorageBits == 8 && detail::has_matmul_kernel<Output, Code>)
    detail::matmul_codes(shape, false, x, weights, weight_sums, output, y);
  else if constexpr (StorageBits == 1)
    detail::call_kernel(chosen_kernels().bit_matmul, shape, x, weights, weight_sums, output, y);
  else
    detail::call_kernel(chosen_kernels().matmul[detail::width_index<StorageBits>], shape, x, weights,
                        weight_sums, output, y);
}

template <int StorageBits, class Sum = std::int32_t, std::convertible_to<std::int32_t const*> Sums,
          class Output, class Code>
  requires(StorageBits == 8 && sizeof(Sum) == 4 && detail::has_matmul_kernel<Output, Code>)
constexpr void gathered_matmul(dispatched, matmul_shape const& shape, std::int8_t const* x,
                               std::uint8_t const* weights, Sums weight_sums, Output const& output,
                               Code* y) noexcept {
  if (std::is_constant_evaluated())
    gathered_matmul<StorageBits>(reference{}, shape, x, weights, weight_sums, output, y);
  else
    detail::matmul_codes(shape, true, x, weights, weight_sums, output, y);
}

template <int StorageBits, class Sum = std::int32_t, class Output, class Code>
  requires(StorageBits <= 8 && sizeof(Sum) == 4)
constexpr void depthwise(dispatched, window_shape const& shape, std::int8_t const* padded,
                         std::uint8_t const* weights, Output const& output, Code* y) noexcept {
  if (std::is_constant_evaluated() || static_cast<std::size_t>(shape.taps()) > detail::most_taps)
    reference_depthwise<StorageBits>(shape, padded, weights, output, y);
  else if constexpr (StorageBits == 8 && detail::has_depthwise_kernel<Output, Code>)
    detail::depthwise_codes(shape, padded, std::int8_t{}, nullptr, weights, output, y);
  else
    detail::call_kernel(chosen_kernels().depthwise[detail::width_index<StorageBits>], shape, padded, weights,
                        nullptr, output, y);
}

template <int StorageBits, class Sum = std::int32_t, class Output, class Code>
  requires(StorageBits == 8 && sizeof(Sum) == 4 && detail::has_depthwise_kernel<Output, Code>)
constexpr void padded_depthwise(dispatched arch, window_shape const& shape, std::int8_t const* x,
                                std::int8_t zero, std::int8_t* frame, std::uint8_t const* weights,
                                Output const& output, Code* y) noexcept {
  if (std::is_constant_evaluated()) {
    pad(shape, x, zero, frame);
    depthwise<StorageBits>(arch, shape, frame, weights, output, y);
  } else {
    detail::depthwise_codes(shape, x, zero, frame, weights, output, y);
  }
}

}  // namespace dyadic::kernel
