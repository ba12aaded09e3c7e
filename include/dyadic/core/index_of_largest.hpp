#pragma once

#include <cstddef>

namespace dyadic {

/// The index of the largest of `count` > 0 numbers; the first of equal ones.
template <class Number>
constexpr std::size_t index_of_largest(Number const* numbers, std::size_t count) noexcept {
  std::size_t largest = 0;
  for (std::size_t i = 1; i < count; ++i)
    if (numbers[i] > numbers[largest]) largest = i;
  return largest;
}

}  // namespace dyadic
