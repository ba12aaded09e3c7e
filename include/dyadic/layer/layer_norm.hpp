#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/core/math.hpp>
#include <dyadic/kernel/elementwise.hpp>
#include <dyadic/kernel/layer_norm.hpp>
#include <dyadic/layer/batch_norm.hpp>
#include <dyadic/layer/code_line.hpp>
#include <dyadic/layer/description.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// What a layer norm adds to the variance.
struct layer_normalization {
  double epsilon = 1e-5;
};

/// Each position's channels (the last axis) less their mean, over their deviation, then gamma and beta a
/// channel (Ba et al. 2016). On codes of at most 16 bits the normalized value is an integer of 2^-16, made
/// from integer sums and an integer reciprocal root (kernel/layer_norm.hpp); gamma, beta and an activation
/// behind it are in the scheme's one rounding to codes. 2 to 32768 channels.
template <layer_normalization Options = layer_normalization{}, class... Words> struct layer_norm_with {
  static_assert(0 < Options.epsilon && Options.epsilon <= 1000,
                "layer_norm: epsilon is above 0 and at most 1000");
  static constexpr auto name = [] {
    if constexpr (Options.epsilon == layer_normalization{}.epsilon)
      return fixed_string("layer_norm");
    else
      return "layer_norm<epsilon " +
             decimal_fraction<static_cast<long long>(Options.epsilon * 1e12 + 0.5), 12>() + ">";
  }();
  static constexpr auto kind = fixed_string("layer_norm");
  using role = role::stage;
  using words = list<Words...>;
  static constexpr bool makes_codes = true;
  static constexpr bool takes_activation = true;
  static constexpr double epsilon = Options.epsilon;
  template <class In>
  static constexpr bool takes = In::channels >= 2 && In::channels <= kernel::most_normalized;
  template <class In> using output = In;
  template <class In>
  static constexpr std::size_t parameter_count = 2 * static_cast<std::size_t>(In::channels);

  /// Where a layer's floats are.
  template <std::size_t Channels> struct layout {
    static constexpr std::size_t gamma = 0;
    static constexpr std::size_t beta = Channels;
    static constexpr std::size_t end = 2 * Channels;
    static constexpr std::array<segment, 2> segments{segment{"gamma", Channels, true, parameter_kind::norm},
                                                     segment{"beta", Channels, true, parameter_kind::norm}};
    static void initialise(float* parameters) noexcept {
      for (std::size_t c = 0; c < Channels; ++c) {
        parameters[gamma + c] = 1;
        parameters[beta + c] = 0;
      }
    }
  };

  template <class Stage, class Policies, class Format, bool Last> struct quantized;
  template <class Stage> struct floating;
  template <class Stage, class Policies, class Format, bool Last>
  using bound =
      std::conditional_t<Format::is_real, floating<Stage>, quantized<Stage, Policies, Format, Last>>;

  /// One row: dy becomes the gradient before the layer, gamma's and beta's are added to. `normalized(c)` is
  /// the value before gamma, `reciprocal` one over the deviation.
  template <std::size_t Channels, class Normalized>
  static void through(Normalized const& normalized, float reciprocal, float const* gamma,
                      double* gamma_gradients, double* beta_gradients, float* dy) noexcept {
    double sum = 0, product = 0;
    for (std::size_t c = 0; c < Channels; ++c) {
      float const n = normalized(c);
      gamma_gradients[c] += double{dy[c] * n};
      beta_gradients[c] += double{dy[c]};
      dy[c] *= gamma[c];
      sum += double{dy[c]};
      product += double{dy[c] * n};
    }
    auto const mean = static_cast<float>(sum / static_cast<double>(Channels));
    auto const slope = static_cast<float>(product / static_cast<double>(Channels));
    for (std::size_t c = 0; c < Channels; ++c) dy[c] = reciprocal * (dy[c] - mean - normalized(c) * slope);
  }
  template <std::size_t Channels> struct sums {
    double gamma[Channels]{}, beta[Channels]{};

    void add_to(float* gradients) const noexcept {
      for (std::size_t c = 0; c < Channels; ++c) {
        gradients[c] += static_cast<float>(gamma[c]);
        gradients[Channels + c] += static_cast<float>(beta[c]);
      }
    }
  };
};
using layer_norm = layer_norm_with<>;

