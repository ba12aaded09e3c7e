#pragma once

#include <cstddef>
#include <cstdint>

#include "dyadic/kernel/arch.hpp"
#include "dyadic/kernel/output.hpp"
#include "dyadic/kernel/pack.hpp"
#include "dyadic/kernel/reference.hpp"
#include "dyadic/kernel/shape.hpp"

namespace dyadic::kernel {

/// Each channel with its own window: y[row, column, c] = output(sum over taps of x * w[c][tap], c). One
/// image, padded if the shape pads; out_channels == in_channels. Weights are `pack<StorageBits>` of
/// [channels][taps] under `depthwise_weights(shape)`. All but the reference may read `read_slack` elements
/// past the image's end.
template <int StorageBits, compiled Arch, class Activation, class Output, class Code>
constexpr void depthwise(Arch, window_shape const& shape, Activation const* padded,
                         std::uint8_t const* weights, Output const& output, Code* y) noexcept {
  reference_depthwise<StorageBits>(shape, padded, weights, output, y);
}

}  // namespace dyadic::kernel
