#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/convolution.hpp>
#include <dyadic/kernel/depthwise.hpp>
#include <dyadic/kernel/elementwise.hpp>
#include <dyadic/layer/code_output.hpp>
#include <dyadic/layer/stage.hpp>

/// Stages that take one step of a sequence at a time: the state that each keeps between steps, the room that
/// it needs in a step, and what it makes of one more. `push` gives whether that step had an output.
namespace dyadic::streams {

/// Does no output of the window see a later step?
constexpr bool is_causal(kernel::window_shape const& s) noexcept {
  bool const one_row = s.in_height == 1 && s.kernel_height == 1 && s.out_height == 1;
  bool const before = s.pad_left == 0 || s.pad_left == s.covered_width() - 1;
  return one_row && s.spread_width == 1 && s.pad_right == 0 && before;
}

/// The window over the last steps alone.
constexpr kernel::window_shape one_window(kernel::window_shape s, int steps) noexcept {
  s.in_width = steps;
  s.out_width = s.stride_width = 1;
  s.pad_left = 0;
  return s;
}

/// Which steps have an output: the first, counted from 0, and then each of so many.
struct rhythm {
  int first = 0, every = 1;
  constexpr bool operator==(rhythm const&) const = default;
  /// Of a stage with the rhythm `next` behind one with this.
  constexpr rhythm then(rhythm next) const noexcept {
    return {first + every * next.first, every * next.every};
  }
};
constexpr rhythm rhythm_of(kernel::window_shape const& s) noexcept {
  return {s.pad_left == 0 ? s.covered_width() - 1 : 0, s.stride_width};
}

/// The last steps that a window covers, oldest first, and when it gives its next output.
template <class Element, kernel::window_shape Shape> struct recent {
  static constexpr auto steps = static_cast<std::size_t>(Shape.covered_width());
  static constexpr auto channels = static_cast<std::size_t>(Shape.in_channels);
  Element codes[steps * channels + kernel::read_slack];
  std::size_t seen;  ///< of the steps in `codes`, those that came from the sequence
  int wait;

  constexpr void start(Element zero) noexcept {
    for (Element& code : codes) code = zero;
    seen = 0;
    wait = rhythm_of(Shape).first;
  }
  constexpr bool push(Element const* x) noexcept {
    for (std::size_t i = channels; i < steps * channels; ++i) codes[i - channels] = codes[i];
    for (std::size_t c = 0; c < channels; ++c) codes[(steps - 1) * channels + c] = x[c];
    if (seen < steps) ++seen;
    if (wait-- > 0) return false;
    wait = Shape.stride_width - 1;
    return true;
  }
};

/// How a bound stage streams; the primary template is for those that do not.
template <class Bound> struct step_of {
  static constexpr bool streams = false;
  static constexpr int in_channels = 0;
  static constexpr rhythm beat{};
};

/// A stage that says itself what one step is.
template <class Bound>
  requires requires { &Bound::template infer_step<kernel::reference>; }
struct step_of<Bound> {
  static constexpr bool streams = true;
  static constexpr int in_channels = Bound::stage::input::channels;
  static constexpr rhythm beat{};
  struct room {};
  struct state {};
  static constexpr void start(typename Bound::slot const&, state&) noexcept {}
  template <class Arch, class In, class Out>
  static constexpr bool push(Arch arch, typename Bound::slot const& s, state&, In const* x, Out* y,
                             room&) noexcept {
    Bound::infer_step(arch, s, x, y);
    return true;
  }
};

/// Recurrent layers. One that gives its last state alone gives, step by step, what would be the last so far.
template <class Bound>
  requires requires { typename Bound::stream_state; }
struct step_of<Bound> {
  static constexpr bool streams = !Bound::layer::reversed;
  static constexpr int in_channels = Bound::stage::input::channels;
  static constexpr rhythm beat{};
  struct room {
    std::int16_t codes[Bound::step_codes];
  };
  using state = typename Bound::stream_state;
  static constexpr void start(typename Bound::slot const& s, state& to) noexcept { Bound::start(s, to); }
  template <class Arch, class In, class Out>
  static constexpr bool push(Arch arch, typename Bound::slot const& s, state& with, In const* x, Out* y,
                             room& own) noexcept {
    Bound::push(arch, s, with, x, y, own.codes);
    return true;
  }
};

/// Convolutions, and dense layers as windows of one step.
template <class Bound>
  requires requires {
    Bound::shape;
    typename Bound::weight_rule;
  }
struct step_of<Bound> {
  static constexpr kernel::window_shape shape = Bound::shape;
  static constexpr bool streams = is_causal(shape);
  static constexpr int in_channels = shape.in_channels;
  static constexpr rhythm beat = rhythm_of(shape);
  struct room {};
  using element = typename Bound::in_element;
  using out_element = typename Bound::out_element;
  using state = recent<element, shape>;
  static constexpr void start(typename Bound::slot const& s, state& to) noexcept {
    to.start(static_cast<element>(s.zero_in));
  }
  template <class Arch>
  static constexpr bool push(Arch arch, typename Bound::slot const& s, state& with, element const* x,
                             out_element* y, room&) noexcept {
    if (!with.push(x)) return false;
    auto const output = Bound::output_of(s);
    constexpr kernel::window_shape window = one_window(shape, shape.covered_width());
    element const* const codes = with.codes;
    if constexpr (Bound::depthwise)
      kernel::depthwise<Bound::weights::storage_bits, typename Bound::sum>(arch, window, codes, s.weights,
                                                                           output, y);
    else
      kernel::convolution<Bound::weights::storage_bits, typename Bound::sum>(
          arch, window, codes, s.weights, Bound::weights::sums_of(s), output, y);
    return true;
  }
};

/// Pools in time. Before its first whole window a causal pool has the steps that there were.
template <class Bound>
  requires(
      requires { Bound::shape; } && !requires { typename Bound::weight_rule; })
struct step_of<Bound> {
  static constexpr kernel::window_shape shape = Bound::shape;
  static constexpr bool streams = is_causal(shape) && Bound::stage::input::rank == 2;
  static constexpr int in_channels = shape.in_channels;
  static constexpr rhythm beat = rhythm_of(shape);
  struct room {};
  using element = typename Bound::input_format::element;
  using state = recent<element, shape>;
  static constexpr void start(typename Bound::slot const&, state& to) noexcept { to.start(0); }
  template <class Arch, class Out>
  static constexpr bool push(Arch arch, typename Bound::slot const& s, state& with, element const* x, Out* y,
                             room&) noexcept {
    if (!with.push(x)) return false;
    kernel::window_shape window = one_window(shape, static_cast<int>(with.seen));
    window.kernel_width = window.in_width;
    element const* const from = with.codes + (state::steps - with.seen) * state::channels;
    if constexpr (requires { s.averages; })
      kernel::average_pool(arch, window, from, Bound::average_of(s), y);
    else
      kernel::max_pool(arch, window, from, y);
    return true;
  }
};

}  // namespace dyadic::streams
