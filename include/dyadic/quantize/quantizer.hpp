#pragma once

#include <cstddef>
#include <type_traits>

#include <dyadic/core/name.hpp>
#include <dyadic/quantize/gradient.hpp>
#include <dyadic/quantize/grid.hpp>
#include <dyadic/quantize/learned_range.hpp>
#include <dyadic/quantize/observed_range.hpp>
#include <dyadic/quantize/range.hpp>
#include <dyadic/quantize/stochastic.hpp>
#include <dyadic/quantize/weight_grid.hpp>

namespace dyadic {

/// One grid for the whole tensor.
struct per_tensor {
  static constexpr auto name = fixed_string("per_tensor");
};
/// One grid for each output channel: weights only.
struct per_channel {
  static constexpr auto name = fixed_string("per_channel");
};
/// One grid for each `Inputs` inputs of an output channel, counted in the weights' order (a window's rows,
/// columns and channels): weights of dense layers and convolutions only. The scale is the channel's times an
/// integer from 1 to 2^FactorBits - 1, a byte each (double quantization), so that sums stay integers of one
/// scale; they may get as many times larger. `Inputs` is a multiple of 4; the last group may have fewer.
template <int Inputs, int FactorBits = 8> struct per_group {
  static constexpr bool in_bounds = Inputs >= 4 && Inputs % 4 == 0 && 2 <= FactorBits && FactorBits <= 8;
  static constexpr auto name = [] {
    if constexpr (FactorBits == 8)
      return "per_group<" + decimal<Inputs>() + ">";
    else
      return "per_group<" + decimal<Inputs>() + "," + decimal<FactorBits>() + ">";
  }();
  static constexpr std::size_t group_inputs = Inputs;
  static constexpr int largest_factor = (1 << FactorBits) - 1;
};
/// Has a granularity groups of inputs?
template <class Granularity> inline constexpr bool is_grouped = requires { Granularity::group_inputs; };

/// Left to the place where the quantizer stands: weights per_channel with range::max_abs, activations
/// per_tensor with range::moving_average<>; binary weights have range::mean_magnitude<>. A grid with a scale
/// of its own has that, per tensor.
struct usual {
  static constexpr auto name = fixed_string("usual");
};

/// grid x granularity x range rule x gradient rule: all that quantization is, each replaceable by a user's
/// type. (A network examines whether the parts are what their places are for: network/words.hpp.)
template <class Grid, class Granularity = usual, class Range = usual, class Gradient = ste::clipped>
struct quantizer {
  using grid = Grid;
  using granularity = Granularity;
  using range = Range;
  using gradient = Gradient;
  static constexpr auto name =
      Grid::name + "," + Granularity::name + "," + Range::name + "," + Gradient::name;
};

template <int Bits, class Granularity = usual, class Range = usual, class Gradient = ste::clipped>
using symmetric = quantizer<grid::symmetric<Bits>, Granularity, Range, Gradient>;

template <int Bits, class Granularity = usual, class Range = usual, class Gradient = ste::clipped>
using affine = quantizer<grid::affine<Bits>, Granularity, Range, Gradient>;

template <int Bits, class Granularity = usual, class Range = usual, class Gradient = ste::clipped>
using power_of_two_scale = quantizer<grid::power_of_two_scale<Bits>, Granularity, Range, Gradient>;

/// Symmetric codes with one more below zero; see grid::span.
template <int Bits, class Granularity = usual, class Range = usual, class Gradient = ste::clipped>
using full_symmetric = quantizer<grid::symmetric<Bits, grid::span::full>, Granularity, Range, Gradient>;

/// A fixed-point number, its scale in the type: weights, activations or outputs.
template <int Bits, int Fraction, class Gradient = ste::clipped>
using fixed_point = quantizer<grid::fixed_point<Bits, Fraction>, usual, usual, Gradient>;

/// Weights +scale and -scale.
template <class Granularity = usual, class Range = usual, class Gradient = ste::sign>
using binary = quantizer<grid::binary, Granularity, Range, Gradient>;

/// Weights whose codes are 0 and powers of two.
template <int Bits, class Granularity = usual, class Range = usual, class Gradient = ste::clipped>
using powers_of_two = quantizer<grid::powers_of_two<Bits>, Granularity, Range, Gradient>;

/// Weights whose codes are sums of powers of two.
template <int Bits, class Granularity = usual, class Range = usual, class Gradient = ste::clipped>
using additive_powers_of_two = quantizer<grid::additive_powers_of_two<Bits>, Granularity, Range, Gradient>;

template <class Granularity = usual, class Range = usual, class Gradient = ste::clipped>
using ternary = quantizer<grid::ternary, Granularity, Range, Gradient>;

template <class Type> inline constexpr bool is_quantizer = false;
template <class Grid, class Granularity, class Range, class Gradient>
inline constexpr bool is_quantizer<quantizer<Grid, Granularity, Range, Gradient>> = true;

template <class Type, class Default>
using usual_or = std::conditional_t<std::is_same_v<Type, usual>, Default, Type>;

/// What a grid's scale is taken from where the quantizer does not say: the type's own, or `Else`.
template <class Grid, class Else>
using usual_range =
    std::conditional_t<has_own_scale<Grid>, range::in_type,
                       std::conditional_t<std::is_same_v<Grid, grid::binary>, range::mean_magnitude<>, Else>>;
template <class Grid>
using usual_weight_granularity = std::conditional_t<has_own_scale<Grid>, per_tensor, per_channel>;

/// The quantizer as it stands for a layer's weights: a grid without a zero point (the network checks).
template <class Quantizer>
struct weight_quantizer
    : quantizer<typename Quantizer::grid,
                usual_or<typename Quantizer::granularity, usual_weight_granularity<typename Quantizer::grid>>,
                usual_or<typename Quantizer::range, usual_range<typename Quantizer::grid, range::max_abs>>,
                typename Quantizer::gradient> {};

/// The quantizer as it stands for a layer's outputs: per tensor (the network checks).
template <class Quantizer>
struct activation_quantizer
    : quantizer<
          typename Quantizer::grid, usual_or<typename Quantizer::granularity, per_tensor>,
          usual_or<typename Quantizer::range, usual_range<typename Quantizer::grid, range::moving_average<>>>,
          typename Quantizer::gradient> {};

}  // namespace dyadic
