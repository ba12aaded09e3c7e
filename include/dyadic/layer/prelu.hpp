#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/native.hpp>
#include <dyadic/layer/code_output.hpp>
#include <dyadic/layer/description.hpp>
#include <dyadic/layer/functions.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// x, and below zero a learned slope times x, one slope for each channel (He et al. 2015); `Slope` is where
/// they begin. On codes of at most 16 bits each side of the zero point is one rounding of the scheme's
/// rescale policy, the slope being part of the multiplier: slopes may become negative or 0 and are never
/// rounded by themselves. Weight decay leaves them alone.
template <slope Slope, class... Words> struct prelu_with {
  static_assert(0 <= Slope.value && Slope.value <= 1000, "prelu: its slopes begin in 0 .. 1000");
  static constexpr auto name = [] {
    if constexpr (Slope.value == 0.25)
      return fixed_string("prelu");
    else
      return "prelu<" + decimal_fraction<static_cast<long long>(Slope.value * 1e6 + 0.5), 6>() + ">";
  }();
  static constexpr auto kind = fixed_string("prelu");
  using role = role::stage;
  using words = list<Words...>;
  static constexpr bool makes_codes = true;
  template <class In> static constexpr bool takes = true;
  template <class In> using output = In;
  template <class In> static constexpr auto parameter_count = static_cast<std::size_t>(In::channels);

  template <class Stage, class Policies, class Format, bool Last> struct quantized;
  template <class Stage> struct floating;
  template <class Stage, class Policies, class Format, bool Last>
  using bound =
      std::conditional_t<Format::is_real, floating<Stage>, quantized<Stage, Policies, Format, Last>>;

  template <std::size_t Channels>
  static constexpr std::array<segment, 1> slopes{segment{"slope", Channels, true, parameter_kind::norm}};
  static void begin(float* parameters, std::size_t channels) noexcept {
    for (std::size_t c = 0; c < channels; ++c) parameters[c] = static_cast<float>(Slope.value);
  }
  /// dy becomes the gradient before the layer, whose inputs are `x(i)`; the slopes get theirs.
  template <std::size_t Channels, class Inputs>
  static void through(std::size_t count, Inputs const& x, float const* slope, float* gradients,
                      float* dy) noexcept {
    double sums[Channels]{};
    for (std::size_t i = 0, c = 0; i < count; ++i, c = c + 1 == Channels ? 0 : c + 1) {
      float const in = x(i);
      if (!(in < 0)) continue;
      sums[c] += double{dy[i] * in};
      dy[i] *= slope[c];
    }
    for (std::size_t c = 0; c < Channels; ++c) gradients[c] += static_cast<float>(sums[c]);
  }
};

/// Slopes that begin at 1/4.
using prelu = prelu_with<slope{.value = 0.25}>;

/// On codes.
template <slope Slope, class... Words>
template <class Stage, class Policies, class Format, bool Last>
struct prelu_with<Slope, Words...>::quantized {
  using stage = Stage;
  using policy = typename Policies::rescale;
  using output_rule = std::conditional_t<Last, typename Policies::outputs, typename Policies::activations>;
  using input_format = Format;
  using output_format = coded_by<typename output_rule::grid>;
  using in_element = typename input_format::element;
  using out_element = typename output_format::element;
  using finish = code_finish<output_rule, no_activation>;
  static constexpr auto channels = static_cast<std::size_t>(Stage::input::channels);
  static constexpr auto size = static_cast<std::size_t>(Stage::input::size);

  struct slot {
    typename policy::template channels<1> positive;
    typename policy::template channels<channels> negative;
    std::int32_t zero_in;
    code_output output;
  };
  struct cache {
    slot integers;
  };
  static constexpr std::size_t range_at = channels;
  static constexpr auto segments =
      joined_segments(slopes<channels>, range_segments<typename output_rule::range>());

  /// The reals before rounding, for the range rule and the backward pass.
  static std::size_t saved_bytes(std::size_t images) noexcept { return images * size * sizeof(float); }
  static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
  static void initialise(generator&, float* parameters) noexcept { begin(parameters, channels); }
  static void refresh(stage_memory<cache> const&) noexcept {}
  static unready check(stage_memory<cache> const& m) noexcept {
    return output_rule::range::ready(m.parameters + range_at) ? nullptr : Stage::name.c_str();
  }

