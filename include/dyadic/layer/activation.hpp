#pragma once

#include <limits>
#include <type_traits>

#include <dyadic/layer/description.hpp>

namespace dyadic {

/// An activation that limits to [low, high]: on integers a clamp of codes, which costs nothing where it is
/// fused.
struct no_activation {
  static constexpr auto name = fixed_string("");
  using words = list<>;
  static constexpr float low = -std::numeric_limits<float>::infinity();
  static constexpr float high = std::numeric_limits<float>::infinity();
};

/// max(x, 0).
template <class... Words> struct relu_with {
  static constexpr auto name = fixed_string("relu");
  static constexpr auto kind = fixed_string("relu");
  using role = role::activation;
  using words = list<Words...>;
  static constexpr float low = 0;
  static constexpr float high = std::numeric_limits<float>::infinity();
  template <class In> static constexpr bool takes = true;
  template <class In> using output = In;
};
using relu = relu_with<>;

/// min(max(x, 0), 6).
template <class... Words> struct relu6_with {
  static constexpr auto name = fixed_string("relu6");
  static constexpr auto kind = fixed_string("relu6");
  using role = role::activation;
  using words = list<Words...>;
  static constexpr float low = 0;
  static constexpr float high = 6;
  template <class In> static constexpr bool takes = true;
  template <class In> using output = In;
};
using relu6 = relu6_with<>;

/// Where a clipped relu ends.
struct upper {
  double value = 6;
};

/// min(max(x, 0), Upper): `relu_up_to<upper{.value = 1}>`.
template <upper Upper, class... Words> struct relu_up_to {
  static_assert(0 < Upper.value && Upper.value <= 1e6,
                "relu_up_to: its end is above 0 and at most a million");
  static constexpr auto name =
      "relu_up_to<" + decimal_fraction<static_cast<long long>(Upper.value * 1e6 + 0.5), 6>() + ">";
  static constexpr auto kind = fixed_string("relu_up_to");
  using role = role::activation;
  using words = list<Words...>;
  static constexpr float low = 0;
  static constexpr float high = static_cast<float>(Upper.value);
  template <class In> static constexpr bool takes = true;
  template <class In> using output = In;
};

/// " + relu", for the text of a stage.
template <class Activation> constexpr auto activation_suffix() noexcept {
  if constexpr (std::is_same_v<Activation, no_activation>)
    return fixed_string("");
  else
    return " + " + Activation::name;
}

}  // namespace dyadic
