#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include <dyadic/core/exact.hpp>
#include <dyadic/kernel/native.hpp>
#include <dyadic/layer/code_output.hpp>
#include <dyadic/layer/code_table.hpp>
#include <dyadic/layer/description.hpp>
#include <dyadic/layer/natural_range.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// A function of one real with its derivative: all that `elementwise` needs to make a layer of it. It may
/// also have
///  - `double tabulated(double)`: the function in operations of core/exact.hpp, from which tables are made
///    that are the same on every machine; else they are made by `forward`;
///  - `int lowest, highest`: bounds of its values, which place the output's grid where no range rule is
///  named.
template <class Function>
concept elementwise_function = requires(float x) {
  { Function::forward(x) } noexcept -> std::same_as<float>;
  { Function::derivative(x) } noexcept -> std::same_as<float>;
  Function::name.size();
};

/// The value of which a table's entry is made.
template <elementwise_function Function> constexpr float tabulated_value(float x) noexcept {
  if constexpr (requires { Function::tabulated(double{x}); })
    return exact::round_to_float(Function::tabulated(double{x}));
  else
    return Function::forward(x);
}

/// The output rule of an elementwise layer.
template <class Function, class Policies, bool Last> constexpr auto elementwise_output() noexcept {
  if constexpr (requires { Function::lowest + Function::highest; })
    return typename bounded_output<Policies, Last, Function::lowest, Function::highest>::type{};
  else
    return std::conditional_t<Last, typename Policies::outputs, typename Policies::activations>{};
}

/// Applies a function to each number: `using sine = elementwise<sine_function>`. On codes of at most 8 bits
/// it is a table of all codes, made from the function when the grids are placed: each entry is the function's
/// value, rounded once to the output's grid. On wider ones it is a table of 514 nodes with straight lines
/// between (layer/code_table.hpp). So the function may be any float arithmetic, and no float is left in
/// deployment. The layer before it places its own grid by what it gives itself, before the function.
template <elementwise_function Function, class... Words> struct elementwise {
  static constexpr auto name = Function::name;
  static constexpr auto kind = Function::name;
  using role = role::stage;
  using words = list<Words...>;
  static constexpr bool makes_codes = true;
  template <class In> static constexpr bool takes = true;
  template <class In> using output = In;

  template <class Stage, class Policies, class Format, bool Last> struct tabulated;
  template <class Stage> struct floating;
  template <class Stage, class Policies, class Format, bool Last>
  using bound =
      std::conditional_t<Format::is_real, floating<Stage>, tabulated<Stage, Policies, Format, Last>>;
};

/// On codes.
template <elementwise_function Function, class... Words>
template <class Stage, class Policies, class Format, bool Last>
struct elementwise<Function, Words...>::tabulated {
  using stage = Stage;
  using output_rule = decltype(elementwise_output<Function, Policies, Last>());
  using input_format = Format;
  using output_format = coded_by<typename output_rule::grid>;
  using in_element = typename input_format::element;
  using out_element = typename output_format::element;
  using finish = code_finish<output_rule, no_activation>;
  static constexpr std::size_t size = static_cast<std::size_t>(Stage::input::size);
  using grid = typename output_rule::grid;
  using table =
      std::conditional_t<(Format::bits <= 8), whole_table<Format, grid>, interpolated_table<Format, grid>>;

  using slot = typename table::slot;
  struct cache {
    slot integers;
    float values[table::count];  ///< of the function, at each node
  };
  static constexpr auto segments = range_segments<typename output_rule::range>();

  /// The function's values, for the range rule and the backward pass.
  static std::size_t saved_bytes(std::size_t images) noexcept { return images * size * sizeof(float); }
  static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
  static void initialise(generator&, float*) noexcept {}
  static void refresh(stage_memory<cache> const&) noexcept {}
  static unready check(stage_memory<cache> const& m) noexcept {
    return output_rule::range::ready(m.parameters) ? nullptr : Stage::name.c_str();
  }

