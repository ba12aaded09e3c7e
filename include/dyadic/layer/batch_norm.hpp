#pragma once

#include <dyadic/layer/description.hpp>

namespace dyadic {

/// Options of a batch norm: how much of the running statistics a batch leaves, and what is added to the
/// variance.
struct normalization {
  double momentum = 0.9;
  double epsilon = 1e-5;
};

/// The name of a batch norm; options that are not the usual ones are in it.
template <normalization Options> constexpr auto normalization_name() noexcept {
  constexpr normalization usual{};
  if constexpr (Options.momentum == usual.momentum && Options.epsilon == usual.epsilon)
    return fixed_string("batch_norm");
  else
    return "batch_norm<momentum " +
           decimal_fraction<static_cast<long long>(Options.momentum * 1e6 + 0.5), 6>() + ",epsilon " +
           decimal_fraction<static_cast<long long>(Options.epsilon * 1e12 + 0.5), 12>() + ">";
}

/// Per-channel normalization by batch statistics in training and running statistics else, then gamma and beta
/// (Ioffe and Szegedy 2015). Behind a linear layer it becomes part of that layer's one rounding to codes and
/// never touches a weight; elsewhere it is a stage of its own.
template <normalization Options = normalization{}, class... Words> struct batch_norm_with {
  static_assert(0 <= Options.momentum && Options.momentum < 1, "batch_norm: the momentum is in [0, 1)");
  static_assert(Options.epsilon > 0, "batch_norm: epsilon is positive");
  static constexpr auto name = normalization_name<Options>();
  static constexpr auto kind = fixed_string("batch_norm");
  static constexpr auto suffix = " + " + name;
  using role = role::normalization;
  using words = list<Words...>;
  static constexpr bool present = true;
  static constexpr float momentum = static_cast<float>(Options.momentum);
  static constexpr float epsilon = static_cast<float>(Options.epsilon);
  template <class In> static constexpr bool takes = true;
  template <class In> using output = In;
};
using batch_norm = batch_norm_with<>;

struct no_norm {
  static constexpr auto suffix = fixed_string("");
  using words = list<>;
  static constexpr bool present = false;
  static constexpr float momentum = 0;
  static constexpr float epsilon = 1;
};

}  // namespace dyadic
