#pragma once

#include <array>

#include <dyadic/kernel/elementwise.hpp>
#include <dyadic/kernel/float_elementwise.hpp>
#include <dyadic/layer/batch_norm.hpp>
#include <dyadic/layer/code_line.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// A batch norm that stands alone: no linear layer before it whose rounding could hold it.
template <class Norm> struct lone_norm {
  static constexpr auto name = Norm::name;
  static constexpr auto kind = Norm::kind;
  using words = typename Norm::words;
  static constexpr bool makes_codes = true;
  static constexpr bool takes_activation = true;
  template <class In> using output = In;
  template <class In>
  static constexpr std::size_t parameter_count = 2 * static_cast<std::size_t>(In::channels);

  template <std::size_t Channels> struct layout {
    static constexpr std::size_t gamma = 0;
    static constexpr std::size_t beta = Channels;
    static constexpr std::size_t mean = 2 * Channels;
    static constexpr std::size_t variance = 3 * Channels;
    static constexpr std::size_t end = 4 * Channels;
    static constexpr std::array<segment, 4> segments{segment{"gamma", Channels, true, parameter_kind::norm},
                                                     segment{"beta", Channels, true, parameter_kind::norm},
                                                     segment{"mean", Channels},
                                                     segment{"variance", Channels}};
    static void initialise(float* parameters) noexcept {
      for (std::size_t c = 0; c < Channels; ++c) {
        parameters[gamma + c] = parameters[variance + c] = 1;
        parameters[beta + c] = parameters[mean + c] = 0;
      }
    }
  };

  template <class Stage, class Policies, class Format, bool Last> struct quantized;
  template <class Stage> struct floating;
  template <class Stage, class Policies, class Format, bool Last>
  using bound =
      std::conditional_t<Format::is_real, floating<Stage>, quantized<Stage, Policies, Format, Last>>;
};

/// On codes: the code is the accumulator, and one rounding makes the new code.
template <class Norm>
template <class Stage, class Policies, class Format, bool Last>
struct lone_norm<Norm>::quantized {
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
  static constexpr std::size_t positions = size / channels;
  using where = lone_norm::layout<channels>;
  using line = code_line<channels, where, Norm, finish>;

  struct slot {
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

  struct kept {
    typename line::kept sums;
    typename line::moments used;
  };
  static kept keep(carver& carve, std::size_t images) noexcept {
    return {line::kept::take_inside(carve, images * positions),
            {carve.take<float>(channels), carve.take<float>(channels)}};
  }
  static std::size_t saved_bytes(std::size_t images) noexcept {
    carver count;
    keep(count, images);
    return count.used();
  }
  struct work {
    std::int32_t* accumulators;
    float* values;
    float* norm_sums;
    typename line::range_sums* range_sums;
    kernel::channel_statistics seen;
  };
  static work lay_out(carver& carve, std::size_t images) noexcept {
    std::size_t const rows = images * positions, seen = kernel::statistics_blocks(rows) * channels;
    return {carve.take<std::int32_t>(images * size),
            carve.take<float>(asks_for_values<typename output_rule::range> ? images * size : 0),
            carve.take<float>(line::norm_sums(rows)),
            carve.take<typename line::range_sums>(line::sums_of_range(rows)),
            {carve.take<std::int32_t>(seen), carve.take<std::int32_t>(seen), carve.take<std::int64_t>(seen),
             carve.take<double>(seen)}};
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
    lines_from(*m.slot, in);
    line::settle(m.parameters, m.parameters + where::mean, m.parameters + where::variance, m.slot->lines);
    return settle_output(m, in);
  }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    kept const k = keep(saved, p.images);
    work const w = lay_out(scratch, p.images);
    cache& c = *m.slot;
    in_element const* const in = x.as<in_element>();
    for (std::size_t i = 0; i < p.images * size; ++i) w.accumulators[i] = in[i];
    lines_from(c, x.where);
    line::see(p, w.accumulators, p.images * positions, w.seen);
    line::take_moments(p, m.parameters, c.lines, w.seen, p.images * positions, k.used);
    line::settle(m.parameters, k.used.mean, k.used.variance, c.lines);
    if (p.observe)
      line::observe(c.lines, w.seen, w.accumulators, p.images * positions, w.values, m.parameters + range_at);
    y.where = settle_output(m, x.where);
    line::finish_codes(p, static_cast<std::int32_t const*>(w.accumulators), p.images * positions,
                       output_of(c.integers), y.as<out_element>(), p.keep ? k.sums : typename line::kept{});
  }

  static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor, float* dy,
                       float* dx) noexcept {
    carver saved{m.saved}, scratch{m.scratch};
    kept const k = keep(saved, p.images);
    work const w = lay_out(scratch, p.images);
    cache& c = *m.slot;
    typename line::template accumulated<in_element> const sums{x.as<in_element>()};
    line::through_output(p, c.lines, c.out, sums, k.sums.inside, p.images * positions, size, dy,
                         m.parameters + range_at, m.gradients + range_at, w.range_sums);
    line::through_norm(p, c.lines, k.used, sums, p.images * positions, m.gradients, dy, w.norm_sums);
    if (dx != nullptr)
      for (std::size_t i = 0; i < p.images * size; ++i) dx[i] = dy[i];
  }

  static constexpr std::size_t infer_scratch = 0;
  template <class Arch>
  static constexpr void infer(Arch, slot const& s, in_element const* x, out_element* y, std::size_t images,
                              void*) noexcept {
    auto const output = output_of(s);
    for (std::size_t row = 0; row < images * positions; ++row)
      for (std::size_t c = 0; c < channels; ++c) *y++ = output(*x++, c);
  }
  /// One step of a stream.
  template <class Arch>
  static constexpr void infer_step(Arch, slot const& s, in_element const* x, out_element* y) noexcept {
    auto const output = output_of(s);
    for (std::size_t c = 0; c < channels; ++c) y[c] = output(x[c], c);
  }

 private:
  static constexpr auto output_of(slot const& s) noexcept {
    using view = std::remove_const_t<decltype(s.rescale.view())>;
    return kernel::requantized<policy, view, out_element>{s.rescale.view(), s.output.zero, s.output.low,
                                                          s.output.high};
  }
  static void lines_from(cache& c, code_grid in) noexcept {
    for (std::size_t i = 0; i < channels; ++i) {
      c.lines.slope[i] = double{in.scale};
      c.lines.intercept[i] = -double{in.scale} * in.zero;
    }
  }
  static code_grid settle_output(stage_memory<cache> const& m, code_grid in) noexcept {
    cache& c = *m.slot;
    c.out = output_rule::range::template place<typename output_rule::grid>(m.parameters + range_at);
    c.integers.output = finish::output(c.out);
    for (std::size_t i = 0; i < channels; ++i)
      c.integers.rescale.set(
          i, policy::requantize(in.scale, in.zero, c.out.scale, c.lines.gain[i], c.lines.offset[i]));
    return c.out;
  }
};

