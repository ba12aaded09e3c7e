#pragma once

#include <dyadic/layer/natural_range.hpp>
#include <dyadic/network/concat.hpp>

namespace dyadic {

template <class Cell, int Units, class... Words> struct recurrent;
struct backwards;

/// The recurrent layer that begins at the other end.
template <class Layer> struct reversed;
template <class Cell, int Units, class... Words> struct reversed<recurrent<Cell, Units, Words...>> {
  static_assert(!contains<backwards, list<Words...>>, "bidirectional<layer>: its layer runs forwards");
  using type = recurrent<Cell, Units, Words..., backwards>;
};

/// A recurrent layer and a second one of the same kind that begins at the last step, side by side along the
/// channels (Schuster and Paliwal 1997): `bidirectional<gru<16, return_sequences>>` gives 32 channels a step.
/// Both have one grid over [-1, 1], on which their codes stay as they are.
template <class Layer>
struct bidirectional
    : concat<named<"forwards", branch<Layer>>, named<"backwards", branch<typename reversed<Layer>::type>>> {
  static constexpr auto name = "bidirectional<" + Layer::name + ">";
  static constexpr auto kind = fixed_string("bidirectional");
  using words = typename Layer::words;
  template <class Policies, bool Last>
  using output_rule = typename bounded_output<Policies, Last, -1, 1>::type;
};

}  // namespace dyadic
