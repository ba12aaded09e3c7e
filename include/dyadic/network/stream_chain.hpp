#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include <dyadic/network/chain.hpp>
#include <dyadic/network/holder.hpp>
#include <dyadic/network/join.hpp>
#include <dyadic/network/soundness.hpp>
#include <dyadic/network/stream_stages.hpp>

/// Stages one behind the other in a stream, and branches that meet.
namespace dyadic {

/// A stage of a stream that sees later steps, or wants a whole sequence.
template <fixed_string Stage, class Layer, class Shape> struct not_causal {};
/// An input that is not a sequence.
template <class Shape> struct not_a_sequence {};

namespace streams {

/// One stage's room in a step, and what it gives.
template <class Bound, bool Streams> struct step_room {
  alignas(64) typename Bound::output_format::element
      output[static_cast<std::size_t>(Bound::stage::output::channels) + kernel::read_slack]{};
  typename step_of<Bound>::room own{};
};
template <class Bound> struct step_room<Bound, false> {};

template <class Bound, bool Streams> struct step_state {
  using type = typename step_of<Bound>::state;
};
template <class Bound> struct step_state<Bound, false> {
  struct type {};
};

/// A chain of stages, given steps of `Input`.
template <class Input, class Chain> struct chain_of;
template <class Input, class... Bounds> struct chain_of<Input, chain<Bounds...>> {
  static constexpr std::size_t size = sizeof...(Bounds);
  template <class Bound> static constexpr bool works = step_of<Bound>::streams;
  template <std::size_t Index> using at = type_at<Index, Bounds...>;
  using slot = typename chain<Bounds...>::slot;
  using state = holders<typename step_state<Bounds, works<Bounds>>::type...>;
  using room = holders<step_room<Bounds, works<Bounds>>...>;
  static constexpr rhythm beat = [] {
    rhythm all{};
    ((all = all.then(step_of<Bounds>::beat)), ...);
    return all;
  }();

  /// Each stage takes what the one before gives in a step.
  static constexpr auto fits = [] {
    struct {
      bool all[size];
    } found{};
    int channels = Input::channels;
    std::size_t index = 0;
    ((found.all[index++] = works<Bounds> && step_of<Bounds>::in_channels == channels,
      channels = Bounds::stage::output::channels),
     ...);
    return found;
  }();
  template <std::size_t Index> static constexpr auto stage() noexcept {
    using described = typename at<Index>::stage;
    if constexpr (fits.all[Index])
      return no_finding{};
    else if constexpr (requires { typename described::layer; })
      return finding<not_causal<described::name, typename described::layer, typename described::input>>{};
    else
      return finding<not_causal<described::name, described, typename described::input>>{};
  }
  static constexpr auto found() noexcept {
    if constexpr (Input::rank != 2)
      return finding<not_a_sequence<Input>>{};
    else
      return []<std::size_t... I>(std::index_sequence<I...>) {
        return (no_finding{} | ... | stage<I>());
      }(std::make_index_sequence<size>{});
  }
  using problem = typename decltype(found())::problem;

  static constexpr void start(slot const& s, state& to) noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (step_of<Bounds>::start(get<I>(s), get<I>(to)), ...);
    }(std::make_index_sequence<size>{});
  }
  template <class Arch, class Code>
  static constexpr bool push(Arch arch, slot const& s, state& with, room& in, Code const* x) noexcept {
    return push_from<0>(arch, s, with, in, x);
  }
  static constexpr auto const* output(room const& in) noexcept { return get<size - 1>(in).output; }

 private:
  template <std::size_t Index, class Arch, class Code>
  static constexpr bool push_from(Arch arch, slot const& s, state& with, room& in, Code const* x) noexcept {
    auto& here = get<Index>(in);
    using step = step_of<at<Index>>;
    if (!step::push(arch, get<Index>(s), get<Index>(with), x, here.output, here.own)) return false;
    if constexpr (Index + 1 == size)
      return true;
    else
      return push_from<Index + 1>(arch, s, with, in, here.output);
  }
};

/// A branch that gives its input.
template <class Input, class Format> struct chain_of<Input, identity_branch<Format>> {
  static constexpr rhythm beat{};
  using problem = nothing_wrong;
  using slot = no_slot;
  struct state {};
  struct room {
    typename Format::element const* given;
  };
  static constexpr void start(slot const&, state&) noexcept {}
  template <class Arch, class Code>
  static constexpr bool push(Arch, slot const&, state&, room& in, Code const* x) noexcept {
    in.given = x;
    return true;
  }
  static constexpr auto const* output(room const& in) noexcept { return in.given; }
};

/// Branches that give their outputs at the same steps.
template <class Stage, class Policies, bool Last, class First, class... Rest>
struct step_of<joined_bound<Stage, Policies, Last, First, Rest...>> {
  using bound = joined_bound<Stage, Policies, Last, First, Rest...>;
  using input = typename Stage::input;
  template <class Branch> using branch = chain_of<input, Branch>;
  static constexpr rhythm beat = branch<First>::beat;
  static constexpr bool streams =
      input::rank == 2 && sound<typename branch<First>::problem> &&
      ((sound<typename branch<Rest>::problem> && branch<Rest>::beat == beat) && ...);
  static constexpr int in_channels = input::channels;
  using state = holders<typename branch<First>::state, typename branch<Rest>::state...>;
  using room = holders<typename branch<First>::room, typename branch<Rest>::room...>;
  using indices = std::make_index_sequence<1 + sizeof...(Rest)>;
  template <std::size_t Index> using at = branch<type_at<Index, First, Rest...>>;

  static constexpr void start(typename bound::slot const& s, state& to) noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (at<I>::start(get<I>(s.branches), get<I>(to)), ...);
    }(indices{});
  }
  template <class Arch>
  static constexpr bool push(Arch arch, typename bound::slot const& s, state& with,
                             typename bound::in_element const* x, typename bound::out_element* y,
                             room& own) noexcept {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      bool given = false;
      ((given = at<I>::push(arch, get<I>(s.branches), get<I>(with), get<I>(own), x)), ...);
      if (given)
        Stage::template step_joining<typename bound::policy, typename First::output_format,
                                     typename Rest::output_format...>::infer(arch, s.join, s.output, y, 1,
                                                                             at<I>::output(get<I>(own))...);
      return given;
    }(indices{});
  }
};

}  // namespace streams

}  // namespace dyadic