/// On codes: the normalized value is the accumulator.
template <layer_normalization Options, class... Words>
template <class Stage, class Policies, class Format, bool Last>
struct layer_norm_with<Options, Words...>::quantized {
  using stage = Stage;
  using policy = typename Policies::rescale;
  using output_rule = std::conditional_t<Last, typename Policies::outputs, typename Policies::activations>;
  using input_format = Format;
  using output_format = coded_by<typename output_rule::grid>;
  using in_element = typename input_format::element;
  using out_element = typename output_format::element;
  using finish = code_finish<output_rule, typename Stage::activation>;
  static constexpr auto channels = static_cast<std::size_t>(Stage::input::channels);
  static constexpr std::size_t size = static_cast<std::size_t>(Stage::input::size);
  static constexpr std::size_t rows = size / channels;
  using where = layer_norm_with::layout<channels>;
  using line = code_line<channels, where, no_norm, finish>;

  struct slot {
    std::int64_t epsilon;
    typename policy::template channels<channels> rescale;
    code_output output;
  };
  struct cache {
    slot integers;
    channel_lines<channels> lines;
    code_grid out;
  };
  static constexpr std::size_t range_at = where::end;
  static constexpr auto segments =
      joined_segments(where::segments, range_segments<typename output_rule::range>());

  static typename line::kept keep(carver& carve, std::size_t images) noexcept {
    return line::kept::take_inside(carve, images * rows);
  }
  static std::size_t saved_bytes(std::size_t images) noexcept {
    carver count;
    keep(count, images);
    return count.used();
  }
  struct work {
    std::int32_t* accumulators;
    float* values;
    typename line::range_sums* range_sums;
    kernel::channel_statistics seen;
  };
  static work lay_out(carver& carve, std::size_t images) noexcept {
    return {carve.take<std::int32_t>(images * size),
            carve.take<float>(asks_for_values<typename output_rule::range> ? images * size : 0),
            carve.take<typename line::range_sums>(line::sums_of_range(images * rows)),
            {carve.take<std::int32_t>(channels), carve.take<std::int32_t>(channels),
             carve.take<std::int64_t>(channels), carve.take<double>(channels)}};
  }
  static std::size_t scratch_bytes(std::size_t images) noexcept {
    carver count;
    lay_out(count, images);
    return count.used();
  }

  static void initialise(generator&, float* parameters) noexcept { where::initialise(parameters); }
  static void refresh(stage_memory<cache> const&) noexcept {}
  static unready check(stage_memory<cache> const& m) noexcept {
    return output_rule::range::ready(m.parameters + range_at) ? nullptr : Stage::name.c_str();
  }

