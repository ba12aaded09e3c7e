#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <dyadic/core/file_bytes.hpp>

namespace dyadic {

/// The bytes of a file of at most `limit` bytes.
inline result<std::vector<std::uint8_t>> read_file(char const* path,
                                                   std::size_t limit = std::size_t{1} << 30) {
  return bytes_of_file<std::vector<std::uint8_t>>(path, limit);
}

}  // namespace dyadic
