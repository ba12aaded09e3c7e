#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/core/exact.hpp>
#include <dyadic/kernel/bounds.hpp>
#include <dyadic/kernel/grouped.hpp>
#include <dyadic/kernel/pack.hpp>
#include <dyadic/kernel/quantize.hpp>
#include <dyadic/kernel/shape.hpp>
#include <dyadic/layer/code_output.hpp>
#include <dyadic/quantize/quantizer.hpp>

namespace dyadic {

/// Groups of inputs of a linear layer's weights: what their codes are multiplied by, in logical order.
template <class Product, std::size_t Count, std::size_t Factors> struct group_codes {
  std::uint8_t factors[Factors];  ///< [outputs][groups]
  Product products[Count];        ///< factor * code, in the order of the float weights
};
template <class Product, std::size_t Count> struct group_codes<Product, Count, 0> {};

/// A linear layer's weights as integers: scales from the range rule, codes, sums, the packed layout, and the
/// gradient that passes through the rounding. Float weights are [out][window][in], depthwise ones
/// [window][channel]. Binary ones take a bit each where what they multiply are bits too.
template <class Rule, kernel::weight_shape Shape, bool Depthwise, bool BinaryInputs = false>
struct linear_weights {
  using grid = typename Rule::grid;
  using range = typename Rule::range;
  static constexpr std::size_t channels = Shape.outputs;
  static constexpr std::size_t depth = Shape.segments * Shape.depth;
  static constexpr std::size_t count = channels * depth;
  using granularity = typename Rule::granularity;
  static constexpr bool grouped = is_grouped<granularity>;
  static constexpr std::size_t group_inputs = [] {
    if constexpr (grouped)
      return granularity::group_inputs;
    else
      return depth;
  }();
  static constexpr int largest_factor = [] {
    if constexpr (grouped)
      return granularity::largest_factor;
    else
      return 1;
  }();
  static constexpr std::size_t groups = (depth + group_inputs - 1) / group_inputs;
  static constexpr std::size_t factor_count = grouped ? channels * groups : 0;
  static constexpr std::size_t factor_bytes = grouped ? kernel::factor_bytes(Shape, groups) : 0;
  /// Can kernels read such groups, and scales be multiplied by factors?
  static constexpr bool groups_possible =
      !grouped ||
      (!Depthwise && kernel::groups_fit(Shape, group_inputs) && has_any_scale<grid> && has_any_scale<range>);
  static constexpr std::size_t scales = grouped                                    ? factor_count
                                        : std::is_same_v<granularity, per_channel> ? channels
                                                                                   : 1;
  static constexpr bool in_bits =
      BinaryInputs && std::is_same_v<grid, dyadic::grid::binary> && !Depthwise && !grouped;
  static constexpr int storage_bits = in_bits ? 1 : kernel::storage_bits(grid::bits);
  using code = kernel::weight_code<storage_bits>;
  static constexpr std::size_t packed_bytes = kernel::packed_weights_bytes<storage_bits>(Shape);
  using product = std::conditional_t<(storage_bits > 8), std::int32_t, std::int16_t>;
  using group_memory = group_codes<product, count, factor_count>;

  /// A range that covers every weight clips none: the gradient passes as it is.
  static constexpr bool covers =
      std::is_same_v<range, dyadic::range::max_abs> || std::is_same_v<range, dyadic::range::min_max>;
  using passes = typename passing<typename Rule::gradient>::type;
  static constexpr bool passes_all = (!range::learned && std::is_same_v<passes, ste::identity>) ||
                                     (covers && std::is_same_v<passes, ste::clipped>);
  /// Are codes drawn in training, and can they be?
  static constexpr bool drawn = is_drawn<typename Rule::gradient>;
  static constexpr bool draws_possible = !drawn || (has_every_code<grid> && !range::learned);

