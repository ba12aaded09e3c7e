#pragma once

#include <dyadic/network/add.hpp>

namespace dyadic {

/// The layers of a residual's shortcut: usually one 1x1 convolution and its batch norm.
template <class... Layers> struct shortcut {};

/// Adds what its layers give to their input: `residual<conv2d<...>, batch_norm, relu, conv2d<...>,
/// batch_norm>` (He et al. 2015). A last `shortcut<...>` transforms the input where the shapes differ. It is
/// `add<branch<...>, branch<...>>` in the usual words.
template <class... Layers> struct residual {
  static constexpr auto name = fixed_string("add");
  static constexpr auto kind = fixed_string("residual");
  using role = role::branch;
  using words = list<>;

  template <class First, class... Rest>
  static constexpr bool joins = add<identity, identity>::joins<First, Rest...>;
  template <class First, class...> using output = First;
  template <class Policy, class... Inputs> using joining = sum_of<Policy, Inputs...>;
};

}  // namespace dyadic
