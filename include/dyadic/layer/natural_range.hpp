#pragma once

#include <type_traits>

#include <dyadic/layer/stage.hpp>
#include <dyadic/quantize/range.hpp>
#include <dyadic/quantize/scheme.hpp>

namespace dyadic {

namespace range {

/// The whole numbers between which a bounded function's values lie, whatever a batch shows: nothing is
/// observed or remembered.
template <int Low, int High> struct between {
  static_assert(Low <= 0 && 0 <= High && Low < High, "between: the range holds zero and is not empty");
  static constexpr auto name = "between<" + decimal<Low>() + "," + decimal<High>() + ">";
  static constexpr std::size_t state_size = 0;
  static constexpr bool learned = false;
  static constexpr bool needs_values(float const*) noexcept { return false; }
  static constexpr bool ready(float const*) noexcept { return true; }
  template <grid_rule Grid> static constexpr void observe(float*, observation const&) noexcept {}
  template <grid_rule Grid> static constexpr code_grid place(float const*) noexcept {
    return Grid::fit({static_cast<float>(Low), static_cast<float>(High)});
  }
};

}  // namespace range

/// The output rule of a layer whose values lie between two whole numbers: where layer, name and scheme name
/// no range rule, that interval, else theirs.
template <class Policies, bool Last, int Low, int High> struct bounded_output;
template <class Scheme, fixed_string Name, class Words, class Layer, bool Last, int Low, int High>
struct bounded_output<policies<Scheme, Name, Words, Layer>, Last, Low, High> {
  using of = policies<Scheme, Name, Words, Layer>;
  using spoken = typename std::conditional_t<
      Last, nearest<outputs, typename Scheme::outputs, typename of::words>,
      nearest<activations, typename Scheme::activations, typename of::words>>::type;
  using usual_rule = std::conditional_t<Last, typename of::outputs, typename of::activations>;
  using natural_rule = quantizer<typename usual_rule::grid, typename usual_rule::granularity,
                                 range::between<Low, High>, typename usual_rule::gradient>;
  using type = std::conditional_t<std::is_same_v<typename spoken::range, usual>, natural_rule, usual_rule>;
};

}  // namespace dyadic