  /// Places the grids by the range rule, from each grid's own weights. Learned scales are only started.
  static void place(float const* weight, float* scale) noexcept {
    for (std::size_t s = 0; s < scales; ++s) {
      if (range::learned && scale[s] > 0) continue;
      if constexpr (grouped) {
        scale[s] = stored_for_group(weight, s / groups, s % groups);
        continue;
      }
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

  /// The scale of a channel, from what is stored for it; where it has groups the largest of theirs over the
  /// largest factor, and the groups get their factors, rounded up so that no group's range shrinks.
  static float row_scale(float const* stored, std::size_t channel,
                         [[maybe_unused]] group_memory& memory) noexcept {
    if constexpr (grouped) {
      stored += channel * groups;
      float largest = 0;
      for (std::size_t g = 0; g < groups; ++g) {
        float const scale = grid_scale(stored[g]);
        largest = scale > largest ? scale : largest;
      }
      float const split = exact::round_to_float(exact::divide(double{largest}, largest_factor));
      float const row = split > smallest_scale ? split : smallest_scale;
      for (std::size_t g = 0; g < groups; ++g) {
        double const ratio = exact::divide(double{grid_scale(stored[g])}, double{row});
        int const whole = ratio < largest_factor ? static_cast<int>(ratio) : largest_factor;
        int const factor = whole < largest_factor && whole < ratio ? whole + 1 : whole;
        memory.factors[channel * groups + g] = static_cast<std::uint8_t>(factor < 1 ? 1 : factor);
      }
      return row;
    } else {
      return grid_scale(stored[scales == 1 ? 0 : channel]);
    }
  }

  /// Codes in the order of the float weights; a negative row scale negates the codes of its channel. With a
  /// generator they are drawn, else the nearest.
  static void encode_all(float const* weight, float const* row_scales, code* codes,
                         [[maybe_unused]] group_memory& memory, generator* random = nullptr) noexcept {
    if constexpr (grouped) {
      for (std::size_t c = 0; c < channels; ++c)
        for (std::size_t i = 0; i < depth; ++i) {
          int const factor = memory.factors[c * groups + i / group_inputs];
          code const given =
              code_of(weight[c * depth + i], row_scales[c] * static_cast<float>(factor), random);
          codes[c * depth + i] = given;
          memory.products[c * depth + i] = static_cast<product>(factor * given);
        }
    } else if constexpr (Depthwise) {
      for (std::size_t tap = 0; tap < depth; ++tap)
        for (std::size_t c = 0; c < channels; ++c)
          codes[tap * channels + c] = code_of(weight[tap * channels + c], row_scales[c], random);
    } else {
      for (std::size_t c = 0; c < channels; ++c)
        encode_row(weight + c * depth, row_scales[c], codes + c * depth, random);
    }
  }

  /// Integers whose products with the row scales are the weights: codes, times their factors if they have
  /// some.
  static auto const* real_codes([[maybe_unused]] code const* codes,
                                [[maybe_unused]] group_memory const& memory) noexcept {
    if constexpr (grouped)
      return static_cast<product const*>(memory.products);
    else
      return codes;
  }

  /// What a kernel is given beside the packed weights of a slot.
  template <class Slot> static constexpr auto sums_of(Slot const& slot) noexcept {
    if constexpr (grouped)
      return kernel::grouped_sums{slot.weight_sums, slot.factors, group_inputs, groups};
    else
      return static_cast<std::int32_t const*>(slot.weight_sums);
  }

  /// Packs codes, and factors, into the layout that the kernels read, and sums them per channel.
  template <class Slot>
  static void store(code const* codes, [[maybe_unused]] std::uint8_t const* factors, Slot& slot) noexcept {
    if constexpr (grouped) {
      kernel::pack<storage_bits>(codes, Shape, slot.weights);
      kernel::pack_factors(factors, Shape, groups, slot.factors);
      kernel::sum_weights(codes, factors, Shape, group_inputs, slot.weight_sums);
    } else {
      code ordered[Depthwise ? count : 1];
      if constexpr (Depthwise) {
        for (std::size_t tap = 0; tap < depth; ++tap)
          for (std::size_t c = 0; c < channels; ++c) ordered[c * depth + tap] = codes[tap * channels + c];
        codes = ordered;
      }
      kernel::pack<storage_bits>(codes, Shape, slot.weights);
      kernel::sum_weights(codes, Shape, slot.weight_sums);
    }
  }
  template <class Slot>
  static void store(code const* codes, [[maybe_unused]] group_memory const& memory, Slot& slot) noexcept {
    if constexpr (grouped)
      store(codes, memory.factors, slot);
    else
      store(codes, static_cast<std::uint8_t const*>(nullptr), slot);
  }

  /// Turns the gradient of the rounded weights into that of the float weights; learned scales get theirs.
  static void through(float const* weight, float const* row_scales,
                      [[maybe_unused]] group_memory const& memory, float* gradient,
                      [[maybe_unused]] float const* learned_scale,
                      [[maybe_unused]] float* scale_gradient) noexcept {
    if constexpr (passes_all) return;
    for (std::size_t c = 0; c < channels; ++c) {
      // A negated channel has the same real weights on the same grid, hence the same gradients.
      float const scale = row_scales[c] < 0 ? -row_scales[c] : row_scales[c];
      if constexpr (grouped) {
        through_groups(c, scale, memory, weight, gradient, learned_scale, scale_gradient);
        continue;
      }
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
  static constexpr std::size_t inputs_of(std::size_t group) noexcept {
    return group + 1 < groups ? group_inputs : depth - group * group_inputs;
  }
  static void through_groups(std::size_t channel, float row_scale, group_memory const& memory,
                             float const* weight, float* gradient,
                             [[maybe_unused]] float const* learned_scale,
                             [[maybe_unused]] float* scale_gradient) noexcept {
    for (std::size_t g = 0; g < groups; ++g) {
      std::size_t const at = channel * groups + g, first = channel * depth + g * group_inputs;
      typename code_finish<Rule, no_activation>::backward_pass pass{
          {row_scale * static_cast<float>(memory.factors[at]), 0}, inputs_of(g)};
      pass(weight + first, gradient + first, inputs_of(g));
      if constexpr (range::learned) {
        float const state[range::state_size]{learned_scale[at]};
        pass.learn(state, scale_gradient + at);
      }
    }
  }

  /// Of a group of zeros, which says nothing, what is stored for its channel.
  static float stored_for_group(float const* weight, std::size_t channel, std::size_t group) noexcept {
    float const* const values = weight + channel * depth + group * group_inputs;
    bool says_something = false;
    for (std::size_t i = 0; i < inputs_of(group); ++i) says_something = says_something || values[i] != 0;
    return says_something ? stored_for(values, inputs_of(group))
                          : stored_for(weight + channel * depth, depth);
  }

  static void encode_row(float const* weight, float row_scale, code* codes, generator* random) noexcept {
    if constexpr (has_every_code<grid>) {
      if (random == nullptr)
        return kernel::quantize(kernel::native{}, depth, weight, {row_scale, 0}, grid::low, grid::high,
                                codes);
    }
    for (std::size_t i = 0; i < depth; ++i) codes[i] = code_of(weight[i], row_scale, random);
  }
  static code code_of(float weight, float row_scale, [[maybe_unused]] generator* random) noexcept {
    if constexpr (drawn && draws_possible)
      if (random != nullptr)
        return static_cast<code>(
            encode_by_chance(weight, {row_scale, 0}, grid::low, grid::high, random->uniform()));
    if constexpr (has_every_code<grid>)
      return static_cast<code>(encode(weight, {row_scale, 0}, grid::low, grid::high));
    else
      return static_cast<code>(row_scale < 0 ? -code_on<grid>(weight, {-row_scale, 0})
                                             : code_on<grid>(weight, {row_scale, 0}));
  }

  /// What is stored for the scale of these weights.
  static float stored_for(float const* values, std::size_t number) noexcept {
    float state[range::state_size + 1]{};
    range::template observe<grid>(state, kernel::bounds(kernel::native{}, values, number));
    return range::learned ? state[0] : range::template place<grid>(state).scale;
  }
};

}  // namespace dyadic