  static code_grid settle(stage_memory<cache> const& m, code_grid in) noexcept {
    cache& c = *m.slot;
    lines_from(m, in);
    c.out = output_rule::range::template place<typename output_rule::grid>(m.parameters + range_at);
    c.integers.output = finish::output(c.out);
    for (std::size_t i = 0; i < channels; ++i)
      c.integers.rescale.set(i, policy::requantize(kernel::normalized_scale, 0, c.out.scale, c.lines.gain[i],
                                                   c.lines.offset[i], kernel::largest_normalized(channels)));
    return c.out;
  }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    auto const k = keep(saved, p.images);
    work const w = lay_out(scratch, p.images);
    cache& c = *m.slot;
    std::size_t const all = p.images * rows;
    lines_from(m, x.where);
    normalize_rows(c.integers, x, all, w.accumulators);
    if (p.observe) {
      kernel::statistics(kernel::native{}, w.accumulators, all, channels, w.seen);
      line::observe(c.lines, w.seen, w.accumulators, all, w.values, m.parameters + range_at);
    }
    y.where = settle(m, x.where);
    line::finish_codes(p, static_cast<std::int32_t const*>(w.accumulators), all, output_of(c.integers, 0),
                       y.as<out_element>(), p.keep ? k : typename line::kept{});
  }

  static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor, float* dy,
                       float* dx) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    auto const k = keep(saved, p.images);
    work const w = lay_out(scratch, p.images);
    cache& c = *m.slot;
    normalize_rows(c.integers, x, p.images * rows, w.accumulators);
    typename line::template accumulated<std::int32_t> const sums_of_rows{w.accumulators};
    line::through_output(p, c.lines, c.out, sums_of_rows, k.inside, p.images * rows, size, dy,
                         m.parameters + range_at, m.gradients + range_at, w.range_sums);
    in_element const* const in = x.as<in_element>();
    sums<channels> total;
    for (std::size_t row = 0; row < p.images * rows; ++row) {
      std::int32_t const* const a = w.accumulators + row * channels;
      auto const root = normalizer(c.integers, in + row * channels).root;
      auto const reciprocal =
          static_cast<float>(exact::scale_by_power_of_two(static_cast<double>(root.mantissa), -root.shift) *
                             static_cast<double>(channels) / double{x.where.scale});
      through<channels>([a](std::size_t i) { return static_cast<float>(a[i]) * kernel::normalized_scale; },
                        reciprocal, m.parameters + where::gamma, total.gamma, total.beta,
                        dy + row * channels);
    }
    total.add_to(m.gradients);
    for (std::size_t i = 0; dx != nullptr && i < p.images * size; ++i) dx[i] = dy[i];
  }

  /// Shows the slot's integers with the values that each may have, for model files and emitted headers.
  template <class Slot, class Visitor, class Parts> static void walk(Slot& s, Visitor& visit, Parts parts) {
    visit.number("epsilon", s.epsilon, {1, kernel::largest_epsilon});
    parts.template channels<policy>("rescale", s.rescale, channels, kernel::largest_normalized(channels),
                                    visit);
    parts.template output<output_format>(s.output, visit);
  }

  static constexpr std::size_t infer_scratch = 0;
  template <class Arch>
  static constexpr void infer(Arch arch, slot const& s, in_element const* x, out_element* y,
                              std::size_t images, void*) noexcept {
    for (std::size_t at = 0; at < images * size; at += channels) infer_step(arch, s, x + at, y + at);
  }
  /// One step of a stream.
  template <class Arch>
  static constexpr void infer_step(Arch arch, slot const& s, in_element const* x, out_element* y) noexcept {
    constexpr std::size_t block = 64;
    auto const normalize = normalizer(s, x);
    for (std::size_t first = 0; first < channels; first += block) {
      std::size_t const count = channels - first < block ? channels - first : block;
      std::int32_t normalized[block]{};
      for (std::size_t i = 0; i < count; ++i) normalized[i] = normalize(x[first + i]);
      kernel::apply_output(arch, static_cast<std::int32_t const*>(normalized), 1, count, output_of(s, first),
                           y + first);
    }
  }

 private:
  static constexpr kernel::row_normalizer normalizer(slot const& s, in_element const* x) noexcept {
    return kernel::row_normalizer::of(x, channels, s.epsilon);
  }
  static void normalize_rows(slot const& s, tensor x, std::size_t count, std::int32_t* normalized) noexcept {
    in_element const* const in = x.as<in_element>();
    for (std::size_t row = 0; row < count; ++row) {
      auto const normalize = normalizer(s, in + row * channels);
      for (std::size_t i = row * channels; i < (row + 1) * channels; ++i) normalized[i] = normalize(in[i]);
    }
  }
  static constexpr auto output_of(slot const& s, std::size_t first) noexcept {
    using view = std::remove_const_t<decltype(s.rescale.view())>;
    return kernel::requantized<policy, view, out_element>{s.rescale.view().from(first), s.output.zero,
                                                          s.output.low, s.output.high};
  }
  static void lines_from(stage_memory<cache> const& m, code_grid in) noexcept {
    cache& c = *m.slot;
    c.integers.epsilon = kernel::epsilon_of(epsilon, in.scale, channels);
    for (std::size_t i = 0; i < channels; ++i) {
      c.lines.slope[i] = double{kernel::normalized_scale};
      c.lines.intercept[i] = 0;
      c.lines.gain[i] = double{m.parameters[where::gamma + i]};
      c.lines.offset[i] = double{m.parameters[where::beta + i]};
    }
  }
};

