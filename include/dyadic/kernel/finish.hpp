#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/output.hpp>

namespace dyadic::kernel {

/// A rectangle of accumulators to finish: `rows` rows of `channels`, the first of which is channel
/// `first_channel` of the output function.
struct finish_shape {
  std::size_t rows, channels, first_channel;
  std::ptrdiff_t sum_stride, output_stride;
};

namespace detail {

/// One element; with `Masked` also whether the code lay in range before it was clamped.
template <bool Masked, class Output, class Sum, class Code>
constexpr void finish_one(Output const& output, Sum sum, std::size_t channel, Code* y,
                          std::uint8_t* mask) noexcept {
  if constexpr (Masked) {
    std::int64_t const value = output.unclamped(sum, channel);
    *y = output.clamped(value);
    *mask = static_cast<std::uint8_t>(value >= output.low && value <= output.high);
  } else {
    *y = output(sum, channel);
  }
}

}  // namespace detail

/// y[row][c] = output(sums[row][c], first_channel + c), and the mask of `apply_output`, laid out as y, if
/// `Masked`. This is any output function and width of sums at any instruction set; overloads know more.
template <bool Masked, class Output, class Sum, class Code>
constexpr void finish(portable, finish_shape const& shape, Sum const* sums, Output const& output, Code* y,
                      std::uint8_t* mask) noexcept {
  for (std::size_t row = 0; row < shape.rows; ++row) {
    auto const at = static_cast<std::ptrdiff_t>(row);
    Sum const* const from = sums + at * shape.sum_stride;
    for (std::size_t c = 0; c < shape.channels; ++c) {
      auto const to = at * shape.output_stride + static_cast<std::ptrdiff_t>(c);
      detail::finish_one<Masked>(output, from[c], shape.first_channel + c, y + to,
                                 Masked ? mask + to : nullptr);
    }
  }
}

/// Accumulators that stay what they are.
template <bool Masked>
void finish(portable, finish_shape const& shape, std::int32_t const* sums, accumulators const&,
            std::int32_t* y, std::uint8_t*) noexcept {
  constexpr std::size_t block = 16;
  for (std::size_t row = 0; row < shape.rows; ++row) {
    std::int32_t const* const from = sums + static_cast<std::ptrdiff_t>(row) * shape.sum_stride;
    std::int32_t* const to = y + static_cast<std::ptrdiff_t>(row) * shape.output_stride;
    std::size_t c = 0;
    for (; c + block <= shape.channels; c += block) __builtin_memcpy(to + c, from + c, block * sizeof *to);
    for (; c < shape.channels; ++c) to[c] = from[c];
  }
}

/// How the sums of a panel of `Width` outputs become codes while they are in registers. Where this is not
/// specialized, they go through memory to `finish`.
///   takes(output, channel)           can it be done for the panel from `channel` on?
///   panel_lines(output, channel, initial)  may add to what the sums start from
///   tile                             what `accumulate_tile` calls: {lines, y, row stride of y}
template <class Arch, class Output, std::size_t Width> struct panel_lines {
  static constexpr bool exist = false;
};

}  // namespace dyadic::kernel
