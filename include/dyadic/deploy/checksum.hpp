#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace dyadic::model_file {

/// CRC-32 as zlib, gzip and PNG compute it (polynomial 0x04C11DB7, bits reflected). `before` is the checksum
/// of what stands before.
constexpr std::uint32_t checksum(std::span<std::byte const> bytes, std::uint32_t before = 0) noexcept {
  constexpr auto table = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      std::uint32_t rest = byte;
      for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0xEDB88320U : 0U);
      made[byte] = rest;
    }
    return made;
  }();
  std::uint32_t rest = ~before;
  for (std::byte const byte : bytes)
    rest = (rest >> 8) ^ table[(rest ^ static_cast<std::uint32_t>(byte)) & 0xFF];
  return ~rest;
}

}  // namespace dyadic::model_file
