#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/binary.hpp>
#include <dyadic/kernel/convolution.hpp>
#include <dyadic/kernel/depthwise.hpp>
#include <dyadic/kernel/elementwise.hpp>
#include <dyadic/kernel/matmul.hpp>
#include <dyadic/kernel/output.hpp>
#include <dyadic/layer/code_line.hpp>
#include <dyadic/layer/linear_float.hpp>
#include <dyadic/layer/linear_weights.hpp>
#include <dyadic/layer/stage.hpp>
#include <dyadic/quantize/accumulator.hpp>

namespace dyadic {

/// The integers of a linear stage: what deployment stores, and what the trainable engine's forward pass runs
/// on.
template <class Policy, std::size_t Channels, std::size_t PackedBytes, std::size_t FactorBytes>
struct linear_slot {
  alignas(64) std::uint8_t weights[PackedBytes];
  std::uint8_t factors[FactorBytes];
  std::int32_t weight_sums[Channels];
  typename Policy::template channels<Channels> rescale;
  std::int32_t zero_in;
  code_output output;
};
template <class Policy, std::size_t Channels, std::size_t PackedBytes>
struct linear_slot<Policy, Channels, PackedBytes, 0> {
  alignas(64) std::uint8_t weights[PackedBytes];
  std::int32_t weight_sums[Channels];
  typename Policy::template channels<Channels> rescale;
  std::int32_t zero_in;
  code_output output;
};

/// A linear stage on integers: codes times codes, and one rounding to codes for bias, batch norm and
/// activation.
template <class Stage, class Policies, class Format, bool Last> struct linear_quantized {
  using stage = Stage;
  using layout = linear_layout<Stage>;
  using products = linear_products<Stage>;
  using weight_rule = typename Policies::weights;
  using output_rule = std::conditional_t<Last, typename Policies::outputs, typename Policies::activations>;
  using policy = typename Policies::rescale;
  using input_format = Format;
  using output_format = coded_by<typename output_rule::grid>;
  using in_element = typename input_format::element;
  using out_element = typename output_format::element;
  using finish = code_finish<output_rule, typename Stage::activation>;

  static constexpr kernel::window_shape shape = Stage::geometry;
  static constexpr bool depthwise = Stage::layer::depthwise;
  static constexpr std::size_t channels = Stage::channels;
  static constexpr std::size_t positions = static_cast<std::size_t>(Stage::output::size) / channels;
  static constexpr std::size_t image_size = static_cast<std::size_t>(Stage::input::size);
  static constexpr bool normed = Stage::norm::present;
  using line = code_line<channels, layout, typename Stage::norm, finish>;
  using weights =
      linear_weights<typename Policies::weights,
                     depthwise ? kernel::depthwise_weights(shape) : kernel::convolution_weights(shape),
                     depthwise, Format::low == -1 && Format::high == 0>;
  using weight_format =
      coded<weights::in_bits ? 1 : weights::grid::bits, weights::grid::low, weights::grid::high>;

  static constexpr std::int64_t accumulator_bound =
      worst_accumulator(Stage::depth, Format::low, Format::high, weight_format::low, weight_format::high) *
      weights::largest_factor;
  /// No sum of an output's weight codes, times their factors, is larger.
  static constexpr std::int64_t weight_sum_bound =
      worst_accumulator(Stage::depth, 1, 1, weight_format::low, weight_format::high) *
      weights::largest_factor;
  using sum = accumulator_of<accumulator_bound>;
  static constexpr bool takes_groups = weights::groups_possible;
  static constexpr bool takes_draws = weights::draws_possible;
  static constexpr int most_input_bits = 16;
  /// Is the sign of a channel's gamma put into its weights? (The network checks that their grid allows it.)
  static constexpr bool negates = policy::positive_gain && normed;

  using slot = linear_slot<policy, channels, weights::packed_bytes, weights::factor_bytes>;

  /// What the trainable engine keeps beside the integers: all of it follows from the float block.
  struct cache {
    slot integers;
    typename weights::code codes[weights::count];  ///< in the order of the float weights
    typename weights::group_memory groups;
    bool drawn;                  ///< are they drawn, and not the nearest?
    float row_scales[channels];  ///< of the weights, negative where a channel's codes are negated
    channel_lines<channels> lines;
    code_grid out;
  };

  static constexpr std::size_t scale_at = layout::end;
  static constexpr std::size_t range_at = scale_at + weights::scales;
  static constexpr auto segments =
      joined_segments(layout::segments,
                      std::array<segment, 1>{segment{"weight_scale", weights::scales, weights::range::learned,
                                                     parameter_kind::step}},
                      range_segments<typename output_rule::range>());

  struct kept {
    typename line::kept sums;
    typename line::moments used;
  };
  static kept keep(carver& carve, std::size_t images) noexcept {
    return {line::kept::take(carve, images * positions),
            {carve.take<float>(normed ? channels : 0), carve.take<float>(normed ? channels : 0)}};
  }
  static std::size_t saved_bytes(std::size_t images) noexcept {
    carver count;
    keep(count, images);
    return count.used();
  }
  struct work {
    sum* accumulators;
    in_element* padded;  // each thread's
    float* values;       // reals, for a range rule that asks for them
    float* floats;
    float* sums;  // of gradients over rows
    typename line::range_sums* range_sums;
    kernel::statistics_of<sum> seen;
  };
  static work lay_out(carver& carve, pass const& p) noexcept {
    std::size_t const rows = p.images * positions, seen = kernel::statistics_blocks(rows) * channels;
    std::size_t const values = asks_for_values<typename output_rule::range> ? rows * channels : 0;
    return {carve.take<sum>(rows * channels),
            carve.take<in_element>(p.threads() * infer_scratch),
            carve.take<float>(values),
            carve.take<float>(products::workspace(p)),
            carve.take<float>(normed ? line::norm_sums(rows) : kernel::shared_rows::room(rows)),
            carve.take<typename line::range_sums>(line::sums_of_range(rows)),
            {carve.take<sum>(seen), carve.take<sum>(seen),
             carve.take<typename kernel::statistics_of<sum>::total>(seen), carve.take<double>(seen)}};
  }
  static std::size_t scratch_bytes(pass const& p) noexcept {
    carver count;
    lay_out(count, p);
    return count.used();
  }

  static void initialise(generator& random, float* parameters) noexcept {
    layout::initialise(random, parameters);
  }

  /// Makes weight scales (unless learned), codes and their sums anew from the float weights.
  static void refresh(stage_memory<cache> const& m) noexcept {
    cache& c = *m.slot;
    weights::place(m.parameters, m.parameters + scale_at);
    for (std::size_t i = 0; i < channels; ++i) {
      float const scale = weights::row_scale(m.parameters + scale_at, i, c.groups);
      bool negate = false;
      if constexpr (policy::positive_gain && normed) negate = m.parameters[layout::gamma + i] < 0;
      c.row_scales[i] = negate ? -scale : scale;
    }
    encode_weights(m, nullptr);
  }

  static unready check(stage_memory<cache> const& m) noexcept {
    return output_rule::range::ready(m.parameters + range_at) ? nullptr : Stage::name.c_str();
  }

  /// Makes the requantization parameters of evaluation; gives the grid of the outputs.
  static code_grid settle(stage_memory<cache> const& m, code_grid in) noexcept {
    draw({}, m);
    lines_from(*m.slot, in);
    if constexpr (normed)
      line::settle(m.parameters, m.parameters + layout::mean, m.parameters + layout::variance, m.slot->lines);
    else
      line::settle(m.parameters, nullptr, nullptr, m.slot->lines);
    return settle_output(m, in);
  }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    kept const k = keep(saved, p.images);
    work const w = lay_out(scratch, p);
    cache& c = *m.slot;
    std::size_t const rows = p.images * positions;
    draw(p, m);
    p.split(p.images, [&](work_part part) {
      run(kernel::native{}, c.integers, x.as<in_element>() + part.first * image_size,
          kernel::accumulators_of<sum>{}, w.accumulators + part.first * positions * channels, part.count,
          static_cast<in_element>(x.where.zero), w.padded + part.worker * infer_scratch);
    });
    lines_from(c, x.where);
    bool const keeps_sums = p.keep && line::reads_accumulators;
    if (p.observe || keeps_sums || (normed && p.batch_statistics)) line::see(p, w.accumulators, rows, w.seen);
    line::take_moments(p, m.parameters, c.lines, w.seen, rows, k.used);
    line::settle(m.parameters, k.used.mean, k.used.variance, c.lines);
    if (p.observe) line::observe(c.lines, w.seen, w.accumulators, rows, w.values, m.parameters + range_at);
    y.where = settle_output(m, x.where);
    if (keeps_sums) line::place_units(w.seen, k.sums);
    line::finish_codes(p, static_cast<sum const*>(w.accumulators), rows, output_of(c.integers),
                       y.as<out_element>(), p.keep ? k.sums : typename line::kept{});
  }