  static code_grid settle(stage_memory<cache> const& m, code_grid in) noexcept {
    tabulate(*m.slot, in);
    return place(m, in);
  }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    tabulate(*m.slot, x.where);
    if (p.observe || p.keep) {
      auto* const values = reinterpret_cast<float*>(m.saved);
      in_element const* const from = x.as<in_element>();
      for (std::size_t i = 0; i < p.images * size; ++i)
        values[i] = table::real(m.slot->values, from[i], x.where);
      if (p.observe)
        output_rule::range::template observe<grid>(m.parameters, seen_in(p, values, p.images * size));
    }
    y.where = place(m, x.where);
    infer(kernel::native{}, m.slot->integers, x.as<in_element>(), y.as<out_element>(), p.images, nullptr);
  }

  static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor y, float* dy,
                       float* dx) noexcept {
    typename finish::backward_pass through{y.where, size};
    through(reinterpret_cast<float const*>(m.saved), dy, p.images * size);
    through.learn(m.parameters, m.gradients);
    if (dx == nullptr) return;
    in_element const* const from = x.as<in_element>();
    if constexpr (Format::bits <= 8) {
      float slopes[table::count];
      for (std::size_t i = 0; i < table::count; ++i)
        slopes[i] = Function::derivative(table::node(i, x.where));
      for (std::size_t i = 0; i < p.images * size; ++i) dx[i] = dy[i] * table::real(slopes, from[i], x.where);
    } else {
      for (std::size_t i = 0; i < p.images * size; ++i)
        dx[i] = dy[i] * Function::derivative(decode(from[i], x.where));
    }
  }

  /// Shows the slot's integers with the values that each may have, for model files and emitted headers.
  template <class Slot, class Visitor, class Parts> static void walk(Slot& s, Visitor& visit, Parts parts) {
    visit.numbers("table", s.table, table::count, {table::lowest_entry, table::highest_entry});
    if constexpr (requires { s.zero_in; }) visit.number("zero_in", s.zero_in, {Format::low, Format::high});
    parts.template output<output_format>(s.output, visit);
  }

  static constexpr std::size_t infer_scratch = 0;
  template <class Arch>
  static constexpr void infer(Arch, slot const& s, in_element const* x, out_element* y, std::size_t images,
                              void*) noexcept {
    for (std::size_t i = 0; i < images * size; ++i) y[i] = table::look_up(s, x[i]);
  }
  /// One step of a stream.
  template <class Arch>
  static constexpr void infer_step(Arch, slot const& s, in_element const* x, out_element* y) noexcept {
    for (std::size_t c = 0; c < static_cast<std::size_t>(Stage::input::channels); ++c)
      y[c] = table::look_up(s, x[c]);
  }

 private:
  static void tabulate(cache& c, code_grid in) noexcept {
    for (std::size_t i = 0; i < table::count; ++i)
      c.values[i] = tabulated_value<Function>(table::node(i, in));
  }
  static code_grid place(stage_memory<cache> const& m, code_grid in) noexcept {
    cache& c = *m.slot;
    code_grid const out = output_rule::range::template place<grid>(m.parameters);
    c.integers.output = finish::output(out);
    table::fill(c.integers, c.values, in, out);
    return out;
  }
};

/// In float32.
template <elementwise_function Function, class... Words>
template <class Stage>
struct elementwise<Function, Words...>::floating {
  using stage = Stage;
  using input_format = real;
  using output_format = real;
  using slot = no_slot;
  using cache = no_slot;
  static constexpr std::array<segment, 0> segments{};
  static constexpr std::size_t size = static_cast<std::size_t>(Stage::input::size);

  static std::size_t saved_bytes(std::size_t) noexcept { return 0; }
  static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
  static void initialise(generator&, float*) noexcept {}
  static void refresh(stage_memory<cache> const&) noexcept {}
  static unready check(stage_memory<cache> const&) noexcept { return nullptr; }
  static code_grid settle(stage_memory<cache> const&, code_grid) noexcept { return {}; }

  static void forward(pass const& p, stage_memory<cache> const&, tensor x, tensor& y) noexcept {
    infer(kernel::native{}, slot{}, x.as<float>(), y.as<float>(), p.images, nullptr);
  }
  static void backward(pass const& p, stage_memory<cache> const&, tensor x, tensor, float* dy,
                       float* dx) noexcept {
    if (dx == nullptr) return;
    float const* const in = x.as<float>();
    for (std::size_t i = 0; i < p.images * size; ++i) dx[i] = dy[i] * Function::derivative(in[i]);
  }

  static constexpr std::size_t infer_scratch = 0;
  template <class Arch>
  static constexpr void infer(Arch, slot const&, float const* x, float* y, std::size_t images,
                              void*) noexcept {
    for (std::size_t i = 0; i < images * size; ++i) y[i] = Function::forward(x[i]);
  }
};

}  // namespace dyadic
