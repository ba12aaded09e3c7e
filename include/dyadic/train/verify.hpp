#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <dyadic/core/boxed.hpp>
#include <dyadic/core/result.hpp>
#include <dyadic/network/integer.hpp>
#include <dyadic/network/trainable.hpp>
#include <dyadic/train/evaluate.hpp>

namespace dyadic {

/// Codes of a trained network against those of an integer engine, over all stages and samples.
struct code_comparison {
  std::size_t compared = 0;
  std::size_t differing = 0;
  char const* first_stage = nullptr;  ///< where the first difference was; null where there is none
};

namespace detail {

/// What an engine takes for a batch: codes, or reals where its first layer is kept float.
template <class Engine>
void give(Engine const& engine, batch const& from, std::span<typename Engine::code> inputs) noexcept {
  using input = typename Engine::network::input;
  if constexpr (Engine::binding::coded_input) {
    if (from.bytes.empty())
      engine.encode(from.reals, inputs);
    else
      engine.encode(from.bytes, inputs);
  } else {
    for (std::size_t i = 0; i < inputs.size(); ++i)
      inputs[i] = from.bytes.empty() ? from.reals[i] : input::real_of(from.bytes[i], i % input::map_count);
  }
}

}  // namespace detail

/// Runs the trained network's evaluation forward and the integer engine on the same samples, and compares
/// every code of every stage (and every float bit of a stage that is kept float). `Arch` is the engine's.
template <class Net, class Scheme, class Arch = kernel::native>
result<code_comparison> verify(trainable_engine<Net, Scheme> const& trained,
                               integer_engine<Net, Scheme> const& deployed, data_view samples,
                               Arch arch = {}) {
  using engine = integer_engine<Net, Scheme>;
  using scratch = typename engine::template scratch<evaluation_group>;
  if (samples.sample_size != engine::input_size || samples.empty())
    return make_error(fault::wrong_size, "verify: %zu samples of %zu numbers, the network takes %zu",
                      samples.count(), samples.sample_size, engine::input_size);
  if (auto ready = trained.calibrated(); !ready) return ready.error();
  boxed<scratch> const room;
  std::vector<typename engine::output_code> outputs(evaluation_group * engine::output_size);
  struct seen {
    char const* stage;
    void const* numbers;
  };
  constexpr std::size_t most_stages = 256;
  std::vector<seen> stages(most_stages);
  code_comparison all{};
  for (std::size_t at = 0; at < samples.count(); at += evaluation_group) {
    batch const group = samples.slice(at, evaluation_group);
    trained.forward({}, source_of(group));
    std::size_t count = 0;
    trained.watch_stages([&](char const* stage, auto const* numbers, std::size_t) {
      if (count < most_stages) stages[count++] = {stage, numbers};
    });
    detail::give(deployed, group, {room->input, group.count() * engine::input_size});
    std::size_t index = 0;
    deployed.infer_watched(
        *room, {outputs.data(), evaluation_group * engine::output_size}, group.count(),
        [&](char const* stage, auto const* numbers, std::size_t size) {
          auto const* const expected = static_cast<decltype(numbers)>(stages[index++].numbers);
          for (std::size_t i = 0; i < size; ++i)
            if (numbers[i] != expected[i]) {
              ++all.differing;
              if (all.first_stage == nullptr) all.first_stage = stage;
            }
          all.compared += size;
        },
        arch);
  }
  return all;
}

}  // namespace dyadic
