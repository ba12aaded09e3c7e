#pragma once

#include <type_traits>

namespace dyadic {

/// What is wrong with a network under a scheme, as a type: a compiler's message shows it.
struct nothing_wrong {};

template <class Problem> struct finding {
  using problem = Problem;
};
/// The first of two findings that says something.
template <class First, class Second>
constexpr auto operator|(finding<First> first, finding<Second> second) noexcept {
  if constexpr (std::is_same_v<First, nothing_wrong>)
    return second;
  else
    return first;
}
using no_finding = finding<nothing_wrong>;

}  // namespace dyadic
