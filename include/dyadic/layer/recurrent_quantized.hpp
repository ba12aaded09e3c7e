#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/gates.hpp>
#include <dyadic/kernel/matmul.hpp>
#include <dyadic/kernel/output.hpp>
#include <dyadic/layer/code_output.hpp>
#include <dyadic/layer/linear_weights.hpp>
#include <dyadic/layer/recurrent_float.hpp>
#include <dyadic/layer/room.hpp>
#include <dyadic/layer/stage.hpp>
#include <dyadic/quantize/accumulator.hpp>

namespace dyadic {

/// The integers of one of the two products of a recurrent layer: weights, and the rounding to pre-activation
/// codes, bias and zero point in it.
template <class Policy, std::size_t Rows, std::size_t PackedBytes, std::size_t FactorBytes>
struct recurrent_part {
  alignas(64) std::uint8_t weights[PackedBytes];
  std::uint8_t factors[FactorBytes];
  std::int32_t weight_sums[Rows];
  typename Policy::template channels<Rows> rescale;
};
template <class Policy, std::size_t Rows, std::size_t PackedBytes>
struct recurrent_part<Policy, Rows, PackedBytes, 0> {
  alignas(64) std::uint8_t weights[PackedBytes];
  std::int32_t weight_sums[Rows];
  typename Policy::template channels<Rows> rescale;
};

/// The integers of a recurrent layer. `to_hidden` and `to_output` bring hidden states of 2^-15 to the grids
/// that the recurrent weights and the next layer read.
template <class Policy, class Input, class Recurrent> struct recurrent_slot {
  Input input;
  Recurrent recurrent;
  typename Policy::template channels<1> to_hidden;
  typename Policy::template channels<1> to_output;
  code_output hidden;
  code_output output;
};

/// A recurrent stage on integers. The input's and the hidden state's products are each rounded by the
/// scheme's policy to 16-bit codes of 2^-11 and added; the cell goes on in 16 bits (kernel/gates.hpp). All
/// grids but the input's are fixed: no range has to be learned.
template <class Stage, class Policies, class Format, bool Last> struct recurrent_quantized {
  using stage = Stage;
  using layer = typename Stage::layer;
  using cell = typename layer::cell;
  using layout = recurrent_layout<layer, typename Stage::input>;
  using gradient = recurrent_backward<layer, typename Stage::input>;
  using weight_rule = typename Policies::weights;
  using hidden_rule = typename Policies::activations;
  using output_rule = std::conditional_t<Last, typename Policies::outputs, hidden_rule>;
  using policy = typename Policies::rescale;
  using input_format = Format;
  using hidden_format = coded_by<typename hidden_rule::grid>;
  using output_format = coded_by<typename output_rule::grid>;
  using in_element = typename input_format::element;
  using hidden_element = typename hidden_format::element;
  using out_element = typename output_format::element;
  static constexpr std::size_t steps = layout::steps, inputs = layout::channels, units = layout::units,
                               rows = layout::rows, in_size = steps * inputs,
                               out_size = static_cast<std::size_t>(Stage::output::size);

  /// What is said of one product, under the names that a linear stage has.
  template <class Codes, std::size_t Depth> struct part {
    static constexpr bool depthwise = false;
    static constexpr kernel::window_shape shape{.in_channels = static_cast<int>(Depth),
                                                .out_channels = static_cast<int>(rows)};
    using weights = linear_weights<weight_rule, kernel::weight_shape{rows, 1, Depth}, false>;
    using weight_format = coded_by<typename weights::grid>;
    using element = typename Codes::element;
    static constexpr std::size_t channels = rows, depth = Depth;
    static constexpr std::int64_t accumulator_bound =
        worst_accumulator(Depth, Codes::low, Codes::high, weight_format::low, weight_format::high) *
        weights::largest_factor;
    static constexpr std::int64_t weight_sum_bound =
        worst_accumulator(Depth, 1, 1, weight_format::low, weight_format::high) * weights::largest_factor;
    using sum = accumulator_of<accumulator_bound>;
    using slot = recurrent_part<policy, rows, weights::packed_bytes, weights::factor_bytes>;
  };
  using input_part = part<input_format, inputs>;
  using hidden_part = part<hidden_format, units>;
  static constexpr std::int64_t accumulator_bound =
      input_part::accumulator_bound > hidden_part::accumulator_bound ? input_part::accumulator_bound
                                                                     : hidden_part::accumulator_bound;
  static constexpr std::int64_t weight_sum_bound =
      input_part::weight_sum_bound > hidden_part::weight_sum_bound ? input_part::weight_sum_bound
                                                                   : hidden_part::weight_sum_bound;
  static constexpr bool takes_groups =
      input_part::weights::groups_possible && hidden_part::weights::groups_possible;
  static constexpr int most_input_bits = 16;

  using slot = recurrent_slot<policy, typename input_part::slot, typename hidden_part::slot>;
  struct cache {
    slot integers;
    typename input_part::weights::code codes[layout::weights];
    typename hidden_part::weights::code recurrent_codes[layout::recurrent_weights];
    typename input_part::weights::group_memory groups;
    typename hidden_part::weights::group_memory recurrent_groups;
    float row_scales[rows];
    float recurrent_row_scales[rows];
  };

  static constexpr std::size_t scales = input_part::weights::scales,
                               recurrent_scales = hidden_part::weights::scales;
  static constexpr std::size_t scale_at = layout::trained;
  static constexpr std::size_t recurrent_scale_at = scale_at + scales;
  static constexpr auto segments = joined_segments(
      layout::segments, std::array<segment, 2>{segment{"weight_scale", scales, weight_rule::range::learned,
                                                       parameter_kind::step},
                                               segment{"recurrent_weight_scale", recurrent_scales,
                                                       weight_rule::range::learned, parameter_kind::step}});

  /// Codes of all steps; `states` and `before` (hidden states) are those before each step.
  struct kept {
    std::int16_t* parts;            ///< [images][steps][rows]
    std::int16_t* recurrent_parts;  ///< [images][steps][rows]
    std::int16_t* states;           ///< [images][steps][units]
    std::int16_t* hidden;           ///< of 2^-15, behind each step
    hidden_element* before;
  };
  static kept keep(carver& carve, std::size_t images) noexcept {
    std::size_t const all = images * steps;
    return {carve.take<std::int16_t>(all * rows), carve.take<std::int16_t>(all * rows),
            carve.take<std::int16_t>(all * units), carve.take<std::int16_t>(all * units),
            carve.take<hidden_element>(all * units)};
  }
  static std::size_t saved_bytes(std::size_t images) noexcept {
    carver count;
    keep(count, images);
    return count.used();
  }
  static std::size_t scratch_bytes(std::size_t images) noexcept {
    carver count;
    gradient::lay_out(count, images);
    return count.used();
  }

  static void initialise(generator& random, float* parameters) noexcept {
    layout::initialise(random, parameters);
  }
  static void refresh(stage_memory<cache> const& m) noexcept {
    cache& c = *m.slot;
    refresh_part<input_part>(m.parameters, m.parameters + scale_at, c.row_scales, c.codes, c.groups,
                             c.integers.input);
    refresh_part<hidden_part>(m.parameters + layout::recurrent_at, m.parameters + recurrent_scale_at,
                              c.recurrent_row_scales, c.recurrent_codes, c.recurrent_groups,
                              c.integers.recurrent);
  }
  static unready check(stage_memory<cache> const&) noexcept { return nullptr; }

  static code_grid settle(stage_memory<cache> const& m, code_grid in) noexcept {
    cache& c = *m.slot;
    code_grid const hidden = hidden_rule::grid::fit({-1, 1}), out = output_rule::grid::fit({-1, 1});
    settle_part<input_part>(in, m.parameters + layout::bias, c.row_scales, c.integers.input);
    settle_part<hidden_part>(hidden, cell::recurrent_bias ? m.parameters + layout::recurrent_bias : nullptr,
                             c.recurrent_row_scales, c.integers.recurrent);
    c.integers.to_hidden.set(0, policy::requantize(kernel::unit_scale, 0, hidden.scale));
    c.integers.to_output.set(0, policy::requantize(kernel::unit_scale, 0, out.scale));
    c.integers.hidden = code_finish<hidden_rule, no_activation>::output(hidden);
    c.integers.output = code_finish<output_rule, no_activation>::output(out);
    return out;
  }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    carver saved{m.saved};
    kept const k = keep(saved, p.images);
    y.where = settle(m, x.where);
    slot const& s = m.slot->integers;
    constexpr kernel::native arch{};
    product<input_part>(arch, s.input, p.images * steps, x.as<in_element>(), inputs, k.parts, rows);
    auto const zero = static_cast<hidden_element>(s.hidden.zero);
    for (std::size_t image = 0; image < p.images; ++image)
      begin(k.states + (image * steps + gradient::position(0)) * units,
            k.before + (image * steps + gradient::position(0)) * units, zero);
    for (std::size_t step = 0; step < steps; ++step) {
      std::size_t const at = gradient::position(step);
      product<hidden_part>(arch, s.recurrent, p.images, k.before + at * units, steps * units,
                           k.recurrent_parts + at * rows, steps * rows);
      for (std::size_t image = 0; image < p.images; ++image) {
        std::size_t const row = image * steps + at;
        std::int16_t state[units];
        for (std::size_t u = 0; u < units; ++u) state[u] = k.states[row * units + u];
        cell::step(units, k.parts + row * rows, k.recurrent_parts + row * rows, state,
                   k.hidden + row * units);
        if constexpr (layer::sequences)
          show(s, k.hidden + row * units, y.as<out_element>() + row * units);
        else if (step + 1 == steps)
          show(s, k.hidden + row * units, y.as<out_element>() + image * units);
        if (step + 1 == steps) continue;
        std::size_t const next = image * steps + gradient::position(step + 1);
        for (std::size_t u = 0; u < units; ++u) k.states[next * units + u] = state[u];
        feed(s, k.hidden + row * units, k.before + next * units);
      }
    }
  }