  /// The straight-through gradient. `dy` is overwritten; no gradient of the input where `dx` is null.
  static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor, float* dy,
                       float* dx) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    kept const k = keep(saved, p.images);
    work const w = lay_out(scratch, p);
    cache& c = *m.slot;
    std::size_t const rows = p.images * positions;
    typename line::template accumulated<std::int16_t> const sums{k.sums.numbers, k.sums.units};
    line::through_output(p, c.lines, c.out, sums, k.sums.inside, rows,
                         static_cast<std::size_t>(Stage::output::size), dy, m.parameters + range_at,
                         m.gradients + range_at, w.range_sums);
    if constexpr (normed)
      line::through_norm(p, c.lines, k.used, sums, rows, m.gradients, dy, w.sums);
    else
      kernel::bias_gradient(kernel::native{}, static_cast<std::ptrdiff_t>(rows),
                            static_cast<std::ptrdiff_t>(channels), dy, m.gradients + layout::bias,
                            {p.shared, w.sums});
    kernel::dequantized<in_element> const source{x.as<in_element>(), x.where.scale, x.where.zero};
    auto const* const codes = weights::real_codes(c.codes, c.groups);
    using code = std::remove_cvref_t<decltype(*codes)>;
    using by_channel =
        std::conditional_t<depthwise, kernel::dequantized_columns<code>, kernel::dequantized_rows<code>>;
    products::backward(p, source, dy, m.gradients, by_channel{codes, c.row_scales}, dx, w.floats);
    weights::through(m.parameters, c.row_scales, c.groups, m.gradients, m.parameters + scale_at,
                     m.gradients + scale_at);
  }

  /// Elements of scratch that deployment needs beside inputs and outputs.
  static constexpr std::size_t infer_scratch = shape.padded() ? kernel::padded_size(shape) : 0;

  /// What deployment makes of accumulators.
  static constexpr auto output_of(slot const& s) noexcept {
    using view = std::remove_const_t<decltype(s.rescale.view())>;
    return kernel::requantized<policy, view, out_element>{s.rescale.view(), s.output.zero, s.output.low,
                                                          s.output.high};
  }

  /// What deployment runs: codes to codes.
  template <class Arch>
  static constexpr void infer(Arch arch, slot const& s, in_element const* x, out_element* y,
                              std::size_t images, in_element* padded) noexcept {
    run(arch, s, x, output_of(s), y, images, static_cast<in_element>(s.zero_in), padded);
  }

 private:
  static void encode_weights(stage_memory<cache> const& m, generator* random) noexcept {
    cache& c = *m.slot;
    c.drawn = random != nullptr;
    weights::encode_all(m.parameters, c.row_scales, c.codes, c.groups, random);
    weights::store(c.codes, c.groups, c.integers);
  }
  /// Draws the codes of a training pass; gives any other pass the nearest.
  static void draw([[maybe_unused]] pass const& p, [[maybe_unused]] stage_memory<cache> const& m) noexcept {
    if constexpr (weights::drawn) {
      if (p.drop && p.random != nullptr)
        encode_weights(m, p.random);
      else if (m.slot->drawn)
        encode_weights(m, nullptr);
    }
  }

  template <class Arch, class Output, class Code>
  static constexpr void run(Arch arch, slot const& s, in_element const* x, Output const& output, Code* y,
                            std::size_t images, in_element zero, in_element* padded) noexcept {
    constexpr int bits = weights::storage_bits;
    constexpr kernel::operand_bounds operands{input_format::low, input_format::high, weight_format::low,
                                              weight_format::high};
    constexpr kernel::for_operands<Arch, operands> multiplying{};
    if constexpr (products::is_dense) {
      kernel::matmul_shape const sizes{.rows = images,
                                       .outputs = channels,
                                       .segments = 1,
                                       .depth = image_size,
                                       .row_stride = static_cast<std::ptrdiff_t>(image_size),
                                       .segment_stride = static_cast<std::ptrdiff_t>(image_size),
                                       .output_stride = static_cast<std::ptrdiff_t>(channels)};
      kernel::matmul<bits, sum>(multiplying, sizes, x, s.weights, weights::sums_of(s), output, y);
    } else {
      for (std::size_t image = 0; image < images; ++image, x += image_size, y += positions * channels) {
        if constexpr (depthwise && shape.padded()) {
          kernel::padded_depthwise<bits, sum>(arch, shape, x, zero, padded, s.weights, output, y);
        } else if constexpr (depthwise) {
          kernel::depthwise<bits, sum>(arch, shape, x, s.weights, output, y);
        } else {
          in_element const* source = x;
          if constexpr (shape.padded()) {
            kernel::pad(shape, x, zero, padded);
            source = padded;
          }
          kernel::convolution<bits, sum>(multiplying, shape, source, s.weights, weights::sums_of(s), output,
                                         y);
        }
      }
    }
  }

  /// From accumulators to the product's reals.
  static void lines_from(cache& c, code_grid in) noexcept {
    for (std::size_t i = 0; i < channels; ++i) {
      double const slope = exact::multiply(double{in.scale}, double{c.row_scales[i]});
      c.lines.slope[i] = slope;
      c.lines.intercept[i] = -slope * static_cast<double>(std::int64_t{in.zero} * c.integers.weight_sums[i]);
    }
  }

  static code_grid settle_output(stage_memory<cache> const& m, code_grid in) noexcept {
    cache& c = *m.slot;
    c.out = output_rule::range::template place<typename output_rule::grid>(m.parameters + range_at);
    c.integers.zero_in = in.zero;
    c.integers.output = finish::output(c.out);
    for (std::size_t i = 0; i < channels; ++i) {
      bool const negated = c.row_scales[i] < 0;
      c.integers.rescale.set(i,
                             policy::linear({.input_scale = in.scale,
                                             .weight_scale = negated ? -c.row_scales[i] : c.row_scales[i],
                                             .output_scale = c.out.scale,
                                             .gain = negated ? -c.lines.gain[i] : c.lines.gain[i],
                                             .offset = c.lines.offset[i],
                                             .zero_shift = std::int64_t{in.zero} * c.integers.weight_sums[i],
                                             .accumulator_bound = accumulator_bound}));
    }
    return c.out;
  }
};

}  // namespace dyadic
