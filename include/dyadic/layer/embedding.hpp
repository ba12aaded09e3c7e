#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/native.hpp>
#include <dyadic/layer/code_output.hpp>
#include <dyadic/layer/description.hpp>
#include <dyadic/layer/input.hpp>
#include <dyadic/layer/natural_range.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

namespace grid {

/// Whole numbers 0 .. Count - 1 that stand for themselves, such as the indices of words.
template <int Count> struct index {
  static_assert(Count > 1 && Count <= 32768, "grid::index<Count>: 2 to 32768 indices");
  static constexpr auto name = "index<" + decimal<Count>() + ">";
  static constexpr int bits = Count <= 128 ? 8 : 16;
  static constexpr int low = 0;
  static constexpr int high = Count - 1;
  static constexpr bool has_zero_point = false;
  static constexpr code_grid fit(interval) noexcept { return {1, 0}; }
};

}  // namespace grid

/// The input of a network whose first layer is an `embedding<Count, ...>`: `index_input<shape<20>, 1000>`
/// takes 20 indices 0 .. 999. Bytes and reals are the indices themselves; a real is rounded, and what is
/// beyond the ends counts as the end.
template <class Shape, int Count>
using index_input = input_layer<
    Shape, bytes<sensor{.offset = 0, .scale = 1}>,
    activations<quantizer<grid::index<Count>, per_tensor, range::between<0, Count - 1>, ste::identity>>>;

/// `In` with one axis more, of `Width`.
template <class In, int Width> struct widened_shape {
  template <std::size_t... Axes>
  static shape<In::extent(static_cast<int>(Axes))..., Width> made(std::index_sequence<Axes...>);
  using type = decltype(made(std::make_index_sequence<static_cast<std::size_t>(In::rank)>{}));
};

/// For each index the row of a table, trained: T indices become a sequence of T steps and `Width` channels.
/// The network begins with an `index_input`. On integers the table holds codes of the output's grid, which
/// covers the whole table: looking up is all that is left.
template <int Count, int Width, class... Words> struct embedding {
  static_assert(Count > 1 && Count <= 32768 && Width > 0,
                "embedding<Count, Width>: 2 to 32768 rows of at least one number");
  static constexpr auto name = "embedding<" + decimal<Count>() + "," + decimal<Width>() + ">";
  static constexpr auto kind = fixed_string("embedding");
  using role = role::stage;
  using words = list<Words...>;
  static constexpr bool makes_codes = true;
  static constexpr bool takes_indices = true;
  template <class In> static constexpr bool takes = In::rank <= 2;
  template <class In> using output = typename widened_shape<In, Width>::type;
  template <class> static constexpr auto parameter_count = static_cast<std::size_t>(Count) * Width;

  template <class Stage, class Policies, class Format, bool Last> struct table;
  template <class Stage, class Policies, class Format, bool Last>
  using bound = table<Stage, Policies, Format, Last>;
};

template <int Count, int Width, class... Words>
template <class Stage, class Policies, class Format, bool Last>
struct embedding<Count, Width, Words...>::table {
  using stage = Stage;
  static constexpr bool is_real = Policies::is_float || Format::is_real;
  /// Can its inputs be indices of the table?
  static constexpr bool given_indices = [] {
    if constexpr (Format::is_real)
      return true;
    else
      return Format::low == 0 && Format::high == Count - 1;
  }();
  using output_rule = std::conditional_t<Last, typename Policies::outputs, typename Policies::activations>;
  using input_format = Format;
  using output_format = std::conditional_t<is_real, real, coded_by<typename output_rule::grid>>;
  using in_element = typename input_format::element;
  using out_element = typename output_format::element;
  using finish = code_finish<output_rule, no_activation>;
  static constexpr auto size = static_cast<std::size_t>(Stage::input::size);
  static constexpr auto width = static_cast<std::size_t>(Width);
  static constexpr std::size_t count = parameter_count<typename Stage::input>;

