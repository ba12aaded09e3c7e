#pragma once

#include <cstddef>
#include <type_traits>

#include <dyadic/core/name.hpp>
#include <dyadic/fixed/rounding.hpp>
#include <dyadic/quantize/quantizer.hpp>
#include <dyadic/quantize/rescale.hpp>

namespace dyadic {

/// A list of types.
template <class... Types> struct list {
  static constexpr std::size_t size = sizeof...(Types);
};

/// Policy words: they may stand on a layer (`dense<10, weights<symmetric<4>>>`) or behind a name (`at<"head",
/// ...>`).
template <class Quantizer> struct weights {
  using type = Quantizer;
};
template <class Quantizer> struct activations {
  using type = Quantizer;
};
template <class Policy> struct rescale {
  using type = Policy;
};
/// The quantizer of the network's last codes, which are its outputs.
template <class Quantizer> struct outputs {
  using type = Quantizer;
};
/// The layer works in float32; the network is then `in<mixed<Scheme>>`.
struct kept_float {
  using type = std::true_type;
};

/// The layer's weights are codes and its inputs float32: small weights, nothing to calibrate. It computes in
/// float32; the network is then `in<mixed<Scheme>>`.
struct weights_alone {
  using type = std::true_type;
};
/// The layer's weights are codes, and at each call the inputs of each image become symmetric int8 codes by
/// their own largest magnitude: integer sums, nothing to calibrate, float32 between layers. The network is
/// then `in<mixed<Scheme>>`.
struct ranges_at_run_time {
  using type = std::true_type;
};

/// Every member has a default; a user's scheme derives from this and replaces what it wants.
struct scheme {
  using weights = symmetric<8>;
  using activations = affine<8>;
  using rescale = multiplier<31, rounding::half_up>;
  using outputs = symmetric<16>;
  using overrides = list<>;
  using kept_float = std::false_type;
  using weights_alone = std::false_type;
  using ranges_at_run_time = std::false_type;
};

/// Every layer in float32: the scheme of `in<float32>`.
struct all_float : scheme {
  using kept_float = std::true_type;
};

/// Words for the layer of that name, or by "block/*" for all layers whose names begin with "block/".
template <fixed_string Name, class... Words> struct at {
  static constexpr auto name = Name;
  static constexpr bool by_name = !means_many<Name>;
  template <fixed_string Other, class Layer> static constexpr bool holds = is_meant<Name, Other>;
  using words = list<Words...>;
};

template <class Layer> constexpr auto kind_of_layer() noexcept {
  if constexpr (requires { Layer::kind; })
    return Layer::kind;
  else
    return fixed_string("");
}

/// Words for the layers of a kind: `of_kind<"conv2d", weights<symmetric<4>>>`. The kind is the first part of
/// the name that an unnamed layer has: "conv2d" of "conv2d_1".
template <fixed_string Kind, class... Words> struct of_kind {
  static constexpr auto kind = Kind;
  static constexpr bool by_name = false;
  template <fixed_string, class Layer> static constexpr bool holds = kind_of_layer<Layer>() == Kind;
  using words = list<Words...>;
};

/// Words for the layers whose type satisfies `Predicate<Layer>::value`: `where<is_large, kept_float>`.
template <template <class> class Predicate, class... Words> struct where {
  static constexpr bool by_name = false;
  template <fixed_string, class Layer>
  static constexpr bool holds = [] {
    if constexpr (std::is_void_v<Layer>)
      return false;
    else
      return static_cast<bool>(Predicate<Layer>::value);
  }();
  using words = list<Words...>;
};

template <class... Lists> struct joined;
template <class... As> struct joined<list<As...>> {
  using type = list<As...>;
};
template <class... As, class... Bs, class... Rest>
struct joined<list<As...>, list<Bs...>, Rest...> : joined<list<As..., Bs...>, Rest...> {};
template <class... Lists> using join = typename joined<list<>, Lists...>::type;

/// `Scheme` with other words for some layers: `with<int8, at<"head", weights<symmetric<4>>>>`. Nearest wins:
/// a layer's own words, those behind its name, those for many names, a kind or a predicate, the scheme; of
/// two equally near the outer `with`, then the first.
template <class Scheme, class... At> struct with : Scheme {
  using overrides = join<list<At...>, typename Scheme::overrides>;
};

/// The first word of a kind in a list, else the default: nearest wins, so the list runs from near to far.
template <template <class> class Word, class Default, class Words> struct nearest {
  using type = Default;
};
template <template <class> class Word, class Default, class Value, class... Rest>
struct nearest<Word, Default, list<Word<Value>, Rest...>> {
  using type = Value;
};
template <template <class> class Word, class Default, class First, class... Rest>
struct nearest<Word, Default, list<First, Rest...>> : nearest<Word, Default, list<Rest...>> {};

template <class Word, class Words> inline constexpr bool contains = false;
template <class Word, class... Words>
inline constexpr bool contains<Word, list<Words...>> = (std::is_same_v<Word, Words> || ...);

/// The words that a scheme holds for a layer: those behind its name, then the others.
template <fixed_string Name, class Layer, class Overrides> struct words_for;
template <fixed_string Name, class Layer, class... For> struct words_for<Name, Layer, list<For...>> {
  template <class One, bool ByName>
  using of = std::conditional_t<One::by_name == ByName && One::template holds<Name, Layer>,
                                typename One::words, list<>>;
  using type = join<of<For, true>..., of<For, false>...>;
};

/// What holds for one layer: its own words, then those behind its name, those for many layers, then the
/// scheme. `Layer` is void where there is none, as at the input.
template <class Scheme, fixed_string Name, class Words, class Layer = void> struct policies {
  using words = join<Words, typename words_for<Name, Layer, typename Scheme::overrides>::type>;
  using weights = weight_quantizer<typename nearest<dyadic::weights, typename Scheme::weights, words>::type>;
  using activations =
      activation_quantizer<typename nearest<dyadic::activations, typename Scheme::activations, words>::type>;
  using outputs =
      activation_quantizer<typename nearest<dyadic::outputs, typename Scheme::outputs, words>::type>;
  using rescale = typename nearest<dyadic::rescale, typename Scheme::rescale, words>::type;
  static constexpr bool all_float = Scheme::kept_float::value;
  static constexpr bool is_float = all_float || contains<dyadic::kept_float, words>;
  static constexpr bool at_run_time =
      !is_float && (Scheme::ranges_at_run_time::value || contains<dyadic::ranges_at_run_time, words>);
  static constexpr bool has_weights_alone =
      !is_float && !at_run_time && (Scheme::weights_alone::value || contains<dyadic::weights_alone, words>);
  /// Does the layer take and give float32?
  static constexpr bool works_on_reals = is_float || at_run_time || has_weights_alone;
};

}  // namespace dyadic