/// In float32.
template <class Norm> template <class Stage> struct lone_norm<Norm>::floating {
  using stage = Stage;
  using input_format = real;
  using output_format = real;
  static constexpr auto channels = static_cast<std::size_t>(Stage::input::channels);
  static constexpr std::size_t size = static_cast<std::size_t>(Stage::input::size);
  static constexpr std::size_t positions = size / channels;
  using where = lone_norm::layout<channels>;
  static constexpr auto segments = where::segments;
  struct slot {
    float parameters[where::end];
  };
  struct cache {
    slot integers;
  };

  static std::size_t saved_bytes(std::size_t) noexcept { return 2 * channels * sizeof(float); }
  static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
  static void initialise(generator&, float* parameters) noexcept { where::initialise(parameters); }
  static void refresh(stage_memory<cache> const&) noexcept {}
  static unready check(stage_memory<cache> const&) noexcept { return nullptr; }
  static code_grid settle(stage_memory<cache> const& m, code_grid) noexcept {
    for (std::size_t i = 0; i < where::end; ++i) m.slot->integers.parameters[i] = m.parameters[i];
    return {};
  }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    float* const mean = reinterpret_cast<float*>(m.saved);
    float* const deviation = mean + channels;
    auto const rows = static_cast<std::ptrdiff_t>(p.images * positions);
    constexpr auto columns = static_cast<std::ptrdiff_t>(channels);
    constexpr kernel::native arch{};
    float const* const in = x.as<float>();
    float const* const parameters = m.parameters;
    if (p.batch_statistics) {
      kernel::batch_statistics(arch, rows, columns, in, mean, deviation);
      move_statistics(p, channels, Norm::momentum, mean, m.parameters + where::mean);
      move_statistics(p, channels, Norm::momentum, deviation, m.parameters + where::variance);
    } else {
      for (std::size_t c = 0; c < channels; ++c) {
        mean[c] = parameters[where::mean + c];
        deviation[c] = parameters[where::variance + c];
      }
    }
    normalize(in, mean, deviation, parameters, y.as<float>(), rows);
  }

  static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor y, float* dy,
                       float* dx) noexcept {
    float const* const mean = reinterpret_cast<float const*>(m.saved);
    float const* const deviation = mean + channels;
    auto const rows = static_cast<std::ptrdiff_t>(p.images * positions);
    constexpr auto columns = static_cast<std::ptrdiff_t>(channels);
    constexpr kernel::native arch{};
    float const* const in = x.as<float>();
    if constexpr (!std::is_same_v<typename Stage::activation, no_activation>)
      kernel::clamp_backward(arch, rows * columns, Stage::activation::low, Stage::activation::high,
                             static_cast<float const*>(y.as<float>()), dy, dy);
    float* const into = dx == nullptr ? dy : dx;
    if (p.batch_statistics)
      kernel::batch_norm_backward(arch, rows, columns, in, dy, mean, deviation, m.parameters + where::gamma,
                                  into, m.gradients + where::gamma, m.gradients + where::beta);
    else
      kernel::batch_norm_backward_frozen(arch, rows, columns, in, dy, mean, deviation,
                                         m.parameters + where::gamma, into, m.gradients + where::gamma,
                                         m.gradients + where::beta);
  }

  static constexpr std::size_t infer_scratch = 0;
  template <class Arch>
  static void infer(Arch, slot const& s, float const* x, float* y, std::size_t images, void*) noexcept {
    float deviation[channels];
    for (std::size_t c = 0; c < channels; ++c) deviation[c] = s.parameters[where::variance + c];
    normalize(x, s.parameters + where::mean, deviation, s.parameters, y,
              static_cast<std::ptrdiff_t>(images * positions));
  }

 private:
  /// `deviation` holds variances, and 1 / sqrt(variance + epsilon) afterwards.
  static void normalize(float const* in, float const* mean, float* deviation, float const* parameters,
                        float* out, std::ptrdiff_t rows) noexcept {
    constexpr auto columns = static_cast<std::ptrdiff_t>(channels);
    constexpr kernel::native arch{};
    kernel::reciprocal_deviation(arch, columns, deviation, Norm::epsilon, deviation);
    kernel::batch_norm_forward(arch, rows, columns, in, mean, deviation, parameters + where::gamma,
                               parameters + where::beta, out);
    if constexpr (!std::is_same_v<typename Stage::activation, no_activation>)
      kernel::clamp_forward(arch, rows * columns, Stage::activation::low, Stage::activation::high, out, out);
  }
};

}  // namespace dyadic