  /// Straight through every rounding, and all the way to the first step.
  static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor y, float* dy,
                       float* dx) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    kept const k = keep(saved, p.images);
    cache& c = *m.slot;
    code_grid const hidden = c.integers.hidden.where();
    seen from{k, hidden, y.where, {}, {}};
    gradient::run(
        p.images, from, kernel::dequantized<in_element>{x.as<in_element>(), x.where.scale, x.where.zero},
        kernel::dequantized<hidden_element>{k.before, hidden.scale, hidden.zero},
        kernel::dequantized_rows{input_part::weights::real_codes(c.codes, c.groups), c.row_scales},
        kernel::dequantized_rows{hidden_part::weights::real_codes(c.recurrent_codes, c.recurrent_groups),
                                 c.recurrent_row_scales},
        dy, m.gradients, dx, gradient::lay_out(scratch, p.images));
    input_part::weights::through(m.parameters, c.row_scales, c.groups, m.gradients, m.parameters + scale_at,
                                 m.gradients + scale_at);
    hidden_part::weights::through(m.parameters + layout::recurrent_at, c.recurrent_row_scales,
                                  c.recurrent_groups, m.gradients + layout::recurrent_at,
                                  m.parameters + recurrent_scale_at, m.gradients + recurrent_scale_at);
  }

  /// What a stream keeps from step to step.
  struct stream_state {
    std::int16_t state[units];
    hidden_element hidden[units + kernel::read_slack];
  };
  static constexpr void start(slot const& s, stream_state& to) noexcept {
    for (hidden_element& code : to.hidden) code = 0;
    begin(to.state, to.hidden, static_cast<hidden_element>(s.hidden.zero));
  }
  /// Room for a step of so many images: parts, recurrent parts and hidden states of 2^-15.
  static constexpr std::size_t step_codes = 2 * rows + units;

  static constexpr code_room room(std::size_t images) noexcept {
    return code_room::of<std::int16_t>((step_codes + units) * images) +
           code_room::of<hidden_element>(units * images);
  }
  template <class Arch>
  static constexpr void infer(Arch arch, slot const& s, in_element const* x, out_element* y,
                              std::size_t images, code_scratch scratch) noexcept {
    std::int16_t* const states = scratch.wide;
    std::int16_t* const parts = states + units * images;
    hidden_element* const before =
        scratch.at<hidden_element>(sizeof(hidden_element) == 2 ? (step_codes + units) * images : 0);
    for (std::size_t i = 0; i < images; ++i)
      begin(states + i * units, before + i * units, static_cast<hidden_element>(s.hidden.zero));
    for (std::size_t step = 0; step < steps; ++step) {
      std::size_t const at = gradient::position(step);
      out_element* out = nullptr;
      if constexpr (layer::sequences)
        out = y + at * units;
      else if (step + 1 == steps)
        out = y;
      advance(arch, s, images, x + at * inputs, in_size, states, before, parts, out,
              layer::sequences ? steps * units : units);
    }
  }
  /// One step of one stream.
  template <class Arch>
  static constexpr void push(Arch arch, slot const& s, stream_state& state, in_element const* x,
                             out_element* y, std::int16_t* codes) noexcept {
    advance(arch, s, 1, x, inputs, state.state, state.hidden, codes, y, units);
  }

 private:
  static constexpr void begin(std::int16_t* states, hidden_element* hidden, hidden_element zero) noexcept {
    for (std::size_t u = 0; u < units; ++u) {
      states[u] = 0;
      hidden[u] = zero;
    }
  }
  template <class Arch>
  static constexpr void advance(Arch arch, slot const& s, std::size_t images, in_element const* x,
                                std::size_t x_stride, std::int16_t* states, hidden_element* before,
                                std::int16_t* codes, out_element* y, std::size_t y_stride) noexcept {
    std::int16_t* const recurrent_parts = codes + rows * images;
    std::int16_t* const hidden = recurrent_parts + rows * images;
    product<input_part>(arch, s.input, images, x, x_stride, codes, rows);
    product<hidden_part>(arch, s.recurrent, images, before, units, recurrent_parts, rows);
    for (std::size_t i = 0; i < images; ++i) {
      cell::step(units, codes + i * rows, recurrent_parts + i * rows, states + i * units, hidden + i * units);
      feed(s, hidden + i * units, before + i * units);
      if (y != nullptr) show(s, hidden + i * units, y + i * y_stride);
    }
  }

  static constexpr void feed(slot const& s, std::int16_t const* hidden, hidden_element* to) noexcept {
    round_to(s.to_hidden.get(0), s.hidden, hidden, to);
  }
  static constexpr void show(slot const& s, std::int16_t const* hidden, out_element* to) noexcept {
    round_to(s.to_output.get(0), s.output, hidden, to);
  }
  template <class Element>
  static constexpr void round_to(typename policy::channel const& by, code_output const& grid,
                                 std::int16_t const* hidden, Element* to) noexcept {
    for (std::size_t u = 0; u < units; ++u) to[u] = requantized_code<policy, Element>(by, hidden[u], grid);
  }

  template <class Part, class Arch>
  static constexpr void product(Arch arch, typename Part::slot const& s, std::size_t count,
                                typename Part::element const* x, std::size_t x_stride, std::int16_t* y,
                                std::size_t y_stride) noexcept {
    kernel::matmul_shape const sizes{.rows = count,
                                     .outputs = rows,
                                     .segments = 1,
                                     .depth = Part::depth,
                                     .row_stride = static_cast<std::ptrdiff_t>(x_stride),
                                     .segment_stride = static_cast<std::ptrdiff_t>(Part::depth),
                                     .output_stride = static_cast<std::ptrdiff_t>(y_stride)};
    using view = std::remove_const_t<decltype(s.rescale.view())>;
    kernel::requantized<policy, view, std::int16_t> const output{
        s.rescale.view(), 0, -kernel::largest_gate_code, kernel::largest_gate_code};
    kernel::matmul<Part::weights::storage_bits, typename Part::sum>(arch, sizes, x, s.weights,
                                                                    Part::weights::sums_of(s), output, y);
  }

  template <class Part>
  static void refresh_part(float const* weight, float* scale, float* row_scales,
                           typename Part::weights::code* codes, typename Part::weights::group_memory& groups,
                           typename Part::slot& to) noexcept {
    using part_weights = typename Part::weights;
    part_weights::place(weight, scale);
    for (std::size_t i = 0; i < rows; ++i) row_scales[i] = part_weights::row_scale(scale, i, groups);
    part_weights::encode_all(weight, row_scales, codes, groups);
    part_weights::store(codes, groups, to);
  }
  template <class Part>
  static void settle_part(code_grid in, float const* bias, float const* row_scales,
                          typename Part::slot& to) noexcept {
    for (std::size_t i = 0; i < rows; ++i)
      to.rescale.set(i, policy::linear({.input_scale = in.scale,
                                        .weight_scale = row_scales[i],
                                        .output_scale = kernel::gate_scale,
                                        .gain = 1,
                                        .offset = bias == nullptr ? 0.0 : double{bias[i]},
                                        .zero_shift = std::int64_t{in.zero} * to.weight_sums[i],
                                        .accumulator_bound = Part::accumulator_bound}));
  }

  /// What the forward pass kept, for the backward pass.
  struct seen {
    kept k;
    code_grid hidden_grid, output_grid;
    float values[cell::kept_rows * units];
    float state[units];

    float const* row(std::size_t image, std::size_t at) noexcept {
      std::size_t const row = image * steps + at;
      cell::values(units, k.parts + row * rows, k.recurrent_parts + row * rows, k.states + row * units,
                   values);
      return values;
    }
    float const* previous(std::size_t image, std::size_t at) noexcept {
      std::int16_t const* const codes = k.states + (image * steps + at) * units;
      for (std::size_t u = 0; u < units; ++u) state[u] = static_cast<float>(codes[u]) * cell::state_scale;
      return state;
    }
    void hidden(std::size_t image, std::size_t at, float const* dy, float const* dh,
                float* sum) const noexcept {
      std::int16_t const* const codes = k.hidden + (image * steps + at) * units;
      for (std::size_t u = 0; u < units; ++u) {
        float const value = static_cast<float>(codes[u]) * kernel::unit_scale;
        sum[u] = dh[u] * passed<hidden_rule>(value, hidden_grid) +
                 (dy == nullptr ? 0.0F : dy[u] * passed<output_rule>(value, output_grid));
      }
    }
    void parts(std::size_t image, std::size_t at, float* dx, float* dh) const noexcept {
      std::size_t const row = (image * steps + at) * rows;
      for (std::size_t i = 0; i < rows; ++i) {
        dx[i] *= inside(k.parts[row + i]);
        dh[i] *= inside(k.recurrent_parts[row + i]);
      }
    }
    static float inside(std::int16_t code) noexcept {
      return code == kernel::largest_gate_code || code == -kernel::largest_gate_code ? 0.0F : 1.0F;
    }
    template <class Rule> static float passed(float value, code_grid where) noexcept {
      return Rule::gradient::pass(value / where.scale + static_cast<float>(where.zero),
                                  static_cast<float>(Rule::grid::low), static_cast<float>(Rule::grid::high));
    }
  };
};

}  // namespace dyadic
