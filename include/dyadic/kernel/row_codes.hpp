#pragma once

#include <cstddef>
#include <cstdint>

#include <dyadic/kernel/arch.hpp>
#include <dyadic/kernel/dot.hpp>
#include <dyadic/kernel/unroll.hpp>

namespace dyadic::kernel::detail {

/// Registers of bytes in lanes of 16, whose instructions stay within a lane:
///   load<Parts>(from, step)          all lanes, in parts `step` bytes apart
///   low_bytes, high_bytes(a, b)      the bytes of the lanes' lower or upper halves in turns, a's first
///   low_words, high_words(a, b)      the same of 16-bit words
///   flip_signs(a)                    of every byte, where dot products take code + 128
/// An architecture without a specialization has none.
template <class Arch> struct row_lanes {
  static constexpr std::size_t count = 0;
};

/// Rows of codes become the factors of `dot_product<Arch>`: 16 channels a lane, register r has the channels
/// 4r to 4r + 3 of every lane, each with its codes of four rows.
template <class Arch> struct row_codes {
  using lanes = row_lanes<Arch>;
  using row = typename lanes::bytes;
  using factor = typename dot_product<Arch>::per_output;
  static constexpr std::size_t registers = 4;

  /// Dot products of unsigned by signed bytes and of 16-bit numbers take code + 128.
  template <std::size_t Parts> static row load(std::int8_t const* from, std::ptrdiff_t step) noexcept {
    row const codes = lanes::template load<Parts>(from, step);
    if constexpr (requires { lanes::flip_signs(codes); })
      return lanes::flip_signs(codes);
    else
      return codes;
  }

  static void interleave(row a, row b, row c, row d, factor (&to)[registers]) noexcept {
    if constexpr (requires { to[0].odd; }) {
      row const zero{};
      row const first[2]{lanes::low_bytes(a, c), lanes::high_bytes(a, c)},
          second[2]{lanes::low_bytes(b, d), lanes::high_bytes(b, d)};
      DYADIC_UNROLL for (std::size_t half = 0; half < 2; ++half) {
        to[2 * half] = {lanes::low_bytes(first[half], zero), lanes::low_bytes(second[half], zero)};
        to[2 * half + 1] = {lanes::high_bytes(first[half], zero), lanes::high_bytes(second[half], zero)};
      }
    } else {
      row const low_ab = lanes::low_bytes(a, b), low_cd = lanes::low_bytes(c, d);
      to[0] = lanes::low_words(low_ab, low_cd);
      to[1] = lanes::high_words(low_ab, low_cd);
      row const high_ab = lanes::high_bytes(a, b), high_cd = lanes::high_bytes(c, d);
      to[2] = lanes::low_words(high_ab, high_cd);
      to[3] = lanes::high_words(high_ab, high_cd);
    }
  }
};

}  // namespace dyadic::kernel::detail
