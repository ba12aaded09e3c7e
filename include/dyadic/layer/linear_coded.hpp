#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/fixed/packed.hpp>
#include <dyadic/kernel/convolution.hpp>
#include <dyadic/kernel/depthwise.hpp>
#include <dyadic/kernel/float_source.hpp>
#include <dyadic/kernel/grouped.hpp>
#include <dyadic/kernel/quantize.hpp>
#include <dyadic/layer/linear_float.hpp>
#include <dyadic/layer/linear_weights.hpp>
#include <dyadic/quantize/accumulator.hpp>

/// Linear stages between reals whose weights are codes: small weights in a network whose activations have no
/// grid, so that nothing is calibrated.
namespace dyadic {

/// What both forms have in common: codes, their scales, and the gradient through the rounding.
template <class Stage, class Rule> struct coded_weights {
  using layout = linear_layout<Stage>;
  using products = linear_products<Stage>;
  static constexpr kernel::window_shape shape = Stage::geometry;
  static constexpr bool depthwise = Stage::layer::depthwise;
  static constexpr std::size_t channels = Stage::channels;
  static constexpr kernel::weight_shape weight_shape =
      depthwise ? kernel::depthwise_weights(shape) : kernel::convolution_weights(shape);
  using weights = linear_weights<Rule, weight_shape, depthwise>;
  using weight_format = coded_by<typename Rule::grid>;
  /// Scales in an engine: a channel's, or the tensor's.
  static constexpr std::size_t scale_count = weights::scales == 1 ? 1 : channels;
  static constexpr std::size_t rest_count = layout::end - Stage::weight_count;

  struct memory {
    typename weights::code codes[weights::count];
    typename weights::group_memory groups;
    float row_scales[channels];
    bool drawn;  ///< are the codes drawn, and not the nearest?
  };
  static constexpr std::array<segment, 1> segments{
      segment{"weight_scale", weights::scales, Rule::range::learned, parameter_kind::step}};

  template <class Cache> static void encode(stage_memory<Cache> const& m) noexcept {
    memory& c = m.slot->coded;
    weights::place(m.parameters, m.parameters + layout::end);
    for (std::size_t i = 0; i < channels; ++i)
      c.row_scales[i] = weights::row_scale(m.parameters + layout::end, i, c.groups);
    encode(m, nullptr);
  }
  template <class Cache> static void encode(stage_memory<Cache> const& m, generator* random) noexcept {
    memory& c = m.slot->coded;
    c.drawn = random != nullptr;
    weights::encode_all(m.parameters, c.row_scales, c.codes, c.groups, random);
  }
  /// Draws the codes of a training pass, gives any other the nearest; whether there are others than before.
  template <class Cache>
  static bool draw([[maybe_unused]] pass const& p, [[maybe_unused]] stage_memory<Cache> const& m) noexcept {
    if constexpr (weights::drawn) {
      bool const draws = p.drop && p.random != nullptr, changes = draws || m.slot->coded.drawn;
      if (changes) encode(m, draws ? p.random : nullptr);
      return changes;
    }
    return false;
  }
  /// The weights that the codes stand for.
  static auto reals(memory const& c) noexcept {
    auto const* const codes = weights::real_codes(c.codes, c.groups);
    using code = std::remove_cvref_t<decltype(*codes)>;
    using by_channel =
        std::conditional_t<depthwise, kernel::dequantized_columns<code>, kernel::dequantized_rows<code>>;
    return by_channel{codes, c.row_scales};
  }
  template <class Cache, class Slot>
  static void deploy_reals(stage_memory<Cache> const& m, Slot& to) noexcept {
    for (std::size_t i = 0; i < scale_count; ++i) to.scales[i] = m.slot->coded.row_scales[i];
    for (std::size_t i = 0; i < rest_count; ++i) to.parameters[i] = m.parameters[Stage::weight_count + i];
  }
  template <class Cache>
  static void backward(pass const& p, stage_memory<Cache> const& m, float const* x, float const* dy,
                       float* dx, float* floats) noexcept {
    memory const& c = m.slot->coded;
    products::backward(p, x, dy, m.gradients, reals(c), dx, floats);
    weights::through(m.parameters, c.row_scales, c.groups, m.gradients, m.parameters + layout::end,
                     m.gradients + layout::end);
  }
};

/// `weights_alone`: codes of as many bits as they have, one behind the other, become floats while a kernel
/// reads them. The scratch of a convolution holds its weights as floats, that of a dense layer eight rows.
template <class Stage, class Rule> struct weights_in_bits : coded_weights<Stage, Rule> {
  using base = coded_weights<Stage, Rule>;
  using base::channels;
  using typename base::products;
  using typename base::weights;
  static constexpr auto name = fixed_string("float32");
  static constexpr int bits = Rule::grid::bits;
  static constexpr bool possible = bits <= 8;
  static constexpr bool groups_possible =
      !weights::grouped ||
      (!base::depthwise && has_any_scale<typename Rule::grid> && has_any_scale<typename Rule::range>);

  struct ungrouped_slot {
    std::uint8_t weights[packed_bytes(bits, base::weights::count)];
    float scales[base::scale_count];
    float parameters[base::rest_count];
  };
  struct grouped_slot {
    std::uint8_t weights[packed_bytes(bits, base::weights::count)];
    std::uint8_t factors[base::weights::factor_count];
    float scales[base::scale_count];
    float parameters[base::rest_count];
  };
  using slot = std::conditional_t<weights::grouped, grouped_slot, ungrouped_slot>;
  struct cache {
    typename base::memory coded;
  };
  using work = float*;

  static work lay_out(carver& carve, pass const& p) noexcept {
    std::size_t const training = products::workspace(p), deployed = room(p.images).reals;
    return carve.take<float>(training > deployed ? training : deployed);
  }
  static constexpr code_room room(std::size_t) noexcept {
    return {0, 0, products::is_dense ? rows_at_a_time * weights::depth : products::forward_workspace()};
  }
  static constexpr work from(code_scratch scratch) noexcept { return scratch.reals; }
  static void refresh(stage_memory<cache> const& m) noexcept { base::encode(m); }
  static void draw(pass const& p, stage_memory<cache> const& m) noexcept { base::draw(p, m); }
  static auto trained(stage_memory<cache> const& m) noexcept { return base::reals(m.slot->coded); }
  static kernel::stored<weights_in_bits> deployed(slot const& s) noexcept { return {&s}; }
  static float const* rest(slot const& s) noexcept { return s.parameters; }

  static float at(slot const& s, std::size_t i) noexcept {
    constexpr std::size_t depth = weights::depth;
    std::size_t const channel = base::depthwise ? i % channels : i / depth;
    return scale_of(s, channel) * static_cast<float>(factor_of(s, channel, i % depth) * codes_of(s)[i]);
  }
  static void deploy(stage_memory<cache> const& m, slot& to) noexcept {
    draw({}, m);
    packed_view<bits> const codes(to.weights, weights::count);
    for (std::size_t i = 0; i < weights::count; ++i) codes[i] = m.slot->coded.codes[i];
    if constexpr (weights::grouped)
      for (std::size_t i = 0; i < weights::factor_count; ++i) to.factors[i] = m.slot->coded.groups.factors[i];
    base::deploy_reals(m, to);
  }
  template <class Slot, class Visitor> static void walk(Slot& s, Visitor& visit) {
    visit.numbers("weights", s.weights, sizeof s.weights, {0, 255});
    if constexpr (weights::grouped) visit.numbers("factors", s.factors, sizeof s.factors, {0, 255});
  }

  template <class Given>
  static void product(pass const& p, float const* x, Given const& weight, float* y, work with) noexcept {
    products::forward(p, x, weight, y, with);
  }
  /// Some rows of weights at a time become floats, for all images.
  template <class Given>
  static void one_by_one(std::size_t images, float const* x, Given const& weight, float* y,
                         work with) noexcept
    requires(products::is_dense)
  {
    constexpr std::size_t inputs = weights::depth;
    for (std::size_t first = 0; first < channels; first += rows_at_a_time) {
      std::size_t const left = channels - first, rows = left < rows_at_a_time ? left : rows_at_a_time;
      for (std::size_t r = 0; r < rows; ++r) unpack_row(weight, first + r, with + r * inputs);
      for (std::size_t image = 0; image < images; ++image)
        kernel::dense_forward(kernel::native{}, 1, static_cast<std::ptrdiff_t>(inputs),
                              static_cast<std::ptrdiff_t>(rows), x + image * inputs,
                              static_cast<float const*>(with), y + image * channels + first, nullptr);
    }
  }
  static void backward(pass const& p, stage_memory<cache> const& m, float const* x, float const* dy,
                       float* dx, work with) noexcept {
    base::backward(p, m, x, dy, dx, with);
  }

 private:
  static constexpr std::size_t rows_at_a_time = 8;

  static auto codes_of(slot const& s) noexcept {
    return packed_view<bits, true, std::uint8_t const>(s.weights, weights::count);
  }
  static float scale_of(slot const& s, std::size_t channel) noexcept {
    return s.scales[base::scale_count == 1 ? 0 : channel];
  }
  static int factor_of([[maybe_unused]] slot const& s, [[maybe_unused]] std::size_t channel,
                       [[maybe_unused]] std::size_t input) noexcept {
    if constexpr (weights::grouped)
      return s.factors[channel * weights::groups + input / weights::group_inputs];
    else
      return 1;
  }
  static void unpack_row(kernel::stored<weights_in_bits> from, std::size_t row, float* to) noexcept {
    slot const& s = *from.slot;
    auto const codes = codes_of(s);
    float const scale = scale_of(s, row);
    for (std::size_t first = 0; first < weights::depth; first += weights::group_inputs) {
      std::size_t const left = weights::depth - first;
      std::size_t const last = first + (left < weights::group_inputs ? left : weights::group_inputs);
      int const factor = factor_of(s, row, first);
      for (std::size_t i = first; i < last; ++i)
        to[i] = scale * static_cast<float>(factor * codes[row * weights::depth + i]);
    }
  }
  template <class Code>
  static void unpack_row(kernel::dequantized_rows<Code> from, std::size_t row, float* to) noexcept {
    for (std::size_t i = 0; i < weights::depth; ++i)
      to[i] = from.scales[row] * static_cast<float>(from.codes[row * weights::depth + i]);
  }
};

/// The largest magnitude of numbers, on a symmetric grid of 8 bits: what an image's own range is.
inline code_grid own_range(float const* values, std::size_t count) noexcept {
  float largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    float const magnitude = grid::largest_magnitude({values[i], values[i]});
    largest = magnitude > largest ? magnitude : largest;
  }
  return grid::symmetric<8>::fit({-largest, largest});
}

