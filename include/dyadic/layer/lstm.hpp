#pragma once

#include <dyadic/kernel/float_gates.hpp>
#include <dyadic/kernel/gates.hpp>
#include <dyadic/layer/recurrent.hpp>

namespace dyadic {

/// The long short-term memory as PyTorch's and Keras's (Hochreiter and Schmidhuber 1997, Gers et al. 2000):
///   i, f, o = sigmoid(W x + U h + b), g = tanh(W x + U h + b), c' = f * c + i * g, h' = o * tanh(c')
/// Gates in the order i, f, g, o, with one bias (the sum of PyTorch's two). The state is c.
struct lstm_cell {
  static constexpr auto name = fixed_string("lstm");
  static constexpr std::size_t gates = 4;
  static constexpr bool recurrent_bias = false;
  /// The forget gate's bias starts at 1 (Jozefowicz et al. 2015).
  static constexpr float initial_bias(std::size_t gate) noexcept { return gate == 1 ? 1.0F : 0.0F; }
  /// i, f, g, o, tanh(c'), and whether c' was on its grid.
  static constexpr std::size_t kept_rows = 6;
  static constexpr float state_scale = kernel::gate_scale;

  /// On integers; c is clipped at +-16.
  struct codes {
    std::int32_t i, f, g, o;
    std::int64_t unclipped;
    std::int32_t c;

    constexpr codes(std::size_t units, std::size_t u, std::int16_t const* x, std::int16_t const* h,
                    std::int32_t before) noexcept
        : i{kernel::gate_sigmoid(x[u] + h[u])},
          f{kernel::gate_sigmoid(x[units + u] + h[units + u])},
          g{kernel::gate_tanh(x[2 * units + u] + h[2 * units + u])},
          o{kernel::gate_sigmoid(x[3 * units + u] + h[3 * units + u])},
          unclipped{(std::int64_t{f} * before * 16 + i * g + (1 << 18)) >> 19},
          c{static_cast<std::int32_t>(unclipped > 32767    ? 32767
                                      : unclipped < -32767 ? -32767
                                                           : unclipped)} {}
  };
  static constexpr void step(std::size_t units, std::int16_t const* x, std::int16_t const* h,
                             std::int16_t* state, std::int16_t* hidden) noexcept {
    for (std::size_t u = 0; u < units; ++u) {
      codes const at(units, u, x, h, state[u]);
      state[u] = static_cast<std::int16_t>(at.c);
      hidden[u] = static_cast<std::int16_t>(kernel::gate_product(at.o, kernel::gate_tanh(at.c)));
    }
  }
  static void values(std::size_t units, std::int16_t const* x, std::int16_t const* h,
                     std::int16_t const* previous, float* kept) noexcept {
    for (std::size_t u = 0; u < units; ++u) {
      codes const at(units, u, x, h, previous[u]);
      kept[u] = static_cast<float>(at.i) * kernel::unit_scale;
      kept[units + u] = static_cast<float>(at.f) * kernel::unit_scale;
      kept[2 * units + u] = static_cast<float>(at.g) * kernel::unit_scale;
      kept[3 * units + u] = static_cast<float>(at.o) * kernel::unit_scale;
      kept[4 * units + u] = static_cast<float>(kernel::gate_tanh(at.c)) * kernel::unit_scale;
      kept[5 * units + u] = at.unclipped == at.c ? 1.0F : 0.0F;
    }
  }

  /// In floats.
  static void step(std::size_t units, float const* __restrict x, float const* __restrict h,
                   float const* __restrict previous, float* __restrict kept, float* __restrict state,
                   float* __restrict hidden) noexcept {
    for (std::size_t u = 0; u < units; ++u) {
      float const i = kernel::float_sigmoid(x[u] + h[u]);
      float const f = kernel::float_sigmoid(x[units + u] + h[units + u]);
      float const g = kernel::float_tanh(x[2 * units + u] + h[2 * units + u]);
      float const o = kernel::float_sigmoid(x[3 * units + u] + h[3 * units + u]);
      float const c = f * previous[u] + i * g;
      float const t = kernel::float_tanh(c);
      kept[u] = i;
      kept[units + u] = f;
      kept[2 * units + u] = g;
      kept[3 * units + u] = o;
      kept[4 * units + u] = t;
      kept[5 * units + u] = 1;
      state[u] = c;
      hidden[u] = o * t;
    }
  }

  static void backward(std::size_t units, float const* __restrict kept, float const* __restrict previous,
                       float const* __restrict d_hidden, float* __restrict d_state, float* __restrict dx,
                       float* __restrict dh) noexcept {
    for (std::size_t u = 0; u < units; ++u) {
      float const i = kept[u], f = kept[units + u], g = kept[2 * units + u], o = kept[3 * units + u];
      float const t = kept[4 * units + u];
      float const dc = (d_state[u] + d_hidden[u] * o * (1 - t * t)) * kept[5 * units + u];
      dx[u] = dh[u] = dc * g * i * (1 - i);
      dx[units + u] = dh[units + u] = dc * previous[u] * f * (1 - f);
      dx[2 * units + u] = dh[2 * units + u] = dc * i * (1 - g * g);
      dx[3 * units + u] = dh[3 * units + u] = d_hidden[u] * t * o * (1 - o);
      d_state[u] = dc * f;
    }
  }
};

/// A long short-term memory over a sequence (steps x channels), from zeros: its last hidden state, a vector,
/// or with the word `return_sequences` all of them. Weights [4 * Units][channels] and [4 * Units][Units],
/// gates i, f, g, o. On integers c has 16 bits of 2^-11; what the recurrent weights and the next layer see is
/// h on the activations' grid over [-1, 1].
template <int Units, class... Words> using lstm = recurrent<lstm_cell, Units, Words...>;

}  // namespace dyadic
