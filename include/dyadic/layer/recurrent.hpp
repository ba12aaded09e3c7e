#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include <dyadic/layer/description.hpp>
#include <dyadic/layer/recurrent_float.hpp>
#include <dyadic/layer/recurrent_quantized.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// A recurrent stage whose scheme asks for codes as weights and reals as inputs, which it does not have: the
/// network says so.
template <class Stage> struct recurrent_without_codes : recurrent_float<Stage, true> {
  static constexpr bool weights_stay_float = true;
};

/// Words on a recurrent layer: it gives the hidden state of every step, not of the last alone.
struct return_sequences {};
/// It begins at the last step; with `return_sequences` each state stays at its step.
struct backwards {};

/// A recurrent layer: a cell over the steps of a sequence. What a cell is: see gru.hpp.
template <class Cell, int Units, class... Words> struct recurrent {
  static_assert(Units > 0, "a recurrent layer has at least one unit");
  using words = list<Words...>;
  using role = role::stage;
  using cell = Cell;
  static constexpr bool sequences = contains<return_sequences, words>;
  static constexpr bool reversed = contains<backwards, words>;
  static constexpr auto name = [] {
    constexpr auto plain = Cell::name + "<" + decimal<Units>();
    if constexpr (sequences && reversed)
      return plain + ",return_sequences,backwards>";
    else if constexpr (sequences)
      return plain + ",return_sequences>";
    else if constexpr (reversed)
      return plain + ",backwards>";
    else
      return plain + ">";
  }();
  static constexpr auto kind = Cell::name;
  static constexpr std::size_t units = Units;
  static constexpr bool makes_codes = true;
  static constexpr bool has_weights = true;
  template <class In> static constexpr bool takes = In::rank == 2;
  template <class In> using output = std::conditional_t<sequences, shape<In::extent(0), Units>, shape<Units>>;
  template <class In> static constexpr std::size_t parameter_count = recurrent_layout<recurrent, In>::trained;
  template <class In>
  static constexpr std::size_t mac_count =
      static_cast<std::size_t>(In::extent(0)) *
      (recurrent_layout<recurrent, In>::weights + recurrent_layout<recurrent, In>::recurrent_weights);

  template <class Stage, class Policies, class Format, bool Last>
  using bound =
      std::conditional_t<Format::is_real && Policies::works_on_reals && !Policies::is_float,
                         recurrent_without_codes<Stage>,
                         std::conditional_t<Format::is_real, recurrent_float<Stage, !Policies::all_float>,
                                            recurrent_quantized<Stage, Policies, Format, Last>>>;
};

}  // namespace dyadic
