#pragma once

#include <cstddef>
#include <cstdint>

namespace dyadic {

/// Room for codes between stages in deployment: elements of each width.
struct code_room {
  std::size_t narrow = 0;  ///< int8
  std::size_t wide = 0;    ///< int16
  std::size_t reals = 0;   ///< float32: only where a layer is kept float

  template <class Element> static constexpr code_room of(std::size_t count) noexcept {
    if constexpr (sizeof(Element) == 1)
      return {count, 0, 0};
    else if constexpr (sizeof(Element) == 2)
      return {0, count, 0};
    else
      return {0, 0, count};
  }
  constexpr code_room operator+(code_room other) const noexcept {
    return {narrow + other.narrow, wide + other.wide, reals + other.reals};
  }
  constexpr code_room operator*(std::size_t times) const noexcept {
    return {narrow * times, wide * times, reals * times};
  }
  constexpr code_room widened(code_room other) const noexcept {
    return {narrow > other.narrow ? narrow : other.narrow, wide > other.wide ? wide : other.wide,
            reals > other.reals ? reals : other.reals};
  }
};

/// Pointers into the room, one of each width.
struct code_scratch {
  std::int8_t* narrow = nullptr;
  std::int16_t* wide = nullptr;
  float* reals = nullptr;

  template <class Element> constexpr Element* at(std::size_t offset) const noexcept {
    if constexpr (sizeof(Element) == 1)
      return narrow + offset;
    else if constexpr (sizeof(Element) == 2)
      return wide + offset;
    else
      return reals + offset;
  }
  constexpr code_scratch from(code_room used) const noexcept {
    return {narrow + used.narrow, wide + used.wide, reals + used.reals};
  }
};

}  // namespace dyadic