/// In float32.
template <layer_normalization Options, class... Words>
template <class Stage>
struct layer_norm_with<Options, Words...>::floating {
  using stage = Stage;
  using input_format = real;
  using output_format = real;
  static constexpr auto channels = static_cast<std::size_t>(Stage::input::channels);
  static constexpr std::size_t size = static_cast<std::size_t>(Stage::input::size);
  static constexpr std::size_t rows = size / channels;
  using where = layer_norm_with::layout<channels>;
  static constexpr auto segments = where::segments;
  struct slot {
    float parameters[where::end];
  };
  struct cache {
    slot integers;
  };

  static std::size_t saved_bytes(std::size_t) noexcept { return 0; }
  static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
  static void initialise(generator&, float* parameters) noexcept { where::initialise(parameters); }
  static void refresh(stage_memory<cache> const&) noexcept {}
  static unready check(stage_memory<cache> const&) noexcept { return nullptr; }
  static code_grid settle(stage_memory<cache> const& m, code_grid) noexcept {
    for (std::size_t i = 0; i < where::end; ++i) m.slot->integers.parameters[i] = m.parameters[i];
    return {};
  }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    settle(m, {});
    infer(kernel::native{}, m.slot->integers, x.as<float>(), y.as<float>(), p.images, nullptr);
  }
  static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor y, float* dy,
                       float* dx) noexcept {
    using active = typename Stage::activation;
    float const *in = x.as<float>(), *out = y.as<float>();
    sums<channels> total;
    for (std::size_t row = 0; row < p.images * rows; ++row, in += channels, out += channels) {
      float* const d = dy + row * channels;
      for (std::size_t c = 0; c < channels; ++c)
        d[c] = out[c] > active::low && out[c] < active::high ? d[c] : 0;
      moments const seen = moments_of(in);
      through<channels>([&](std::size_t c) { return (in[c] - seen.mean) * seen.reciprocal; }, seen.reciprocal,
                        m.parameters + where::gamma, total.gamma, total.beta, d);
    }
    total.add_to(m.gradients);
    for (std::size_t i = 0; dx != nullptr && i < p.images * size; ++i) dx[i] = dy[i];
  }

  static constexpr std::size_t infer_scratch = 0;
  template <class Arch>
  static void infer(Arch, slot const& s, float const* x, float* y, std::size_t images, void*) noexcept {
    using active = typename Stage::activation;
    for (std::size_t row = 0; row < images * rows; ++row, x += channels, y += channels) {
      moments const seen = moments_of(x);
      for (std::size_t c = 0; c < channels; ++c)
        y[c] = clamp((x[c] - seen.mean) * seen.reciprocal * s.parameters[where::gamma + c] +
                         s.parameters[where::beta + c],
                     active::low, active::high);
    }
  }

 private:
  struct moments {
    float mean, reciprocal;
  };
  static moments moments_of(float const* x) noexcept {
    double sum = 0, squares = 0;
    for (std::size_t c = 0; c < channels; ++c) sum += double{x[c]};
    double const mean = sum / static_cast<double>(channels);
    for (std::size_t c = 0; c < channels; ++c) squares += (double{x[c]} - mean) * (double{x[c]} - mean);
    double const variance = squares / static_cast<double>(channels);
    return {static_cast<float>(mean), static_cast<float>(1 / math::square_root(variance + epsilon))};
  }
};

}  // namespace dyadic
