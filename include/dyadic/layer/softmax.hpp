#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/core/math.hpp>
#include <dyadic/kernel/native.hpp>
#include <dyadic/kernel/softmax.hpp>
#include <dyadic/layer/code_output.hpp>
#include <dyadic/layer/description.hpp>
#include <dyadic/layer/natural_range.hpp>
#include <dyadic/layer/stage.hpp>

namespace dyadic {

/// e^x over the sum of all e^x of the last axis, or the logarithm of that. On codes of at most 16 bits: a
/// table of exponentials of code differences, an integer sum, one rounding to the output's code
/// (kernel/softmax.hpp). Softmax's codes cover 0 to 1 where no range rule is named. A loss that takes logits
/// wants none of this layer; a rescale policy has no part in it.
template <bool Logarithm, class... Words> struct softmax_layer {
  static constexpr auto name = [] {
    if constexpr (Logarithm)
      return fixed_string("log_softmax");
    else
      return fixed_string("softmax");
  }();
  static constexpr auto kind = name;
  using role = role::stage;
  using words = list<Words...>;
  static constexpr bool makes_codes = true;
  template <class In> static constexpr bool takes = In::channels >= 2 && In::channels <= 65536;
  template <class In> using output = In;

  template <class Stage, class Policies, class Format, bool Last> struct quantized;
  template <class Stage> struct floating;
  template <class Stage, class Policies, class Format, bool Last>
  using bound =
      std::conditional_t<Format::is_real, floating<Stage>, quantized<Stage, Policies, Format, Last>>;

  /// dy becomes the gradient before the layer; `y` is what it gave, [rows][channels].
  static void through(std::size_t rows, std::size_t channels, float const* y, float const* dy,
                      float* dx) noexcept {
    for (std::size_t row = 0; row < rows; ++row, y += channels, dy += channels, dx += channels) {
      float sum = 0;
      for (std::size_t c = 0; c < channels; ++c) sum += Logarithm ? dy[c] : dy[c] * y[c];
      for (std::size_t c = 0; c < channels; ++c)
        dx[c] = Logarithm ? dy[c] - math::exp(y[c]) * sum : y[c] * (dy[c] - sum);
    }
  }
};

template <class... Words> using softmax_with = softmax_layer<false, Words...>;
template <class... Words> using log_softmax_with = softmax_layer<true, Words...>;
using softmax = softmax_with<>;
using log_softmax = log_softmax_with<>;

/// On codes.
template <bool Logarithm, class... Words>
template <class Stage, class Policies, class Format, bool Last>
struct softmax_layer<Logarithm, Words...>::quantized {
  static_assert(Format::bits <= 16, "softmax: its input codes have at most 16 bits");
  using stage = Stage;
  using unbounded = std::conditional_t<Last, typename Policies::outputs, typename Policies::activations>;
  using output_rule = typename std::conditional_t<Logarithm, std::type_identity<unbounded>,
                                                  bounded_output<Policies, Last, 0, 1>>::type;
  using input_format = Format;
  using output_format = coded_by<typename output_rule::grid>;
  using in_element = typename input_format::element;
  using out_element = typename output_format::element;
  using finish = code_finish<output_rule, no_activation>;
  static constexpr auto channels = static_cast<std::size_t>(Stage::input::channels);
  static constexpr std::size_t size = static_cast<std::size_t>(Stage::input::size);
  static constexpr std::size_t rows = size / channels;
  using exponentials = kernel::exponentials<Format::bits, channels>;
  using steps = std::conditional_t<Logarithm, kernel::log_share_steps, kernel::share_steps>;

  struct slot {
    exponentials exponential;
    steps step;
    code_output output;
  };
  struct cache {
    slot integers;
  };
  static constexpr auto segments = range_segments<typename output_rule::range>();

  /// The reals before rounding to codes, for the range rule and the backward pass.
  static std::size_t saved_bytes(std::size_t images) noexcept { return images * size * sizeof(float); }
  static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
  static void initialise(generator&, float*) noexcept {}
  static void refresh(stage_memory<cache> const&) noexcept {}
  static unready check(stage_memory<cache> const& m) noexcept {
    return output_rule::range::ready(m.parameters) ? nullptr : Stage::name.c_str();
  }

  static code_grid settle(stage_memory<cache> const& m, code_grid in) noexcept {
    slot& s = m.slot->integers;
    s.exponential.fit(in.scale);
    code_grid const out = output_rule::range::template place<typename output_rule::grid>(m.parameters);
    s.step = steps::fit(in.scale, out.scale);
    s.output = finish::output(out);
    return out;
  }

  static void forward(pass const& p, stage_memory<cache> const& m, tensor x, tensor& y) noexcept {
    in_element const* const in = x.as<in_element>();
    if (p.observe || p.keep) {
      m.slot->integers.exponential.fit(x.where.scale);
      auto* const values = reinterpret_cast<float*>(m.saved);
      for (std::size_t row = 0; row < p.images * rows; ++row)
        reals_of(m.slot->integers.exponential, x.where.scale, in + row * channels, values + row * channels);
      if (p.observe)
        output_rule::range::template observe<typename output_rule::grid>(m.parameters,
                                                                         seen_in(p, values, p.images * size));
    }
    y.where = settle(m, x.where);
    infer(kernel::native{}, m.slot->integers, in, y.as<out_element>(), p.images, nullptr);
  }

