#pragma once

#include <type_traits>

#include <dyadic/kernel/add_codes.hpp>
#include <dyadic/kernel/elementwise.hpp>
#include <dyadic/network/join.hpp>

namespace dyadic {

/// The sum of tensors of one shape: of two by the rescale policy's addition, of more by its sum, all with one
/// rounding.
template <class Policy, class... Inputs> struct sum_of {
  static constexpr std::size_t count = sizeof...(Inputs);
  static constexpr std::size_t size = (Inputs::size, ...);
  static constexpr bool keeps_gradient = true;
  static constexpr int bits = [] {
    int widest = 0;
    ((widest = Inputs::format::bits > widest ? Inputs::format::bits : widest), ...);
    return widest;
  }();

  /// Policies of runtimes that add two tensors at a time have no sum of more.
  static constexpr bool possible = count == 2 || requires { typename Policy::template summing<count>; };
  static constexpr auto made() noexcept {
    if constexpr (count == 2)
      return typename Policy::addition{};
    else if constexpr (possible)
      return typename Policy::template summing<count>{};
    else
      return no_slot{};
  }
  using integers = decltype(made());

  static constexpr integers settle(code_grid const (&grids)[count], code_grid out) noexcept {
    if constexpr (count == 2) {
      return Policy::add({grids[0].scale, grids[0].zero}, {grids[1].scale, grids[1].zero}, out.scale, bits);
    } else {
      rescale_operand operands[count]{};
      for (std::size_t i = 0; i < count; ++i) operands[i] = {grids[i].scale, grids[i].zero};
      return Policy::sum(operands, out.scale);
    }
  }

  static void values(tensor const* given, float* to, std::size_t images) noexcept {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      for (std::size_t i = 0; i < images * size; ++i)
        to[i] = (... + Inputs::real(Inputs::of(given[I])[i], given[I].where));
    }(std::make_index_sequence<count>{});
  }
  static void backward(tensor const*, float const* dy, float* const* gradients, std::size_t images) noexcept {
    for (std::size_t input = 0; input < count; ++input)
      if (gradients[input] != dy)
        for (std::size_t i = 0; i < images * size; ++i) gradients[input][i] = dy[i];
  }

  template <class Arch, class Code>
  static constexpr void infer(Arch arch, integers const& by, code_output const& output, Code* y,
                              std::size_t images, typename Inputs::element const*... x) noexcept {
    if constexpr (count == 2) {
      kernel::add_codes<Policy>(arch, images * size, x..., by, {output.zero, output.low, output.high}, y);
    } else {
      auto const clamped = [&output](std::int64_t code) noexcept {
        return static_cast<Code>(clamp<std::int64_t>(code, output.low, output.high));
      };
      kernel::add_all(
          arch, images * size,
          [&](auto... codes) noexcept { return clamped(Policy::apply(by, {codes...}, output.zero)); }, y,
          x...);
    }
  }
};

/// The sum of what branches of one shape give: `add<branch<...>, branch<...>>`. An activation behind it joins
/// its rounding; words such as `activations<...>` stand behind the branches.
template <class... Members> struct add {
  static constexpr auto name = fixed_string("add");
  static constexpr auto kind = fixed_string("add");
  using role = role::branch;
  using branches = typename joining_members<Members...>::branches;
  using words = typename joining_members<Members...>::words;

  template <class First, class... Rest> static constexpr bool joins = (std::is_same_v<First, Rest> && ...);
  template <class First, class...> using output = First;
  template <class Policy, class... Inputs> using joining = sum_of<Policy, Inputs...>;
};

}  // namespace dyadic