  static code_grid settle(stage_memory<cache> const& m, code_grid in) noexcept {
    slot& s = m.slot->integers;
    code_grid const out =
        output_rule::range::template place<typename output_rule::grid>(m.parameters + range_at);
    s.positive.set(0, policy::requantize(in.scale, in.zero, out.scale));
    for (std::size_t c = 0; c < channels; ++c)
      s.negative.set(c, policy::requantize(in.scale, in.zero, out.scale, double{m.parameters[c]}));
    s.zero_in = in.zero;
    s.output = finish::output(out);
    return out;
  }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    in_element const* const in = x.as<in_element>();
    if (p.observe || p.keep) {
      auto* const values = reinterpret_cast<float*>(m.saved);
      for (std::size_t i = 0; i < p.images * size; ++i) {
        float const real = decode(in[i], x.where);
        values[i] = real < 0 ? real * m.parameters[i % channels] : real;
      }
      if (p.observe)
        output_rule::range::template observe<typename output_rule::grid>(m.parameters + range_at,
                                                                         seen_in(p, values, p.images * size));
    }
    y.where = settle(m, x.where);
    infer(kernel::native{}, m.slot->integers, in, y.as<out_element>(), p.images, nullptr);
  }

  static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor y, float* dy,
                       float* dx) noexcept {
    typename finish::backward_pass through_codes{y.where, size};
    through_codes(reinterpret_cast<float const*>(m.saved), dy, p.images * size);
    through_codes.learn(m.parameters + range_at, m.gradients + range_at);
    in_element const* const in = x.as<in_element>();
    through<channels>(
        p.images * size, [&](std::size_t i) { return decode(in[i], x.where); }, m.parameters, m.gradients,
        dy);
    for (std::size_t i = 0; dx != nullptr && i < p.images * size; ++i) dx[i] = dy[i];
  }

  /// Shows the slot's integers with the values that each may have, for model files and emitted headers.
  template <class Slot, class Visitor, class Parts> static void walk(Slot& s, Visitor& visit, Parts parts) {
    parts.template channels<policy>("positive", s.positive, 1, 32768, visit);
    parts.template channels<policy>("negative", s.negative, channels, 32768, visit);
    visit.number("zero_in", s.zero_in, {Format::low, Format::high});
    parts.template output<output_format>(s.output, visit);
  }

  static constexpr std::size_t infer_scratch = 0;
  template <class Arch>
  static constexpr void infer(Arch arch, slot const& s, in_element const* x, out_element* y,
                              std::size_t images, void*) noexcept {
    for (std::size_t row = 0; row < images * size; row += channels) infer_step(arch, s, x + row, y + row);
  }
  /// One step of a stream.
  template <class Arch>
  static constexpr void infer_step(Arch, slot const& s, in_element const* x, out_element* y) noexcept {
    auto const positive = s.positive.get(0);
    for (std::size_t c = 0; c < channels; ++c)
      y[c] = requantized_code<policy, out_element>(x[c] < s.zero_in ? s.negative.get(c) : positive,
                                                   std::int64_t{x[c]}, s.output);
  }
};

/// In float32.
template <slope Slope, class... Words> template <class Stage> struct prelu_with<Slope, Words...>::floating {
  using stage = Stage;
  using input_format = real;
  using output_format = real;
  static constexpr auto channels = static_cast<std::size_t>(Stage::input::channels);
  static constexpr auto size = static_cast<std::size_t>(Stage::input::size);
  static constexpr auto segments = slopes<channels>;
  struct slot {
    float parameters[channels];
  };
  struct cache {
    slot integers;
  };

  static std::size_t saved_bytes(std::size_t) noexcept { return 0; }
  static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
  static void initialise(generator&, float* parameters) noexcept { begin(parameters, channels); }
  static void refresh(stage_memory<cache> const&) noexcept {}
  static unready check(stage_memory<cache> const&) noexcept { return nullptr; }
  static code_grid settle(stage_memory<cache> const& m, code_grid) noexcept {
    for (std::size_t c = 0; c < channels; ++c) m.slot->integers.parameters[c] = m.parameters[c];
    return {};
  }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    settle(m, {});
    infer(kernel::native{}, m.slot->integers, x.as<float>(), y.as<float>(), p.images, nullptr);
  }
  static void backward(pass const& p, stage_memory<cache> const& m, tensor x, tensor, float* dy,
                       float* dx) noexcept {
    float const* const in = x.as<float>();
    through<channels>(
        p.images * size, [&](std::size_t i) { return in[i]; }, m.parameters, m.gradients, dy);
    for (std::size_t i = 0; dx != nullptr && i < p.images * size; ++i) dx[i] = dy[i];
  }

  static constexpr std::size_t infer_scratch = 0;
  template <class Arch>
  static constexpr void infer(Arch, slot const& s, float const* x, float* y, std::size_t images,
                              void*) noexcept {
    for (std::size_t i = 0; i < images * size; ++i)
      y[i] = x[i] < 0 ? x[i] * s.parameters[i % channels] : x[i];
  }
};

}  // namespace dyadic