/// `ranges_at_run_time`: the inputs of an image as int8 codes of their own largest magnitude, integer sums,
/// and each sum times input scale * weight scale.
template <class Stage, class Rule> struct weights_in_layout : coded_weights<Stage, Rule> {
  using base = coded_weights<Stage, Rule>;
  using base::channels;
  using base::shape;
  using typename base::products;
  using typename base::weights;
  using inputs_grid = grid::symmetric<8>;
  static constexpr auto name = fixed_string("symmetric<8> at run time");
  static constexpr std::int64_t accumulator_bound =
      worst_accumulator(Stage::depth, inputs_grid::low, inputs_grid::high, base::weight_format::low,
                        base::weight_format::high) *
      weights::largest_factor;
  using sum = accumulator_of<accumulator_bound>;
  static constexpr bool possible = Rule::grid::bits <= 8 && accumulator_bound <= largest_accumulator;
  static constexpr bool groups_possible = weights::groups_possible;
  static constexpr std::size_t image_size = static_cast<std::size_t>(Stage::input::size);
  static constexpr std::size_t padded_size = shape.padded() ? kernel::padded_size(shape) : 0;

  struct ungrouped_slot {
    alignas(64) std::uint8_t weights[base::weights::packed_bytes];
    std::int32_t weight_sums[base::channels];
    float scales[base::channels];
    float parameters[base::rest_count];
  };
  struct grouped_slot {
    alignas(64) std::uint8_t weights[base::weights::packed_bytes];
    std::uint8_t factors[base::weights::factor_bytes];
    std::int32_t weight_sums[base::channels];
    float scales[base::channels];
    float parameters[base::rest_count];
  };
  using slot = std::conditional_t<weights::grouped, grouped_slot, ungrouped_slot>;
  struct cache {
    typename base::memory coded;
    slot integers;
  };
  struct work {
    std::int8_t* codes;
    std::int8_t* padded;
    float* floats;  // for the backward pass
    float* inputs;
  };

  static work lay_out(carver& carve, pass const& p) noexcept {
    return {carve.take<std::int8_t>(image_size), carve.take<std::int8_t>(padded_size),
            carve.take<float>(products::workspace(p)), carve.take<float>(p.images * image_size)};
  }
  static constexpr code_room room(std::size_t) noexcept {
    return {image_size + padded_size + 2 * kernel::read_slack, 0, 0};
  }
  static constexpr work from(code_scratch scratch) noexcept {
    return {scratch.narrow, scratch.narrow + image_size + kernel::read_slack, nullptr, nullptr};
  }
  static void refresh(stage_memory<cache> const& m) noexcept {
    base::encode(m);
    store(m);
    for (std::size_t i = 0; i < channels; ++i) m.slot->integers.scales[i] = m.slot->coded.row_scales[i];
  }
  static void draw(pass const& p, stage_memory<cache> const& m) noexcept {
    if (base::draw(p, m)) store(m);
  }
  static slot const& trained(stage_memory<cache> const& m) noexcept { return m.slot->integers; }
  static slot const& deployed(slot const& s) noexcept { return s; }
  static float const* rest(slot const& s) noexcept { return s.parameters; }
  static void deploy(stage_memory<cache> const& m, slot& to) noexcept {
    draw({}, m);
    to = m.slot->integers;
    for (std::size_t i = 0; i < base::rest_count; ++i)
      to.parameters[i] = m.parameters[Stage::weight_count + i];
  }
  template <class Slot, class Visitor> static void walk(Slot& s, Visitor& visit) {
    visit.template weights<weights_in_layout>(s);
  }

  static void product(pass const& p, float const* x, slot const& s, float* y, work with) noexcept {
    constexpr std::size_t out_size = static_cast<std::size_t>(Stage::output::size);
    for (std::size_t image = 0; image < p.images; ++image, x += image_size, y += out_size) {
      code_grid const where = own_range(x, image_size);
      kernel::quantize(kernel::native{}, image_size, x, where, inputs_grid::low, inputs_grid::high,
                       with.codes);
      multiply(s, with, scaled{s.scales, where.scale}, y);
    }
  }
  static void backward(pass const& p, stage_memory<cache> const& m, float const* x, float const* dy,
                       float* dx, work with) noexcept {
    for (std::size_t image = 0; image < p.images; ++image) {
      code_grid const where = own_range(x + image * image_size, image_size);
      for (std::size_t i = image * image_size; i < (image + 1) * image_size; ++i)
        with.inputs[i] = decode(encode(x[i], where, inputs_grid::low, inputs_grid::high), where);
    }
    base::backward(p, m, with.inputs, dy, dx, with.floats);
  }

 private:
  static void store(stage_memory<cache> const& m) noexcept {
    weights::store(m.slot->coded.codes, m.slot->coded.groups, m.slot->integers);
  }
  /// The real of a sum.
  struct scaled {
    float const* scales;
    float input_scale;
    float operator()(std::int64_t sum, std::size_t channel) const noexcept {
      return static_cast<float>(sum) * (input_scale * scales[channel]);
    }
  };
  static void multiply(slot const& s, work with, scaled const& output, float* y) noexcept {
    constexpr int bits = weights::storage_bits;
    constexpr kernel::native arch{};
    std::int8_t const* codes = with.codes;
    if constexpr (base::depthwise && shape.padded()) {
      kernel::padded_depthwise<bits, sum>(arch, shape, codes, std::int8_t{0}, with.padded, s.weights, output,
                                          y);
    } else if constexpr (base::depthwise) {
      kernel::depthwise<bits, sum>(arch, shape, codes, s.weights, output, y);
    } else {
      if constexpr (shape.padded()) {
        kernel::pad(shape, codes, std::int8_t{0}, with.padded);
        codes = with.padded;
      }
      constexpr kernel::operand_bounds operands{inputs_grid::low, inputs_grid::high, base::weight_format::low,
                                                base::weight_format::high};
      constexpr kernel::for_operands<kernel::native, operands> multiplying{};
      kernel::convolution<bits, sum>(multiplying, shape, codes, s.weights, weights::sums_of(s), output, y);
    }
  }
};

/// A linear stage between reals with weights as one of these.
template <class Stage, class Rule, class Weights> struct linear_coded : linear_float<Stage, true, Weights> {
  using weight_rule = Rule;
  using weight_format = typename Weights::weight_format;
  static constexpr bool takes_groups = Weights::groups_possible;
  static constexpr bool weights_possible = Weights::possible;
  static constexpr bool takes_draws = Weights::weights::draws_possible;
  static constexpr auto inputs_name = Weights::name;

  template <class Slot, class Visitor> static void walk(Slot& s, Visitor& visit) {
    Weights::walk(s, visit);
    visit.reals("scales", s.scales, sizeof s.scales / sizeof s.scales[0], {smallest_scale, largest_bound});
    visit.reals("parameters", s.parameters, sizeof s.parameters / sizeof s.parameters[0],
                {-largest_float, largest_float});
  }

 private:
  static constexpr float largest_float = 0x1.fffffep127F;
};

}  // namespace dyadic