  static void backward(pass const& p, stage_memory<cache> const& m, tensor, tensor y, float* dy,
                       float* dx) noexcept {
    auto const* const values = reinterpret_cast<float const*>(m.saved);
    typename finish::backward_pass through_codes{y.where, size};
    through_codes(values, dy, p.images * size);
    through_codes.learn(m.parameters, m.gradients);
    if (dx != nullptr) through(p.images * rows, channels, values, dy, dx);
  }

  /// Shows the slot's integers with the values that each may have, for model files and emitted headers.
  template <class Slot, class Visitor, class Parts> static void walk(Slot& s, Visitor& visit, Parts parts) {
    constexpr std::int64_t one = std::int64_t{1} << exponentials::fraction;
    visit.group("exponential", [&] {
      visit.numbers("fine", s.exponential.fine, exponentials::fine_count, {0, one});
      visit.numbers("coarse", s.exponential.coarse, exponentials::coarse_count, {0, one});
    });
    visit.group("step", [&] {
      if constexpr (Logarithm) {
        visit.number("multiplier", s.step.multiplier, {0, steps::largest});
        visit.number("log_multiplier", s.step.log_multiplier, {0, INT32_MAX});
        visit.number("shift", s.step.shift, {0, 60});
      } else {
        visit.number("multiplier", s.step.multiplier, {0, INT32_MAX});
        visit.number("shift", s.step.shift, {0, 32});
      }
    });
    parts.template output<output_format>(s.output, visit);
  }

  static constexpr std::size_t infer_scratch = 0;
  template <class Arch>
  static constexpr void infer(Arch arch, slot const& s, in_element const* x, out_element* y,
                              std::size_t images, void*) noexcept {
    kernel::softmax(arch, images * rows, channels, s.exponential, s.step, s.output, x, y);
  }
  /// One step of a stream.
  template <class Arch>
  static constexpr void infer_step(Arch arch, slot const& s, in_element const* x, out_element* y) noexcept {
    kernel::softmax(arch, 1, channels, s.exponential, s.step, s.output, x, y);
  }

 private:
  static void reals_of(exponentials const& exponential, float scale, in_element const* x,
                       float* values) noexcept {
    kernel::row_sum const seen = kernel::sum_of(channels, exponential, x);
    constexpr auto unit = static_cast<float>(0x1.62e42fefa39efp-1 / (1 << kernel::log2_fraction));
    [[maybe_unused]] float const log =
        unit *
        static_cast<float>(kernel::log2_of(seen.sum) - (exponentials::fraction << kernel::log2_fraction));
    for (std::size_t c = 0; c < channels; ++c)
      values[c] = Logarithm
                      ? -scale * static_cast<float>(seen.largest - x[c]) - log
                      : static_cast<float>(exponential(seen.largest - x[c])) / static_cast<float>(seen.sum);
  }
};

/// In float32.
template <bool Logarithm, class... Words>
template <class Stage>
struct softmax_layer<Logarithm, Words...>::floating {
  using stage = Stage;
  using input_format = real;
  using output_format = real;
  using slot = no_slot;
  using cache = no_slot;
  static constexpr std::array<segment, 0> segments{};
  static constexpr auto channels = static_cast<std::size_t>(Stage::input::channels);
  static constexpr std::size_t rows = static_cast<std::size_t>(Stage::input::size) / channels;

  static std::size_t saved_bytes(std::size_t) noexcept { return 0; }
  static std::size_t scratch_bytes(std::size_t) noexcept { return 0; }
  static void initialise(generator&, float*) noexcept {}
  static void refresh(stage_memory<cache> const&) noexcept {}
  static unready check(stage_memory<cache> const&) noexcept { return nullptr; }
  static code_grid settle(stage_memory<cache> const&, code_grid) noexcept { return {}; }

  static void forward(pass const& p, stage_memory<cache> const&, tensor x, tensor& y) noexcept {
    infer(kernel::native{}, slot{}, x.as<float>(), y.as<float>(), p.images, nullptr);
  }
  static void backward(pass const& p, stage_memory<cache> const&, tensor, tensor y, float* dy,
                       float* dx) noexcept {
    if (dx != nullptr) through(p.images * rows, channels, y.as<float>(), dy, dx);
  }

  static constexpr std::size_t infer_scratch = 0;
  template <class Arch>
  static void infer(Arch, slot const&, float const* x, float* y, std::size_t images, void*) noexcept {
    for (std::size_t row = 0; row < images * rows; ++row, x += channels, y += channels) {
      float largest = x[0], sum = 0;
      for (std::size_t c = 1; c < channels; ++c) largest = x[c] > largest ? x[c] : largest;
      for (std::size_t c = 0; c < channels; ++c) sum += math::exp(x[c] - largest);
      float const log = math::log(sum), share = 1 / sum;
      for (std::size_t c = 0; c < channels; ++c)
        y[c] = Logarithm ? x[c] - largest - log : math::exp(x[c] - largest) * share;
    }
  }
};

}  // namespace dyadic
