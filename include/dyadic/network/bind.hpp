#pragma once

#include <cstddef>
#include <type_traits>

#include <dyadic/layer/input.hpp>
#include <dyadic/layer/stage.hpp>
#include <dyadic/network/chain.hpp>
#include <dyadic/network/join.hpp>

/// From stages to a chain of bound stages: every stage gets its policies and the format of its input, and
/// where codes meet a layer that is kept float, or the reverse, a stage that converts.
namespace dyadic {

/// What a stage wants to be given: codes, reals, or whatever comes.
enum class wanted { anything, codes, reals };

template <class Stage, class Scheme> constexpr wanted wanted_by() noexcept {
  if constexpr (requires { Stage::template wants_real<Scheme>; })
    return Stage::template wants_real<Scheme> ? wanted::reals : wanted::codes;
  else if constexpr (requires { Stage::template is_kept_float<Scheme>; })
    return Stage::template is_kept_float<Scheme> ? wanted::reals : wanted::anything;
  else
    return wanted::anything;
}

template <class Stage> struct layer_in {
  using type = void;
};
template <class Stage>
  requires requires { typename Stage::layer; }
struct layer_in<Stage> {
  using type = typename Stage::layer;
};
/// The layer that a stage was made from, or void.
template <class Stage> using layer_of = typename layer_in<Stage>::type;

template <class... Stages> constexpr std::size_t parameters_of(list<Stages...>) noexcept {
  return (std::size_t{0} + ... + Stages::parameter_count);
}
template <class... Stages> constexpr std::size_t macs_of(list<Stages...>) noexcept {
  return (std::size_t{0} + ... + Stages::mac_count);
}

/// The index of the last stage that rounds to codes, or the number of stages: its codes are the network's
/// outputs.
template <class... Stages> constexpr std::size_t last_maker(list<Stages...>) noexcept {
  std::size_t found = sizeof...(Stages), index = 0;
  ((found = Stages::makes_codes ? index : found, ++index), ...);
  return found;
}

template <class Scheme, class Format, std::size_t Index, std::size_t Last, class Done, class Stages>
struct binding;
template <class Scheme, class Format, std::size_t Index, std::size_t Last, class... Done>
struct binding<Scheme, Format, Index, Last, list<Done...>, list<>> {
  using type = chain<Done...>;
};
template <class Scheme, class Format, std::size_t Index, std::size_t Last, class... Done, class Stage,
          class... Rest>
struct binding<Scheme, Format, Index, Last, list<Done...>, list<Stage, Rest...>> {
  static constexpr wanted wants = wanted_by<Stage, Scheme>();
  static constexpr bool encodes = Format::is_real && wants == wanted::codes;
  static constexpr bool decodes = !Format::is_real && wants == wanted::reals;

  static constexpr auto converted() noexcept {
    if constexpr (encodes)
      return list<
          Done...,
          encode_stage<"quantize_" + Stage::name, typename Stage::input,
                       typename policies<Scheme, Stage::name, list<>, layer_of<Stage>>::activations, 0>>{};
    else if constexpr (decodes)
      return list<Done..., decode_stage<"dequantize_" + Stage::name, typename Stage::input, Format>>{};
    else
      return list<Done...>{};
  }
  using before = decltype(converted());
  using given = std::conditional_t<
      encodes, coded_by<typename policies<Scheme, Stage::name, list<>, layer_of<Stage>>::activations::grid>,
      std::conditional_t<decodes, real, Format>>;
  using bound = typename Stage::template bind<Scheme, given, Index == Last>;
  using type = typename binding<Scheme, typename bound::output_format, Index + 1, Last,
                                join<before, list<bound>>, list<Rest...>>::type;
};

/// A branch's chain: none of its codes are the network's outputs.
template <class Scheme, class Format, class Stages>
using bound_chain = typename binding<Scheme, Format, 0, Stages::size, list<>, Stages>::type;

template <class Scheme, class Format, class Stages> struct bound_later {
  using type = bound_chain<Scheme, Format, Stages>;
};
template <class Format> struct identity_bound {
  using type = identity_branch<Format>;
};

/// Does the first stage that has a wish want codes? Then the input becomes codes.
template <class Scheme, class... Stages> constexpr bool starts_in_codes(list<Stages...>) noexcept {
  wanted first = wanted::anything;
  ((first = first == wanted::anything ? wanted_by<Stages, Scheme>() : first), ...);
  return first == wanted::anything ? !policies<Scheme, fixed_string(""), list<>>::works_on_reals
                                   : first == wanted::codes;
}

/// The whole network's chain, from reals.
template <class Scheme, class Input, class Stages> struct network_binding {
  using rule = typename policies<Scheme, fixed_string("input"), typename Input::words>::activations;
  static constexpr bool coded_input = starts_in_codes<Scheme>(Stages{});
  using first_format = std::conditional_t<coded_input, coded_by<typename rule::grid>, real>;
  /// The stages behind the input.
  using body = typename binding<Scheme, first_format, 0, last_maker(Stages{}), list<>, Stages>::type;
  using encode = encode_stage<fixed_string("input"), typename Input::shape, rule, Input::map_count>;
  using type = std::conditional_t<coded_input, chain<encode, body>, chain<body>>;
};

}  // namespace dyadic
