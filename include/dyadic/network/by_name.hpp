#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <dyadic/network/integer.hpp>
#include <dyadic/network/trainable.hpp>
#include <dyadic/network/walk.hpp>

/// A stage's numbers by the stage's name: `layer<"head">(net)`.
namespace dyadic {

/// The numbers of one stage in a float or trainable network's float block; those that it has not are empty.
/// After writing, call the network's `refresh`.
template <class Float> struct stage_numbers {
  std::span<Float> weight{};  ///< [out][window row][window column][in]; depthwise [row][column][channel]
  std::span<Float> bias{};
  std::span<Float> recurrent_weight{};  ///< of gru and lstm: [gate and unit][unit]
  std::span<Float> recurrent_bias{};
  std::span<Float> gamma{};
  std::span<Float> beta{};
  std::span<Float> slope{};         ///< of prelu
  std::span<Float> mean{};          ///< running, of the batch norm
  std::span<Float> variance{};      ///< running, of the batch norm
  std::span<Float> weight_scale{};  ///< of the weight grids
  std::span<Float> recurrent_weight_scale{};
  std::span<Float> output_step{};   ///< a learned range's
  std::span<Float> output_range{};  ///< the range rule's memory
};

namespace detail {

template <fixed_string Name, class Node> constexpr bool has_stage() noexcept {
  bool found = false;
  for_each_stage<Node>([&found](auto type, std::size_t) {
    using described = typename decltype(type)::type::stage;
    found = found || std::string_view(described::name.c_str()) == Name.c_str();
  });
  return found;
}

template <fixed_string Name, class Engine, class Float>
constexpr stage_numbers<Float> numbers_of(Float* block) noexcept {
  stage_numbers<Float> found{};
  for (segment const& s : Engine::segments) {
    if (std::string_view(s.stage) == Name.c_str()) {
      auto const take = [&](char const* name, std::span<Float>& into) {
        if (std::string_view(s.name) == name) into = {block, s.count};
      };
      take("weight", found.weight);
      take("bias", found.bias);
      take("recurrent_weight", found.recurrent_weight);
      take("recurrent_bias", found.recurrent_bias);
      take("gamma", found.gamma);
      take("beta", found.beta);
      take("slope", found.slope);
      take("mean", found.mean);
      take("variance", found.variance);
      take("weight_scale", found.weight_scale);
      take("recurrent_weight_scale", found.recurrent_weight_scale);
      take("output_step", found.output_step);
      take("output_range", found.output_range);
    }
    block += s.count;
  }
  return found;
}

/// The slot of the stage of that name, which is somewhere in `Bound`.
template <fixed_string Name, class Bound> struct slot_of {
  template <class Slot> static constexpr Slot& find(Slot& slot) noexcept { return slot; }
};
template <fixed_string Name, class... Bounds> struct slot_of<Name, chain<Bounds...>> {
  static constexpr std::size_t index = [] {
    std::size_t at = 0;
    bool found = false;
    ((found = found || has_stage<Name, Bounds>(), at += found ? 0 : 1), ...);
    return at;
  }();
  template <class Slot> static constexpr auto& find(Slot& slot) noexcept {
    return slot_of<Name, type_at<index, Bounds...>>::find(get<index>(slot));
  }
};
template <fixed_string Name, class Stage, class Policies, bool Last, class... Branches>
struct slot_of<Name, joined_bound<Stage, Policies, Last, Branches...>> {
  template <class Slot> static constexpr auto& find(Slot& slot) noexcept {
    if constexpr ((has_stage<Name, Branches>() || ...))
      return slot_of<Name, chain<Branches...>>::find(slot.branches);
    else
      return slot;
  }
};

}  // namespace detail

/// A stage's floats as named spans.
template <fixed_string Name, class Net, class Scheme>
stage_numbers<float> layer(trainable_engine<Net, Scheme>& net) noexcept {
  using engine = trainable_engine<Net, Scheme>;
  constexpr bool found = detail::has_stage<Name, typename engine::bound>();
  static_assert(found, "layer<name>(net): the network has no stage of that name; summary(net) lists them");
  return detail::numbers_of<Name, engine>(net.floats().data());
}
template <fixed_string Name, class Net, class Scheme>
stage_numbers<float const> layer(trainable_engine<Net, Scheme> const& net) noexcept {
  using engine = trainable_engine<Net, Scheme>;
  constexpr bool found = detail::has_stage<Name, typename engine::bound>();
  static_assert(found, "layer<name>(net): the network has no stage of that name; summary(net) lists them");
  return detail::numbers_of<Name, engine>(net.floats().data());
}

/// A stage's integers (or, kept float, its parameters): the slot as the stage defines it.
template <fixed_string Name, class Engine>
  requires requires(Engine& net) { net.stages; }
constexpr auto& layer(Engine& net) noexcept {
  constexpr bool found = detail::has_stage<Name, typename Engine::body>();
  static_assert(found, "layer<name>(net): the network has no stage of that name; summary(net) lists them");
  if constexpr (found)
    return detail::slot_of<Name, typename Engine::body>::find(net.stages);
  else
    return net;
}

}  // namespace dyadic
