#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/pack.hpp>
#include <dyadic/kernel/shape.hpp>
#include <dyadic/layer/code_output.hpp>
#include <dyadic/quantize/quantizer.hpp>

namespace dyadic {

/// A linear layer's weights as integers: scales from the range rule, codes, sums, the packed layout, and the
/// gradient that passes through the rounding. Float weights are [out][window][in], depthwise ones
/// [window][channel].
template <class Rule, kernel::weight_shape Shape, bool Depthwise> struct linear_weights {
  using grid = typename Rule::grid;
  using range = typename Rule::range;
  static constexpr std::size_t channels = Shape.outputs;
  static constexpr std::size_t depth = Shape.segments * Shape.depth;
  static constexpr std::size_t count = channels * depth;
  static constexpr std::size_t scales =
      std::is_same_v<typename Rule::granularity, per_channel> ? channels : 1;
  static constexpr int storage_bits = kernel::storage_bits(grid::bits);
  using code = kernel::weight_code<storage_bits>;
  static constexpr std::size_t packed_bytes = kernel::packed_weights_bytes<storage_bits>(Shape);

  /// A range that covers every weight clips none: the gradient passes as it is.
  static constexpr bool covers =
      std::is_same_v<range, dyadic::range::max_abs> || std::is_same_v<range, dyadic::range::min_max>;
  static constexpr bool passes_all =
      (!range::learned && std::is_same_v<typename Rule::gradient, ste::identity>) ||
      (covers && std::is_same_v<typename Rule::gradient, ste::clipped>);

  /// Places the grids by the range rule, from each grid's own weights. Learned scales are only started.
  static void place(float const* weight, float* scale) noexcept {
    for (std::size_t s = 0; s < scales; ++s) {
      if (range::learned && scale[s] > 0) continue;
      if constexpr (Depthwise && scales != 1) {
        float values[depth];
        for (std::size_t tap = 0; tap < depth; ++tap) values[tap] = weight[tap * channels + s];
        scale[s] = stored_for(values, depth);
      } else {
        scale[s] = stored_for(weight + s * depth, count / scales);
      }
    }
  }

  /// The grid's scale of the number that is stored for it: itself, or what a learned rule makes of its own.
  static float grid_scale(float stored) noexcept {
    if constexpr (range::learned) {
      float state[range::state_size]{stored};
      return range::template place<grid>(state).scale;
    }
    return stored;
  }

  /// Codes in the order of the float weights; a negative row scale negates the codes of its channel.
  static void encode_all(float const* weight, float const* row_scales, code* codes) noexcept {
    if constexpr (Depthwise) {
      for (std::size_t tap = 0; tap < depth; ++tap)
        for (std::size_t c = 0; c < channels; ++c)
          codes[tap * channels + c] = code_of(weight[tap * channels + c], row_scales[c]);
    } else {
      for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t i = c * depth; i < (c + 1) * depth; ++i)
          codes[i] = code_of(weight[i], row_scales[c]);
      }
    }
  }

  /// Packs codes into the layout that the kernels read, and sums them per channel.
  static void store(code const* codes, std::uint8_t* packed, std::int32_t* sums) noexcept {
    if constexpr (Depthwise) {
      code ordered[count];
      for (std::size_t tap = 0; tap < depth; ++tap)
        for (std::size_t c = 0; c < channels; ++c) ordered[c * depth + tap] = codes[tap * channels + c];
      kernel::pack<storage_bits>(ordered, Shape, packed);
      kernel::sum_weights(ordered, Shape, sums);
    } else {
      kernel::pack<storage_bits>(codes, Shape, packed);
      kernel::sum_weights(codes, Shape, sums);
    }
  }

  /// Turns the gradient of the rounded weights into that of the float weights; learned scales get theirs.
  static void through(float const* weight, float const* row_scales, float* gradient,
                      [[maybe_unused]] float const* learned_scale,
                      [[maybe_unused]] float* scale_gradient) noexcept {
    if constexpr (passes_all) return;
    for (std::size_t c = 0; c < channels; ++c) {
      // A negated channel has the same real weights on the same grid, hence the same gradients.
      float const scale = row_scales[c] < 0 ? -row_scales[c] : row_scales[c];
      typename code_finish<Rule, no_activation>::backward_pass pass{{scale, 0}, count / scales};
      if constexpr (Depthwise) {
        float values[depth], dw[depth];
        for (std::size_t tap = 0; tap < depth; ++tap) {
          values[tap] = weight[tap * channels + c];
          dw[tap] = gradient[tap * channels + c];
        }
        pass(values, dw, depth);
        for (std::size_t tap = 0; tap < depth; ++tap) gradient[tap * channels + c] = dw[tap];
      } else {
        pass(weight + c * depth, gradient + c * depth, depth);
      }
      if constexpr (range::learned) {
        std::size_t const s = scales == 1 ? 0 : c;
        float const state[range::state_size]{learned_scale[s]};
        pass.learn(state, scale_gradient + s);
      }
    }
  }

 private:
  static code code_of(float weight, float row_scale) noexcept {
    if constexpr (has_every_code<grid>)
      return static_cast<code>(encode(weight, {row_scale, 0}, grid::low, grid::high));
    else
      return static_cast<code>(row_scale < 0 ? -code_on<grid>(weight, {-row_scale, 0})
                                             : code_on<grid>(weight, {row_scale, 0}));
  }

  /// What is stored for the scale of these weights.
  static float stored_for(float const* values, std::size_t number) noexcept {
    float state[range::state_size + 1]{};
    range::template observe<grid>(state, seen_in(values, number));
    return range::learned ? state[0] : range::template place<grid>(state).scale;
  }
};

}  // namespace dyadic