  struct code_slot {
    out_element table[count];
    code_output output;
  };
  struct real_slot {
    float parameters[count];
  };
  using slot = std::conditional_t<is_real, real_slot, code_slot>;
  struct cache {
    std::conditional_t<is_real, no_slot, code_slot> integers;
  };
  static constexpr auto segments = [] {
    constexpr std::array<segment, 1> weights{segment{"weight", count, true, parameter_kind::weight}};
    if constexpr (is_real)
      return weights;
    else
      return joined_segments(weights, range_segments<typename output_rule::range>());
  }();

  /// The looked up numbers before rounding.
  static std::size_t saved_bytes(std::size_t images) noexcept {
    return is_real ? 0 : images * size * width * sizeof(float);
  }
  static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
  /// Uniform in [-0.05, 0.05], as Keras's.
  static void initialise(generator& random, float* parameters) noexcept {
    for (std::size_t i = 0; i < count; ++i) parameters[i] = random.uniform(-0.05F, 0.05F);
  }
  static void refresh(stage_memory<cache> const&) noexcept {}
  static unready check(stage_memory<cache> const& m) noexcept {
    if constexpr (is_real)
      return nullptr;
    else
      return output_rule::range::ready(m.parameters + count) ? nullptr : Stage::name.c_str();
  }
  static code_grid settle(stage_memory<cache> const& m, code_grid) noexcept {
    if constexpr (is_real) {
      return {};
    } else {
      using grid = typename output_rule::grid;
      code_grid const out = output_rule::range::template place<grid>(m.parameters + count);
      code_slot& s = m.slot->integers;
      s.output = finish::output(out);
      for (std::size_t i = 0; i < count; ++i)
        s.table[i] = static_cast<out_element>(encode(m.parameters[i], out, grid::low, grid::high));
      return out;
    }
  }
  static void deploy(stage_memory<cache> const& m, slot& to) noexcept {
    if constexpr (is_real)
      for (std::size_t i = 0; i < count; ++i) to.parameters[i] = m.parameters[i];
    else
      to = m.slot->integers;
  }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    in_element const* const indices = x.as<in_element>();
    if constexpr (is_real) {
      look_up(m.parameters, indices, y.as<float>(), p.images);
    } else {
      if (p.observe)
        output_rule::range::template observe<typename output_rule::grid>(m.parameters + count,
                                                                         seen_in(p, m.parameters, count));
      y.where = settle(m, {});
      if (p.keep) look_up(m.parameters, indices, reinterpret_cast<float*>(m.saved), p.images);
      look_up(m.slot->integers.table, indices, y.as<out_element>(), p.images);
    }
  }
  static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor y, float* dy,
                       float* dx) noexcept {
    if constexpr (!is_real) {
      typename finish::backward_pass through{y.where, size * width};
      through(reinterpret_cast<float const*>(m.saved), dy, p.images * size * width);
      through.learn(m.parameters + count, m.gradients + count);
    }
    in_element const* const indices = x.as<in_element>();
    for (std::size_t i = 0; i < p.images * size; ++i) {
      float* const row = m.gradients + row_of(indices[i]) * width;
      for (std::size_t c = 0; c < width; ++c) row[c] += dy[i * width + c];
    }
    for (std::size_t i = 0; dx != nullptr && i < p.images * size; ++i) dx[i] = 0;
  }

  static constexpr std::size_t infer_scratch = 0;
  template <class Arch>
  static constexpr void infer(Arch, slot const& s, in_element const* x, out_element* y, std::size_t images,
                              void*) noexcept {
    if constexpr (is_real)
      look_up(s.parameters, x, y, images);
    else
      look_up(s.table, x, y, images);
  }

 private:
  /// No index, however wrong, leaves the table.
  static constexpr std::size_t row_of(in_element index) noexcept {
    if constexpr (Format::is_real)
      return static_cast<std::size_t>(encode(index, {1, 0}, 0, Count - 1));
    else
      return static_cast<std::size_t>(clamp<int>(index, 0, Count - 1));
  }
  template <class Number>
  static constexpr void look_up(Number const* from, in_element const* indices, Number* to,
                                std::size_t images) noexcept {
    for (std::size_t i = 0; i < images * size; ++i)
      for (std::size_t c = 0; c < width; ++c) to[i * width + c] = from[row_of(indices[i]) * width + c];
  }
};

}  // namespace dyadic
