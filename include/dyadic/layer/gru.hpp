#pragma once

#include <dyadic/kernel/float_gates.hpp>
#include <dyadic/kernel/gates.hpp>
#include <dyadic/layer/recurrent.hpp>

namespace dyadic {

/// The gated recurrent unit as PyTorch's `GRU` and Keras's with `reset_after` (Cho et al. 2014):
///   r = sigmoid(Wr x + br + Ur h + cr), z = sigmoid(Wz x + bz + Uz h + cz)
///   n = tanh(Wn x + bn + r * (Un h + cn)), h' = (1 - z) * n + z * h
/// Gates in the order r, z, n. The state is h. For one image and step: `x` and `h` are the two parts of the
/// pre-activations, gate by gate.
struct gru_cell {
  static constexpr auto name = fixed_string("gru");
  static constexpr std::size_t gates = 3;
  static constexpr bool recurrent_bias = true;
  static constexpr float initial_bias(std::size_t) noexcept { return 0; }
  /// Rows of numbers that the backward pass wants: r, z, n and the recurrent part of n.
  static constexpr std::size_t kept_rows = 4;
  static constexpr float state_scale = kernel::unit_scale;

  /// On integers; `hidden` gets codes of 2^-15.
  static constexpr void step(std::size_t units, std::int16_t const* x, std::int16_t const* h,
                             std::int16_t* state, std::int16_t* hidden) noexcept {
    for (std::size_t u = 0; u < units; ++u) {
      std::int32_t const r = kernel::gate_sigmoid(x[u] + h[u]);
      std::int32_t const z = kernel::gate_sigmoid(x[units + u] + h[units + u]);
      std::int32_t const n = kernel::gate_tanh(x[2 * units + u] + kernel::gate_product(r, h[2 * units + u]));
      std::int32_t const next = (z * state[u] + (32768 - z) * n + 16384) >> 15;
      state[u] = hidden[u] = static_cast<std::int16_t>(next);
    }
  }
  /// The reals behind the codes of such a step.
  static void values(std::size_t units, std::int16_t const* x, std::int16_t const* h, std::int16_t const*,
                     float* kept) noexcept {
    for (std::size_t u = 0; u < units; ++u) {
      std::int32_t const r = kernel::gate_sigmoid(x[u] + h[u]);
      std::int32_t const z = kernel::gate_sigmoid(x[units + u] + h[units + u]);
      std::int32_t const recurrent = h[2 * units + u];
      std::int32_t const n = kernel::gate_tanh(x[2 * units + u] + kernel::gate_product(r, recurrent));
      kept[u] = static_cast<float>(r) * kernel::unit_scale;
      kept[units + u] = static_cast<float>(z) * kernel::unit_scale;
      kept[2 * units + u] = static_cast<float>(n) * kernel::unit_scale;
      kept[3 * units + u] = static_cast<float>(recurrent) * kernel::gate_scale;
    }
  }

  /// In floats.
  static void step(std::size_t units, float const* __restrict x, float const* __restrict h,
                   float const* __restrict previous, float* __restrict kept, float* __restrict state,
                   float* __restrict hidden) noexcept {
    for (std::size_t u = 0; u < units; ++u) {
      float const r = kernel::float_sigmoid(x[u] + h[u]);
      float const z = kernel::float_sigmoid(x[units + u] + h[units + u]);
      float const recurrent = h[2 * units + u];
      float const n = kernel::float_tanh(x[2 * units + u] + r * recurrent);
      kept[u] = r;
      kept[units + u] = z;
      kept[2 * units + u] = n;
      kept[3 * units + u] = recurrent;
      state[u] = hidden[u] = n + z * (previous[u] - n);
    }
  }

  /// From the gradients of hidden and new state to those of both parts and of the state before.
  static void backward(std::size_t units, float const* __restrict kept, float const* __restrict previous,
                       float const* __restrict d_hidden, float* __restrict d_state, float* __restrict dx,
                       float* __restrict dh) noexcept {
    for (std::size_t u = 0; u < units; ++u) {
      float const r = kept[u], z = kept[units + u], n = kept[2 * units + u];
      float const d = d_hidden[u] + d_state[u];
      float const dn = d * (1 - z) * (1 - n * n);
      float const dz = d * (previous[u] - n) * z * (1 - z);
      float const dr = dn * kept[3 * units + u] * r * (1 - r);
      dx[u] = dh[u] = dr;
      dx[units + u] = dh[units + u] = dz;
      dx[2 * units + u] = dn;
      dh[2 * units + u] = dn * r;
      d_state[u] = d * z;
    }
  }
};

/// A gated recurrent unit over a sequence (steps x channels), from a state of zeros: its last hidden state, a
/// vector, or with the word `return_sequences` all of them. Weights [3 * Units][channels] and [3 * Units]
/// [Units], gates r, z, n. On integers the state has 16 bits; what the recurrent weights and the next layer
/// see is its rounding to the activations' grid over [-1, 1].
template <int Units, class... Words> using gru = recurrent<gru_cell, Units, Words...>;

}  // namespace dyadic
