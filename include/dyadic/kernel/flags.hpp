#pragma once

#include <cstddef>
#include <cstdint>

/// Flags of one bit each: flag i is bit i % 8 of byte i / 8.
namespace dyadic::kernel {

constexpr std::size_t flag_bytes(std::size_t count) noexcept { return (count + 7) / 8; }

/// Packs `count` flags that are bytes of 0 or 1.
inline void pack_flags(std::uint8_t const* flags, std::size_t count, std::uint8_t* bits) noexcept {
  auto const pack = [](std::uint8_t const* from, std::size_t bytes) {
    std::uint64_t eight = 0;
    __builtin_memcpy(&eight, from, bytes);
    return static_cast<std::uint8_t>((eight * 0x0102'0408'1020'4080U) >> 56);
  };
  for (; count >= 8; count -= 8, flags += 8) *bits++ = pack(flags, 8);
  if (count != 0) *bits = pack(flags, count);
}

/// Makes every number 0 whose flag is not set.
inline void keep_flagged(std::uint8_t const* bits, std::size_t count, float* numbers) noexcept {
  constexpr std::size_t together = 64;
  std::uint8_t spread[together];  // not 0 where the flag is set
  for (std::size_t first = 0; first < count; first += together) {
    std::size_t const left = count - first, some = left < together ? left : together;
    for (std::size_t i = 0; i < flag_bytes(some); ++i) {
      std::uint64_t const eight =
          (bits[first / 8 + i] * std::uint64_t{0x0101'0101'0101'0101U}) & 0x8040'2010'0804'0201U;
      __builtin_memcpy(spread + 8 * i, &eight, sizeof eight);
    }
    for (std::size_t i = 0; i < some; ++i) numbers[first + i] = spread[i] != 0 ? numbers[first + i] : 0.0F;
  }
}

}  // namespace dyadic::kernel
