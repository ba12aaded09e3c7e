#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/core/functions.hpp>

/// The integer functions of recurrent layers' gates. Pre-activations and cell states are codes of 2^-11 (a
/// range of +-16), gates and hidden states codes of 2^-15.
namespace dyadic::kernel {

inline constexpr float gate_scale = 0x1p-11F;
inline constexpr float unit_scale = 0x1p-15F;
inline constexpr int largest_gate_code = 32767;

namespace detail {

/// tanh at steps of 1/32 from 0 to 8 as codes of 2^-15, none above 32767; the last one stands twice.
struct tanh_codes {
  std::int32_t at[258];
  constexpr tanh_codes() noexcept : at{} {
    for (int i = 0; i < 258; ++i) {
      auto const code = static_cast<std::int32_t>(exact::tanh(i / 32.0) * 32768 + 0.5);
      at[i] = i > 255 || code > 32767 ? 32767 : code;
    }
  }
};
template <class = void> inline constexpr tanh_codes tanh_table{};

constexpr std::int32_t magnitude(std::int32_t code, std::int32_t most) noexcept {
  std::int32_t const size = code < 0 ? -code : code;
  return size < most ? size : most;
}

}  // namespace detail

/// tanh of code * 2^-11 as a code of 2^-15, -32767 .. 32767: between the table's places a straight line,
/// rounded half up on the magnitude. Less than 2^-13 from the function.
constexpr std::int32_t gate_tanh(std::int32_t code) noexcept {
  auto const& table = detail::tanh_table<>.at;
  std::int32_t const size = detail::magnitude(code, 256 * 64);
  std::int32_t const place = size >> 6, rest = size & 63;
  std::int32_t const value = (table[place] * 64 + (table[place + 1] - table[place]) * rest + 32) >> 6;
  return code < 0 ? -value : value;
}

/// The logistic function of code * 2^-11 as a code of 2^-15, 0 .. 32768: 1/2 + tanh(x/2)/2 by the same table.
constexpr std::int32_t gate_sigmoid(std::int32_t code) noexcept {
  auto const& table = detail::tanh_table<>.at;
  std::int32_t const size = detail::magnitude(code, 256 * 128);
  std::int32_t const place = size >> 7, rest = size & 127;
  std::int32_t const half = (table[place] * 128 + (table[place + 1] - table[place]) * rest + 128) >> 8;
  return code < 0 ? 16384 - half : 16384 + half;
}

/// The product of a code of 2^-15 with another code, on the other's grid; half up.
constexpr std::int32_t gate_product(std::int32_t gate, std::int32_t code) noexcept {
  return static_cast<std::int32_t>((std::int64_t{gate} * code + 16384) >> 15);
}

}  // namespace dyadic::kernel
