#pragma once

#include <type_traits>

#include <dyadic/kernel/concat.hpp>
#include <dyadic/network/join.hpp>

namespace dyadic {

/// `Shape` with another number of channels.
template <class Shape, int Channels> struct with_channels {
  template <std::size_t... Axes>
  static shape<Shape::extent(static_cast<int>(Axes))..., Channels> made(std::index_sequence<Axes...>);
  using type = decltype(made(std::make_index_sequence<static_cast<std::size_t>(Shape::rank - 1)>{}));
};
/// Are the shapes equal but for their channels?
template <class A, class B>
inline constexpr bool differ_in_channels_alone =
    std::is_same_v<typename with_channels<A, 1>::type, typename with_channels<B, 1>::type>;

/// For each tensor the channel that brings its codes to the output's grid.
template <class Policy, std::size_t Count> struct concat_integers {
  typename Policy::template channels<Count> parts;
};

/// Tensors side by side along the channels, each requantized to the output's grid by the rescale policy.
template <class Policy, class... Inputs> struct concatenation_of {
  static constexpr std::size_t count = sizeof...(Inputs);
  static constexpr std::size_t channels = (Inputs::channels + ...);
  static constexpr std::size_t rows = ((Inputs::size / Inputs::channels), ...);
  static constexpr bool keeps_gradient = false;
  using integers = concat_integers<Policy, count>;

  static constexpr integers settle(code_grid const (&grids)[count], code_grid out) noexcept {
    integers made{};
    for (std::size_t i = 0; i < count; ++i)
      made.parts.set(i, Policy::requantize(grids[i].scale, grids[i].zero, out.scale));
    return made;
  }

  static void values(tensor const* given, float* to, std::size_t images) noexcept {
    std::size_t input = 0, first = 0;
    auto const place = [&]<class Input>(Input) {
      tensor const& t = given[input++];
      kernel::place_channels(
          kernel::reference{}, images * rows, Input::channels, Input::of(t),
          [&t](auto number) { return Input::real(number, t.where); }, first, channels, to);
      first += Input::channels;
    };
    (place(Inputs{}), ...);
  }
  static void backward(tensor const*, float const* dy, float* const* gradients, std::size_t images) noexcept {
    std::size_t input = 0, first = 0;
    auto const take = [&](std::size_t own) {
      float* const to = gradients[input++];
      for (std::size_t row = 0; row < images * rows; ++row)
        for (std::size_t c = 0; c < own; ++c) to[row * own + c] = dy[row * channels + first + c];
      first += own;
    };
    (take(Inputs::channels), ...);
  }

  template <class Arch, class Code>
  static constexpr void infer(Arch arch, integers const& by, code_output const& output, Code* y,
                              std::size_t images, typename Inputs::element const*... x) noexcept {
    std::size_t input = 0, first = 0;
    auto const place = [&]<class Input>(Input, typename Input::element const* codes) {
      auto const channel = by.parts.get(input++);
      kernel::place_channels(
          arch, images * rows, Input::channels, codes,
          [&](int code) noexcept { return requantized_code<Policy, Code>(channel, code, output); }, first,
          channels, y);
      first += Input::channels;
    };
    (place(Inputs{}, x), ...);
  }
};

/// What branches give, side by side along the channels: `concat<branch<conv2d<8>>, branch<max_pool<...>>>`
/// (Szegedy et al. 2015). Their other extents are equal. An activation behind it joins its rounding.
template <class... Members> struct concat {
  static constexpr auto name = fixed_string("concat");
  static constexpr auto kind = fixed_string("concat");
  using role = role::branch;
  using branches = typename joining_members<Members...>::branches;
  using words = typename joining_members<Members...>::words;

  template <class First, class... Rest>
  static constexpr bool joins = (differ_in_channels_alone<First, Rest> && ...);
  template <class First, class... Rest>
  using output = typename with_channels<First, (First::channels + ... + Rest::channels)>::type;
  template <class Policy, class... Inputs> using joining = concatenation_of<Policy, Inputs...>;
};

}  // namespace dyadic
