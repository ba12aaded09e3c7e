#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <dyadic/kernel/native.hpp>
#include <dyadic/network/chain.hpp>
#include <dyadic/network/holder.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/soundness.hpp>
#include <dyadic/network/stream_stages.hpp>

namespace dyadic {

/// A stage of a stream that sees later steps, or wants a whole sequence.
template <fixed_string Stage, class Layer, class Shape> struct not_causal {};
/// An input that is not a sequence.
template <class Shape> struct not_a_sequence {};

namespace streams {

/// A stage's layer; of branches that meet the stage itself.
template <class Stage> struct layer_in {
  using type = Stage;
};
template <class Stage>
  requires requires { typename Stage::layer; }
struct layer_in<Stage> {
  using type = typename Stage::layer;
};
template <class Stage> using layer_of = typename layer_in<Stage>::type;

/// One stage's room in a step.
template <class Bound, bool Streams> struct step_room {
  alignas(64) typename Bound::output_format::element
      output[static_cast<std::size_t>(Bound::stage::output::channels) + kernel::read_slack]{};
  std::int16_t codes[step_of<Bound>::scratch + kernel::read_slack]{};
};
template <class Bound> struct step_room<Bound, false> {};

template <class Bound, bool Streams> struct step_state {
  using type = typename step_of<Bound>::state;
};
template <class Bound> struct step_state<Bound, false> {
  struct type {};
};

template <class Input, class Chain> struct streaming_of;
template <class Input, class... Bounds> struct streaming_of<Input, chain<Bounds...>> {
  template <class Bound> static constexpr bool works = step_of<Bound>::streams;
  using states = holders<typename step_state<Bounds, works<Bounds>>::type...>;
  using room = holders<step_room<Bounds, works<Bounds>>...>;

  /// Each stage takes what the one before gives in a step.
  static constexpr auto fits = [] {
    struct {
      bool all[sizeof...(Bounds)];
    } found{};
    int channels = Input::channels;
    std::size_t at = 0;
    ((found.all[at++] = works<Bounds> && step_of<Bounds>::in_channels == channels,
      channels = Bounds::stage::output::channels),
     ...);
    return found;
  }();
  template <std::size_t Index> static constexpr auto stage() noexcept {
    using bound = type_at<Index, Bounds...>;
    if constexpr (fits.all[Index])
      return no_finding{};
    else
      return finding<
          not_causal<bound::stage::name, layer_of<typename bound::stage>, typename bound::stage::input>>{};
  }
  static constexpr auto found() noexcept {
    if constexpr (Input::rank != 2)
      return finding<not_a_sequence<Input>>{};
    else
      return []<std::size_t... I>(std::index_sequence<I...>) {
        return (no_finding{} | ... | stage<I>());
      }(std::make_index_sequence<sizeof...(Bounds)>{});
  }
  using problem = typename decltype(found())::problem;
};

}  // namespace streams

/// What a call of `push` did, in steps.
struct pushed {
  std::size_t taken = 0;
  std::size_t given = 0;
};

/// A sequence without an end through an integer network of layers that never look ahead: convolutions and
/// pools in time (causal or valid), recurrent layers, dense layers a step, functions of numbers. It points at
/// the engine, which many streams share, and holds what the layers remember; the room for a step is a third
/// object, which streams may share too. The codes are those of the engine on the whole sequence, whatever the
/// blocks. A recurrent layer that gives its last state alone gives in a stream, with all that follows, an
/// output a step: what the network would say if the sequence ended there. No heap, no exception, no float.
template <class Engine> class stream {
 public:
  using engine = Engine;
  using body = typename Engine::body;
  using parts = streams::streaming_of<typename Engine::network::input_shape, body>;
  using code = typename Engine::code;
  using output_code = typename Engine::output_code;
  static constexpr auto step_size = static_cast<std::size_t>(Engine::network::input_shape::channels);
  static constexpr auto output_step_size = static_cast<std::size_t>(Engine::network::output_shape::channels);
  /// Room for one step.
  struct scratch {
    alignas(64) code input[step_size + kernel::read_slack]{};
    typename parts::room stages{};
  };

  /// Begins a sequence; the engine must live as long.
  constexpr explicit stream(Engine const& weights) noexcept : weights_{&weights} { restart(); }

  /// Forgets all steps.
  constexpr void restart() noexcept {
    if constexpr (works)
      [&]<std::size_t... I>(std::index_sequence<I...>) {
        (step<I>::start(get<I>(weights_->stages), get<I>(states_)), ...);
      }(typename body::indices{});
  }

  /// Takes the whole steps of `inputs`, as long as `outputs` has room for one more step.
  template <class Arch = kernel::native>
  constexpr pushed push(std::span<code const> inputs, std::span<output_code> outputs, scratch& room,
                        Arch arch = {}) noexcept {
    pushed done{};
    std::size_t const steps = inputs.size() / step_size, most = outputs.size() / output_step_size;
    for (; done.taken < steps && done.given < most; ++done.taken) {
      code const* const x = inputs.data() + done.taken * step_size;
      for (std::size_t c = 0; c < step_size; ++c) room.input[c] = x[c];
      if (!run<0>(arch, room, static_cast<code const*>(room.input))) continue;
      output_code const* const y = get<body::size - 1>(room.stages).output;
      output_code* const to = outputs.data() + done.given++ * output_step_size;
      for (std::size_t c = 0; c < output_step_size; ++c) to[c] = y[c];
    }
    return done;
  }

 private:
  static constexpr bool works = sound<typename parts::problem>;
  template <std::size_t Index> using step = streams::step_of<typename body::template at<Index>>;

  template <std::size_t Index, class Arch, class Code>
  constexpr bool run(Arch arch, scratch& room, Code const* x) noexcept
    requires works
  {
    auto& own = get<Index>(room.stages);
    if (!step<Index>::push(arch, get<Index>(weights_->stages), get<Index>(states_), x, own.output, own.codes))
      return false;
    if constexpr (Index + 1 == body::size)
      return true;
    else
      return run<Index + 1>(arch, room, own.output);
  }

  Engine const* weights_;
  typename parts::states states_{};

  static_assert(sound<typename parts::problem>,
                "stream: this network cannot go step by step: the type in this message says which stage sees "
                "later steps or wants a whole sequence");
};

}  // namespace dyadic
