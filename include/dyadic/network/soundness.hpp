#pragma once

#include <cstdint>
#include <type_traits>

#include <dyadic/network/bind.hpp>
#include <dyadic/network/finding.hpp>
#include <dyadic/network/words.hpp>

/// What is wrong with a network under a scheme, as types: a compiler's message shows the one that was found,
/// and names the stage in it.
namespace dyadic {

/// `at<Name, ...>` where no stage has that name.
template <fixed_string Name> struct unknown_layer {};
/// `of_kind<Kind, ...>` where no stage is of that kind.
template <fixed_string Kind> struct unknown_kind {};
/// Outputs on a grid of weights, which has not every code.
template <fixed_string Stage, class Grid> struct weight_grid_for_outputs {};
/// A range rule that cannot place that grid, or that is for outputs alone.
template <fixed_string Stage, class Range, class Grid> struct range_not_for_grid {};
/// Weights whose low and high codes differ in magnitude under a policy that negates channels.
template <fixed_string Stage, class Policy, class Grid> struct uneven_weights {};
/// A layer's weights on a grid with a zero point.
template <fixed_string Stage, class Layer, class Grid> struct affine_weights {};
/// A stage whose codes have a scale for each channel.
template <fixed_string Stage> struct scale_per_channel {};
/// Weights in groups of inputs where the layer, its shape, the grid or the range has no place for them.
template <fixed_string Stage, class Layer, class Shape, class Granularity> struct groups_have_no_place {};
/// Weights as codes of a layer between reals, of more than 8 bits.
template <fixed_string Stage, class Layer, class Grid> struct wide_stored_weights {};
/// Codes drawn by chance where there is no drawing.
template <fixed_string Stage, class Grid, class Range> struct codes_not_drawn {};
/// A layer whose weights would stay float32 where codes were asked for.
template <fixed_string Stage, class Layer> struct weights_without_codes {};
/// A layer that is given codes of more bits than it takes.
template <fixed_string Stage, class Layer, class Codes> struct wide_inputs {};
/// A layer whose sums of products could reach `Bound`.
template <fixed_string Stage, class Layer, class Shape, std::int64_t Bound> struct wide_sums {};

/// A stage whose branches end some in codes and some in float32.
template <fixed_string Stage> struct branches_end_differently {};

/// A sum of more than two branches under a policy that adds two at a time.
template <fixed_string Stage, class Policy> struct too_many_summands {};

/// An embedding whose input's codes are not the indices of its table.
template <fixed_string Stage, class Layer, class Codes> struct not_indices {};

/// A stage that works in float32 where all were to be integers.
template <fixed_string Stage> struct works_in_float {};

/// Can the range rule place the grid? Some rules are for activations alone, or need a zero point, or every
/// code, as learned ones do, which know the derivative of that rounding alone; without a range a grid must
/// have its own scale.
template <class Range, class Grid, bool Weights> constexpr bool range_is_for() noexcept {
  if (std::is_same_v<Range, range::in_type> && !has_own_scale<Grid>) return false;
  if (Range::learned && (!has_every_code<Grid> || has_own_scale<Grid>)) return false;
  if constexpr (requires { Range::needs_every_code; })
    if (!has_every_code<Grid>) return false;
  if constexpr (requires { Range::needs_zero_point; })
    if (!Grid::has_zero_point) return false;
  if constexpr (requires { Range::activations_only; })
    if (Weights) return false;
  return true;
}

template <fixed_string Stage, class Rule> constexpr auto outputs_of_rule() noexcept {
  using grid = typename Rule::grid;
  if constexpr (std::is_same_v<typename Rule::granularity, per_channel> ||
                is_grouped<typename Rule::granularity>)
    return finding<scale_per_channel<Stage>>{};
  else if constexpr (is_drawn<typename Rule::gradient>)
    return finding<codes_not_drawn<Stage, grid, typename Rule::range>>{};
  else if constexpr (!has_every_code<grid>)
    return finding<weight_grid_for_outputs<Stage, grid>>{};
  else if constexpr (!range_is_for<typename Rule::range, grid, false>())
    return finding<range_not_for_grid<Stage, typename Rule::range, grid>>{};
  else
    return no_finding{};
}
template <fixed_string Stage, class Rule> using outputs_of = decltype(outputs_of_rule<Stage, Rule>());

template <class Bound> constexpr bool negates() noexcept {
  if constexpr (requires { Bound::negates; })
    return Bound::negates;
  else
    return false;
}
template <class Bound> constexpr bool takes_groups() noexcept {
  if constexpr (requires { Bound::takes_groups; })
    return Bound::takes_groups;
  else
    return false;
}
template <class Bound> constexpr bool takes_draws() noexcept {
  if constexpr (requires { Bound::takes_draws; })
    return Bound::takes_draws;
  else
    return false;
}
template <class Bound> constexpr int most_input_bits() noexcept {
  if constexpr (requires { Bound::most_input_bits; })
    return Bound::most_input_bits;
  else
    return 8;
}

/// In a stage of its own.
template <class Bound, bool OnlyIntegers> struct examined {
  static constexpr auto name = Bound::stage::name;

  static constexpr auto weights() noexcept {
    if constexpr (requires { typename Bound::weight_rule; }) {
      using layer = typename Bound::stage::layer;
      using grid = typename Bound::weight_rule::grid;
      using given = typename Bound::input_format;
      using granularity = typename Bound::weight_rule::granularity;
      if constexpr (grid::has_zero_point)
        return finding<affine_weights<name, layer, grid>>{};
      else if constexpr (!range_is_for<typename Bound::weight_rule::range, grid, true>())
        return finding<range_not_for_grid<name, typename Bound::weight_rule::range, grid>>{};
      else if constexpr (is_grouped<granularity> && !takes_groups<Bound>())
        return finding<groups_have_no_place<name, layer, typename Bound::stage::input, granularity>>{};
      else if constexpr (is_drawn<typename Bound::weight_rule::gradient> && !takes_draws<Bound>())
        return finding<codes_not_drawn<name, grid, typename Bound::weight_rule::range>>{};
      else if constexpr (requires { Bound::weights_possible; })
        return std::conditional_t<Bound::weights_possible, no_finding,
                                  finding<wide_stored_weights<name, layer, grid>>>{};
      else if constexpr (negates<Bound>() && grid::low != -grid::high)
        return finding<uneven_weights<name, typename Bound::policy, grid>>{};
      else if constexpr (given::bits > most_input_bits<Bound>())
        return finding<wide_inputs<name, layer, given>>{};
      else if constexpr (Bound::accumulator_bound > accumulator_limit<typename Bound::policy> ||
                         Bound::weight_sum_bound > INT32_MAX)
        return finding<wide_sums<name, layer, typename Bound::stage::input, Bound::accumulator_bound>>{};
      else
        return no_finding{};
    } else if constexpr (requires { Bound::weights_stay_float; }) {
      return finding<weights_without_codes<name, typename Bound::stage::layer>>{};
    } else {
      return no_finding{};
    }
  }
  static constexpr auto outputs() noexcept {
    if constexpr (requires { typename Bound::output_rule; })
      return outputs_of<name, typename Bound::output_rule>{};
    else if constexpr (requires { typename Bound::rule; })
      return outputs_of<name, typename Bound::rule>{};
    else
      return no_finding{};
  }
  static constexpr auto inputs() noexcept {
    if constexpr (requires { Bound::given_indices; }) {
      using problem = not_indices<name, typename Bound::stage::layer, typename Bound::input_format>;
      return std::conditional_t<Bound::given_indices, no_finding, finding<problem>>{};
    } else {
      return no_finding{};
    }
  }
  static constexpr bool stray = OnlyIntegers && Bound::output_format::is_real;
  using format = std::conditional_t<stray, finding<works_in_float<name>>, no_finding>;
  using type = decltype(weights() | outputs() | inputs() | format{});
};
template <class... Bounds, bool OnlyIntegers> struct examined<chain<Bounds...>, OnlyIntegers> {
  using type = decltype((no_finding{} | ... | typename examined<Bounds, OnlyIntegers>::type{}));
};
template <class Format, bool OnlyIntegers> struct examined<identity_branch<Format>, OnlyIntegers> {
  using type = no_finding;
};
template <class Stage, class Policies, bool Last, class... Branches, bool OnlyIntegers>
struct examined<joined_bound<Stage, Policies, Last, Branches...>, OnlyIntegers> {
  using meeting = joined_bound<Stage, Policies, Last, Branches...>;
  using ends =
      std::conditional_t<meeting::is_mixed, finding<branches_end_differently<Stage::name>>, no_finding>;
  static constexpr auto sum() noexcept {
    if constexpr (!meeting::is_real && requires { meeting::arithmetic::possible; }) {
      using problem = too_many_summands<Stage::name, typename meeting::policy>;
      return std::conditional_t<meeting::arithmetic::possible, no_finding, finding<problem>>{};
    } else {
      return no_finding{};
    }
  }
  using own = outputs_of<Stage::name, typename meeting::output_rule>;
  using type = decltype((no_finding{} | ... | typename examined<Branches, OnlyIntegers>::type{}) | ends{} |
                        sum() | own{});
};

/// Is that the name of a stage, in a branch perhaps, or of the input?
template <fixed_string Name, class... Stages> constexpr bool has_stage(list<Stages...>) noexcept;
template <fixed_string Name, class... Branches> constexpr bool is_in_branch(list<Branches...>) noexcept {
  return (has_stage<Name>(Branches{}) || ...);
}
template <fixed_string Name, class Stage> constexpr bool is_or_holds() noexcept {
  if constexpr (requires { typename Stage::branches; })
    return is_meant<Name, Stage::name> || is_in_branch<Name>(typename Stage::branches{});
  else
    return is_meant<Name, Stage::name>;
}
template <fixed_string Name, class... Stages> constexpr bool has_stage(list<Stages...>) noexcept {
  return Name == fixed_string("input") || (is_or_holds<Name, Stages>() || ...);
}
template <fixed_string Kind, class... Stages> constexpr bool has_kind(list<Stages...>) noexcept;
template <fixed_string Kind, class... Branches> constexpr bool kind_in_branch(list<Branches...>) noexcept {
  return (has_kind<Kind>(Branches{}) || ...);
}
template <fixed_string Kind, class Stage> constexpr bool is_or_holds_kind() noexcept {
  if constexpr (requires { typename Stage::branches; })
    return Stage::kind == Kind || kind_in_branch<Kind>(typename Stage::branches{});
  else
    return Stage::kind == Kind;
}
template <fixed_string Kind, class... Stages> constexpr bool has_kind(list<Stages...>) noexcept {
  return (is_or_holds_kind<Kind, Stages>() || ...);
}
template <class Stages, class Words> constexpr auto unknown_target() noexcept {
  if constexpr (requires { Words::name; })
    return std::conditional_t<has_stage<Words::name>(Stages{}), no_finding,
                              finding<unknown_layer<Words::name>>>{};
  else if constexpr (requires { Words::kind; })
    return std::conditional_t<has_kind<Words::kind>(Stages{}), no_finding,
                              finding<unknown_kind<Words::kind>>>{};
  else
    return no_finding{};
}
template <class Stages, class... For> constexpr auto unknown_names(list<For...>) noexcept {
  return (no_finding{} | ... | unknown_target<Stages, For>());
}

/// The first problem of a network under a scheme, or `nothing_wrong`.
template <class Scheme, class Input, class Stages, bool OnlyIntegers> struct diagnosis {
  static constexpr auto found() noexcept {
    using words = decltype(problem_of_all_words<Scheme, Input, Stages>{} |
                           unknown_names<Stages>(typename Scheme::overrides{}));
    if constexpr (!std::is_same_v<words, no_finding>)
      return words{};
    else
      return typename examined<typename network_binding<Scheme, Input, Stages>::type, OnlyIntegers>::type{};
  }
  using type = typename decltype(found())::problem;
};

template <class Problem> inline constexpr bool sound = std::is_same_v<Problem, nothing_wrong>;

template <class Problem> inline constexpr bool names_are_known = true;
template <fixed_string Name> inline constexpr bool names_are_known<unknown_layer<Name>> = false;

template <class Problem> inline constexpr bool weights_are_symmetric = true;
template <fixed_string Stage, class Layer, class Grid>
inline constexpr bool weights_are_symmetric<affine_weights<Stage, Layer, Grid>> = false;

template <class Problem> inline constexpr bool stored_weights_are_narrow = true;
template <fixed_string Stage, class Layer, class Grid>
inline constexpr bool stored_weights_are_narrow<wide_stored_weights<Stage, Layer, Grid>> = false;

template <class Problem> inline constexpr bool codes_are_drawn = true;
template <fixed_string Stage, class Grid, class Range>
inline constexpr bool codes_are_drawn<codes_not_drawn<Stage, Grid, Range>> = false;

template <class Problem> inline constexpr bool weights_have_codes = true;
template <fixed_string Stage, class Layer>
inline constexpr bool weights_have_codes<weights_without_codes<Stage, Layer>> = false;

template <class Problem> inline constexpr bool groups_have_a_place = true;
template <fixed_string Stage, class Layer, class Shape, class Granularity>
inline constexpr bool groups_have_a_place<groups_have_no_place<Stage, Layer, Shape, Granularity>> = false;

template <class Problem> inline constexpr bool codes_have_one_scale = true;
template <fixed_string Stage> inline constexpr bool codes_have_one_scale<scale_per_channel<Stage>> = false;

template <class Problem> inline constexpr bool inputs_are_narrow = true;
template <fixed_string Stage, class Layer, class Codes>
inline constexpr bool inputs_are_narrow<wide_inputs<Stage, Layer, Codes>> = false;

template <class Problem> inline constexpr bool branches_end_alike = true;
template <fixed_string Stage>
inline constexpr bool branches_end_alike<branches_end_differently<Stage>> = false;

template <class Problem> inline constexpr bool sums_are_possible = true;
template <fixed_string Stage, class Policy>
inline constexpr bool sums_are_possible<too_many_summands<Stage, Policy>> = false;

template <class Problem> inline constexpr bool inputs_are_indices = true;
template <fixed_string Stage, class Layer, class Codes>
inline constexpr bool inputs_are_indices<not_indices<Stage, Layer, Codes>> = false;

template <class Problem> inline constexpr bool works_on_integers = true;
template <fixed_string Stage> inline constexpr bool works_on_integers<works_in_float<Stage>> = false;

template <class Problem> inline constexpr bool sums_fit = true;
template <fixed_string Stage, class Layer, class Shape, std::int64_t Bound>
inline constexpr bool sums_fit<wide_sums<Stage, Layer, Shape, Bound>> = false;

template <class Problem> inline constexpr bool kinds_are_known = true;
template <fixed_string Kind> inline constexpr bool kinds_are_known<unknown_kind<Kind>> = false;

template <class Problem> inline constexpr bool outputs_have_every_code = true;
template <fixed_string Stage, class Grid>
inline constexpr bool outputs_have_every_code<weight_grid_for_outputs<Stage, Grid>> = false;

template <class Problem> inline constexpr bool ranges_are_for_grids = true;
template <fixed_string Stage, class Range, class Grid>
inline constexpr bool ranges_are_for_grids<range_not_for_grid<Stage, Range, Grid>> = false;

template <class Problem> inline constexpr bool weights_are_even = true;
template <fixed_string Stage, class Policy, class Grid>
inline constexpr bool weights_are_even<uneven_weights<Stage, Policy, Grid>> = false;

}  // namespace dyadic
