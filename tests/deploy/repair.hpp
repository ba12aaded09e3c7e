#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <dyadic/deploy/checksum.hpp>

/// Makes the checksums of a changed model file right again, as an attacker would: written from the documented
/// layout, without the library's reader.

inline std::uint64_t integer_at(std::vector<std::byte> const& bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;)
    value = value * 256 + (at + i < bytes.size() ? static_cast<std::uint64_t>(bytes[at + i]) : 0);
  return value;
}
inline void set_integer_at(std::vector<std::byte>& bytes, std::size_t at, std::size_t size,
                           std::uint64_t value) {
  for (std::size_t i = 0; i < size && at + i < bytes.size(); ++i)
    bytes[at + i] = static_cast<std::byte>(value >> (8 * i));
}

inline void repair_section_header(std::vector<std::byte>& bytes, std::size_t header) {
  set_integer_at(bytes, header + 20, 4, dyadic::model_file::checksum(std::span(bytes).subspan(header, 20)));
}

/// The header's checksum, the file's length and its last checksum.
inline void repair_outside(std::vector<std::byte>& bytes) {
  if (bytes.size() < 36) return;
  set_integer_at(bytes, 16, 8, bytes.size());
  set_integer_at(bytes, 28, 4, dyadic::model_file::checksum(std::span(bytes).first(28)));
  set_integer_at(bytes, bytes.size() - 4, 4,
                 dyadic::model_file::checksum(std::span(bytes).first(bytes.size() - 4)));
}

/// Where the headers of the sections are, as far as they can be followed.
inline std::vector<std::size_t> section_headers(std::vector<std::byte> const& bytes) {
  std::vector<std::size_t> all;
  std::size_t at = 32;
  while (at + 24 + 4 <= bytes.size()) {
    all.push_back(at);
    std::uint64_t const length = integer_at(bytes, at + 8, 8);
    if (length > bytes.size() - at - 28) break;
    at += 24 + static_cast<std::size_t>(length);
  }
  return all;
}

/// All checksums.
inline void repair(std::vector<std::byte>& bytes) {
  for (std::size_t const at : section_headers(bytes)) {
    std::uint64_t const length = integer_at(bytes, at + 8, 8);
    if (length <= bytes.size() - at - 28)
      set_integer_at(
          bytes, at + 16, 4,
          dyadic::model_file::checksum(std::span(bytes).subspan(at + 24, static_cast<std::size_t>(length))));
    repair_section_header(bytes, at);
  }
  repair_outside(bytes);
}
