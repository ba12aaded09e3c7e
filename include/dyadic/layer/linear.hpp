#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include <dyadic/layer/activation.hpp>
#include <dyadic/layer/batch_norm.hpp>
#include <dyadic/layer/linear_coded.hpp>
#include <dyadic/layer/linear_float.hpp>
#include <dyadic/layer/linear_quantized.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// A linear layer with what it absorbs: batch norm and activation become part of its one rounding to codes.
template <fixed_string Name, class Linear, class In, class Norm = no_norm, class Activation = no_activation>
struct linear_stage {
  static constexpr auto name = Name;
  static constexpr auto kind = Linear::kind;
  static constexpr auto text = Linear::name + Norm::suffix + activation_suffix<Activation>();
  using layer = Linear;
  using norm = Norm;
  using activation = Activation;
  using input = In;
  using output = typename Linear::template output<In>;
  using words = join<typename Linear::words, typename Norm::words, typename Activation::words>;
  static constexpr bool makes_codes = true;
  static constexpr kernel::window_shape geometry = Linear::template geometry<In>;
  static constexpr std::size_t channels = static_cast<std::size_t>(output::channels);
  /// Weights that one output channel sums over.
  static constexpr std::size_t depth =
      static_cast<std::size_t>(geometry.taps()) *
      (Linear::depthwise ? 1 : static_cast<std::size_t>(geometry.group_inputs()));
  static constexpr std::size_t weight_count = channels * depth;
  /// Where a batch norm follows, its beta takes the place of the bias.
  static constexpr std::size_t parameter_count = weight_count + (Norm::present ? 2 : 1) * channels;
  static constexpr std::size_t mac_count = static_cast<std::size_t>(output::size) * depth;

  template <class Layer>
  static constexpr bool absorbs_norm = !Norm::present && std::is_same_v<Activation, no_activation>;
  template <class Layer> using with_norm = linear_stage<Name, Linear, In, Layer, Activation>;
  template <class Layer> static constexpr bool absorbs_activation = std::is_same_v<Activation, no_activation>;
  template <class Layer> using with_activation = linear_stage<Name, Linear, In, Norm, Layer>;

  template <class Scheme> using own_policies = policies<Scheme, Name, words, Linear>;
  template <class Scheme, class Format, bool Last> static constexpr auto bound() noexcept {
    using own = own_policies<Scheme>;
    using rule = typename own::weights;
    if constexpr (own::is_float)
      return std::type_identity<linear_float<linear_stage, !Scheme::kept_float::value>>{};
    else if constexpr (own::has_weights_alone)
      return std::type_identity<linear_coded<linear_stage, rule, weights_in_bits<linear_stage, rule>>>{};
    else if constexpr (own::at_run_time)
      return std::type_identity<linear_coded<linear_stage, rule, weights_in_layout<linear_stage, rule>>>{};
    else
      return std::type_identity<linear_quantized<linear_stage, own, Format, Last>>{};
  }
  template <class Scheme, class Format, bool Last>
  using bind = typename decltype(bound<Scheme, Format, Last>())::type;
  template <class Scheme> static constexpr bool wants_real = own_policies<Scheme>::works_on_reals;
};

}  // namespace dyadic
