#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <dyadic/kernel/native.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/stream_chain.hpp>

namespace dyadic {

/// What a call of `push` did, in steps.
struct pushed {
  std::size_t taken = 0;
  std::size_t given = 0;
};

/// A sequence without an end through an integer network of layers that never look ahead: convolutions and
/// pools in time (causal or valid), recurrent layers, dense layers a step, functions of numbers, and branches
/// of these that meet. It points at
/// the engine, which many streams share, and holds what the layers remember; the room for a step is a third
/// object, which streams may share too. The codes are those of the engine on the whole sequence, whatever the
/// blocks. A recurrent layer that gives its last state alone gives in a stream, with all that follows, an
/// output a step: what the network would say if the sequence ended there. No heap, no exception, no float.
template <class Engine> class stream {
 public:
  using engine = Engine;
  using body = typename Engine::body;
  using parts = streams::chain_of<typename Engine::network::input_shape, body>;
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
    if constexpr (works) parts::start(weights_->stages, states_);
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
      if (!run(arch, room)) continue;
      output_code const* const y = parts::output(room.stages);
      output_code* const to = outputs.data() + done.given++ * output_step_size;
      for (std::size_t c = 0; c < output_step_size; ++c) to[c] = y[c];
    }
    return done;
  }

 private:
  static constexpr bool works = sound<typename parts::problem>;

  template <class Arch>
  constexpr bool run(Arch arch, scratch& room) noexcept
    requires works
  {
    return parts::push(arch, weights_->stages, states_, room.stages, static_cast<code const*>(room.input));
  }

  Engine const* weights_;
  typename parts::state states_{};

  static_assert(sound<typename parts::problem>,
                "stream: this network cannot go step by step: the type in this message says which stage sees "
                "later steps or wants a whole sequence");
};

}  // namespace dyadic
