#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <dyadic/fixed/packed.hpp>

namespace dyadic::model_file {

/// How a section holds its numbers: a family ('s' signed, 'u' unsigned, 'f' IEEE binary, 't' text) and a
/// width in bits. Number i is bits i * bits .. of the little-endian bit string, so that narrow codes are
/// packed.
struct encoding {
  char family = 0;
  std::uint8_t bits = 0;
  constexpr bool operator==(encoding const&) const noexcept = default;
};

inline constexpr encoding characters{'t', 8};

template <class Number>
inline constexpr encoding encoding_of{std::is_floating_point_v<Number> ? 'f'
                                      : std::is_signed_v<Number>       ? 's'
                                                                       : 'u',
                                      static_cast<std::uint8_t>(sizeof(Number) * 8)};

/// Bytes of `count` numbers.
constexpr std::size_t bytes_of(encoding how, std::size_t count) noexcept {
  return packed_bytes(how.bits, count);
}

/// The sizes of a tensor, outermost first.
struct extents {
  static constexpr std::size_t most = 4;
  std::uint8_t rank = 0;
  std::array<std::uint32_t, most> sizes{};

  constexpr extents() = default;
  template <class... Sizes>
  constexpr explicit extents(Sizes... each) noexcept
      : rank{sizeof...(Sizes)}, sizes{static_cast<std::uint32_t>(each)...} {}

  constexpr std::size_t count() const noexcept {
    std::size_t product = 1;
    for (std::size_t i = 0; i < rank; ++i) product *= sizes[i];
    return product;
  }
  constexpr bool operator==(extents const&) const noexcept = default;
};

namespace detail {

/// A code of 1 to 7 bits in place.
template <int Bits = 1, class Byte, class Use>
constexpr auto with_packed(int bits, Byte* bytes, std::size_t count, Use const& use) noexcept {
  if constexpr (Bits < 7)
    if (bits != Bits) return with_packed<Bits + 1>(bits, bytes, count, use);
  return use(packed_view<Bits, true, Byte>{bytes, count});
}

}  // namespace detail

/// Number `index` as the file holds it, floats as their bits. `bytes` holds it.
inline std::int64_t read_number(encoding how, std::span<std::byte const> bytes, std::size_t index) noexcept {
  if (how.bits < 8)
    return detail::with_packed(how.bits, reinterpret_cast<std::uint8_t const*>(bytes.data()), index + 1,
                               [index](auto const& codes) { return std::int64_t{codes[index]}; });
  std::size_t const size = how.bits / 8U;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i)
    value |= static_cast<std::uint64_t>(bytes[index * size + i]) << (8 * i);
  int const unused = 64 - how.bits;
  if (how.family == 's') return static_cast<std::int64_t>(value << unused) >> unused;
  return static_cast<std::int64_t>(value);
}

inline void write_number(encoding how, std::span<std::byte> bytes, std::size_t index,
                         std::int64_t number) noexcept {
  if (how.bits < 8) {
    detail::with_packed(how.bits, reinterpret_cast<std::uint8_t*>(bytes.data()), index + 1,
                        [index, number](auto const& codes) {
                          codes[index] = static_cast<int>(number);
                          return 0;
                        });
    return;
  }
  std::size_t const size = how.bits / 8U;
  for (std::size_t i = 0; i < size; ++i)
    bytes[index * size + i] = static_cast<std::byte>(static_cast<std::uint64_t>(number) >> (8 * i));
}

/// A number as the 64 bits that `read_number` gives, and back.
template <class Number> constexpr std::int64_t to_bits(Number number) noexcept {
  if constexpr (std::is_same_v<Number, float>)
    return std::bit_cast<std::uint32_t>(number);
  else
    return static_cast<std::int64_t>(number);
}
template <class Number> constexpr Number from_bits(std::int64_t bits) noexcept {
  if constexpr (std::is_same_v<Number, float>)
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  else
    return static_cast<Number>(bits);
}

}  // namespace dyadic::model_file
