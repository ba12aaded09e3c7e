#pragma once

#include <type_traits>

#include <dyadic/network/finding.hpp>
#include <dyadic/quantize/scheme.hpp>

/// What is wrong with the words of a scheme or a layer by themselves, whatever the network.
namespace dyadic {

/// What stands where a quantizer should.
template <class Type> struct not_a_quantizer {};
enum class quantizer_part { grid, granularity, range, gradient };
/// A part of a quantizer that is not what its place is for.
template <quantizer_part Place, class Part> struct misplaced_part {};
/// A grid, a rule or a policy with a parameter that its declaration excludes.
template <class Part> struct out_of_bounds {};
/// What stands where a rescale policy should.
template <class Type> struct not_a_rescale_policy {};
/// A quantizer, a part of one or a rescale policy that stands where a word should.
template <class Type> struct not_a_word {};

template <class Part> constexpr bool is_in_bounds() noexcept {
  if constexpr (requires { Part::in_bounds; })
    return Part::in_bounds;
  else
    return true;
}
template <class Range>
concept range_word = std::is_same_v<Range, usual> || range_rule<Range>;
template <class Granularity>
concept granularity_word = requires { Granularity::name.size(); } && !range_rule<Granularity> &&
                           !gradient_rule<Granularity> && !grid_rule<Granularity>;

template <bool Right, class Problem> using unless = std::conditional_t<Right, no_finding, finding<Problem>>;

/// The bounds first: what is out of them may have no meaning.
template <class Type> struct quantizer_problem {
  using type = finding<not_a_quantizer<Type>>;
};
template <class Grid, class Granularity, class Range, class Gradient>
struct quantizer_problem<quantizer<Grid, Granularity, Range, Gradient>> {
  static constexpr auto found() noexcept {
    if constexpr (!is_in_bounds<Grid>())
      return finding<out_of_bounds<Grid>>{};
    else if constexpr (!is_in_bounds<Granularity>())
      return finding<out_of_bounds<Granularity>>{};
    else if constexpr (!is_in_bounds<Range>())
      return finding<out_of_bounds<Range>>{};
    else if constexpr (!is_in_bounds<Gradient>())
      return finding<out_of_bounds<Gradient>>{};
    else if constexpr (!grid_rule<Grid>)
      return finding<misplaced_part<quantizer_part::grid, Grid>>{};
    else if constexpr (!granularity_word<Granularity>)
      return finding<misplaced_part<quantizer_part::granularity, Granularity>>{};
    else if constexpr (!range_word<Range>)
      return finding<misplaced_part<quantizer_part::range, Range>>{};
    else if constexpr (!gradient_rule<Gradient>)
      return finding<misplaced_part<quantizer_part::gradient, Gradient>>{};
    else
      return no_finding{};
  }
  using type = decltype(found());
};

/// Of one word. Words of other kinds are a layer's own concern.
template <class Word> struct word_problem {
  static constexpr bool bare = is_quantizer<Word> || grid_rule<Word> || range_rule<Word> ||
                               gradient_rule<Word> || rescale_policy<Word>;
  using type = std::conditional_t<bare, finding<not_a_word<Word>>, no_finding>;
};
template <class Quantizer> struct word_problem<weights<Quantizer>> : quantizer_problem<Quantizer> {};
template <class Quantizer> struct word_problem<activations<Quantizer>> : quantizer_problem<Quantizer> {};
template <class Quantizer> struct word_problem<outputs<Quantizer>> : quantizer_problem<Quantizer> {};
template <class Policy> struct word_problem<rescale<Policy>> {
  static constexpr auto found() noexcept {
    if constexpr (!is_in_bounds<Policy>())
      return finding<out_of_bounds<Policy>>{};
    else if constexpr (!rescale_policy<Policy>)
      return finding<not_a_rescale_policy<Policy>>{};
    else
      return no_finding{};
  }
  using type = decltype(found());
};

/// Of a list of words.
template <class Words> struct words_problem;
template <class... Words> struct words_problem<list<Words...>> {
  using type = decltype((no_finding{} | ... | typename word_problem<Words>::type{}));
};
/// Of what a scheme says for some layers.
template <class Overrides> struct overrides_problem;
template <class... For> struct overrides_problem<list<For...>> {
  using type = decltype((no_finding{} | ... | typename words_problem<typename For::words>::type{}));
};
/// Of the words on a stage, and on those of its branches.
template <class Stages> struct stages_problem;
template <class Branches> struct branches_problem;
template <class Stage> struct stage_problem {
  static constexpr auto found() noexcept {
    if constexpr (requires { typename Stage::branches; })
      return typename words_problem<typename Stage::words>::type{} |
             typename branches_problem<typename Stage::branches>::type{};
    else if constexpr (requires { typename Stage::words; })
      return typename words_problem<typename Stage::words>::type{};
    else
      return no_finding{};
  }
  using type = decltype(found());
};
template <class... Stages> struct stages_problem<list<Stages...>> {
  using type = decltype((no_finding{} | ... | typename stage_problem<Stages>::type{}));
};
template <class... Branches> struct branches_problem<list<Branches...>> {
  using type = decltype((no_finding{} | ... | typename stages_problem<Branches>::type{}));
};

/// The first problem of a scheme's words and of those on an input and stages.
template <class Scheme, class Input, class Stages>
using problem_of_all_words =
    decltype(typename word_problem<weights<typename Scheme::weights>>::type{} |
             typename word_problem<activations<typename Scheme::activations>>::type{} |
             typename word_problem<outputs<typename Scheme::outputs>>::type{} |
             typename word_problem<rescale<typename Scheme::rescale>>::type{} |
             typename overrides_problem<typename Scheme::overrides>::type{} |
             typename words_problem<typename Input::words>::type{} | typename stages_problem<Stages>::type{});

/// The scheme, or the plain one where its words have a problem: what is bound then shows no others.
template <class Scheme, class Input, class Stages>
using sound_scheme =
    std::conditional_t<std::is_same_v<problem_of_all_words<Scheme, Input, Stages>, no_finding>, Scheme,
                       scheme>;

template <class Problem> inline constexpr bool quantizers_are_quantizers = true;
template <class Type> inline constexpr bool quantizers_are_quantizers<not_a_quantizer<Type>> = false;

template <class Problem> inline constexpr bool parts_are_in_place = true;
template <quantizer_part Place, class Part>
inline constexpr bool parts_are_in_place<misplaced_part<Place, Part>> = false;

template <class Problem> inline constexpr bool parts_are_in_bounds = true;
template <class Part> inline constexpr bool parts_are_in_bounds<out_of_bounds<Part>> = false;

template <class Problem> inline constexpr bool policies_are_policies = true;
template <class Type> inline constexpr bool policies_are_policies<not_a_rescale_policy<Type>> = false;

template <class Problem> inline constexpr bool words_are_words = true;
template <class Type> inline constexpr bool words_are_words<not_a_word<Type>> = false;

}  // namespace dyadic
