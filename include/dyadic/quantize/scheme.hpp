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
  static_assert(is_quantizer<Quantizer>, "weights<...> takes a quantizer, such as symmetric<4>");
  using type = Quantizer;
};
template <class Quantizer> struct activations {
  static_assert(is_quantizer<Quantizer>, "activations<...> takes a quantizer, such as affine<8>");
  using type = Quantizer;
};
template <rescale_policy Policy> struct rescale {
  using type = Policy;
};
/// The quantizer of the network's last codes, which are its outputs.
template <class Quantizer> struct outputs {
  static_assert(is_quantizer<Quantizer>, "outputs<...> takes a quantizer, such as symmetric<16>");
  using type = Quantizer;
};
/// The layer works in float32; the network is then `in<mixed<Scheme>>`.
struct kept_float {
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
};

/// Every layer in float32: the scheme of `in<float32>`.
struct all_float : scheme {
  using kept_float = std::true_type;
};

/// Words for the layer of that name.
template <fixed_string Name, class... Words> struct at {
  static constexpr auto name = Name;
  using words = list<Words...>;
};

template <class... Lists> struct joined;
template <class... As> struct joined<list<As...>> {
  using type = list<As...>;
};
template <class... As, class... Bs, class... Rest>
struct joined<list<As...>, list<Bs...>, Rest...> : joined<list<As..., Bs...>, Rest...> {};
template <class... Lists> using join = typename joined<list<>, Lists...>::type;

/// `Scheme` with other words for some layers: `with<int8, at<"head", weights<symmetric<4>>>>`.
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

/// The words that a scheme holds for a layer's name.
template <fixed_string Name, class Overrides> struct words_for;
template <fixed_string Name, class... At> struct words_for<Name, list<At...>> {
  using type = join<std::conditional_t<At::name == Name, typename At::words, list<>>...>;
};

/// What holds for one layer: its own words, then those behind its name, then the scheme.
template <class Scheme, fixed_string Name, class Words> struct policies {
  using words = join<Words, typename words_for<Name, typename Scheme::overrides>::type>;
  using weights = weight_quantizer<typename nearest<dyadic::weights, typename Scheme::weights, words>::type>;
  using activations =
      activation_quantizer<typename nearest<dyadic::activations, typename Scheme::activations, words>::type>;
  using outputs =
      activation_quantizer<typename nearest<dyadic::outputs, typename Scheme::outputs, words>::type>;
  using rescale = typename nearest<dyadic::rescale, typename Scheme::rescale, words>::type;
  static constexpr bool is_float = Scheme::kept_float::value || contains<dyadic::kept_float, words>;
};

}  // namespace dyadic
