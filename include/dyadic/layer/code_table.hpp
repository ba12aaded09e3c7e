#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/layer/code_output.hpp>
#include <dyadic/layer/stage.hpp>

/// A function of one number as a table for codes: how it is made from the function's values at the table's
/// nodes, and read. `In` is the format of the input's codes, `Grid` the output's. A number that is no code of
/// the input's grid is read as the nearest one.
namespace dyadic {

/// A node and an entry, which is an output code, for each input code.
template <class In, class Grid> struct whole_table {
  using code = typename coded_by<Grid>::element;
  static constexpr auto count = static_cast<std::size_t>(In::high - In::low + 1);
  static constexpr int lowest_entry = Grid::low, highest_entry = Grid::high;
  struct slot {
    code table[count];
    code_output output;
  };

  static constexpr float node(std::size_t index, code_grid in) noexcept {
    return decode(static_cast<int>(index) + In::low, in);
  }
  static constexpr void fill(slot& s, float const* values, code_grid, code_grid out) noexcept {
    for (std::size_t i = 0; i < count; ++i)
      s.table[i] = static_cast<code>(encode(values[i], out, Grid::low, Grid::high));
  }
  static constexpr code look_up(slot const& s, int x) noexcept { return s.table[index_of(x)]; }
  /// What a code is rounded from.
  static constexpr float real(float const* values, int x, code_grid) noexcept { return values[index_of(x)]; }

 private:
  static constexpr std::size_t index_of(int x) noexcept {
    return static_cast<std::size_t>(In::held(x) - In::low);
  }
};

/// For codes of 9 to 16 bits: a node every 2^(bits - 9) codes, counted from the zero point, so that what
/// bends at 0 bends at a node; straight lines between, in integers. An entry is an output code with as many
/// bits behind the point as 16 bits leave; the code is rounded half up.
template <class In, class Grid> struct interpolated_table {
  static_assert(9 <= In::bits && In::bits <= 16);
  using code = typename coded_by<Grid>::element;
  static constexpr int between = In::bits - 9;      ///< bits of a code's place between two nodes
  static constexpr int fraction = 16 - Grid::bits;  ///< of an entry
  static constexpr std::size_t count = 514;
  static constexpr int lowest_entry = Grid::low * (1 << fraction),
                       highest_entry = Grid::high * (1 << fraction);
  struct slot {
    std::int16_t table[count];
    std::int32_t zero_in;
    code_output output;
  };

  static constexpr float node(std::size_t index, code_grid in) noexcept {
    return decode((first(in.zero) + static_cast<int>(index)) * (1 << between), {in.scale, 0});
  }
  static constexpr void fill(slot& s, float const* values, code_grid in, code_grid out) noexcept {
    code_grid const fine{out.scale / (1 << fraction), out.zero * (1 << fraction)};
    for (std::size_t i = 0; i < count; ++i)
      s.table[i] = static_cast<std::int16_t>(encode(values[i], fine, lowest_entry, highest_entry));
    s.zero_in = in.zero;
  }
  static constexpr code look_up(slot const& s, int x) noexcept {
    place const at{In::held(x), s.zero_in};
    std::int32_t const low = s.table[at.index], high = s.table[at.index + 1];
    constexpr int shift = between + fraction;
    constexpr std::int32_t half = shift == 0 ? 0 : 1 << (shift - 1);
    return static_cast<code>((low * (1 << between) + (high - low) * at.rest + half) >> shift);
  }
  /// What a code is rounded from.
  static constexpr float real(float const* values, int x, code_grid in) noexcept {
    place const at{x, in.zero};
    float const low = values[at.index], high = values[at.index + 1];
    return low + (high - low) * (static_cast<float>(at.rest) / (1 << between));
  }

 private:
  static constexpr int first(int zero) noexcept { return (In::low - zero) >> between; }
  struct place {
    std::size_t index;
    std::int32_t rest;
    constexpr place(int x, int zero) noexcept
        : index{static_cast<std::size_t>(((x - zero) >> between) - first(zero))},
          rest{(x - zero) & ((1 << between) - 1)} {}
  };
};

}  // namespace dyadic
