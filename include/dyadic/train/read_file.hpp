#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

#include <dyadic/core/result.hpp>

namespace dyadic {

/// A path as an error message shows it: its last 80 characters, which name the file.
inline char const* shown_path(char const* path) noexcept {
  std::size_t const length = std::strlen(path);
  return length > 80 ? path + (length - 80) : path;
}

/// The bytes of a file of at most `limit` bytes.
inline result<std::vector<std::uint8_t>> read_file(char const* path,
                                                   std::size_t limit = std::size_t{1} << 30) {
  struct closing {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, closing> const file{std::fopen(path, "rb")};
  if (!file)
    return make_error(fault::cannot_open, "%s: cannot open: %s", shown_path(path), std::strerror(errno));

  std::vector<std::uint8_t> bytes;
  for (std::size_t read = 0;;) {
    if (read > limit)
      return make_error(fault::malformed, "%s: expected a file of at most %zu bytes, found more",
                        shown_path(path), limit);
    if (read == bytes.size()) bytes.resize(read < 32768 ? 65536 : 2 * read);
    std::size_t const more = std::fread(bytes.data() + read, 1, bytes.size() - read, file.get());
    read += more;
    if (more != 0) continue;
    if (std::ferror(file.get()) != 0)
      return make_error(fault::cannot_open, "%s: offset %zu: cannot read: %s", shown_path(path), read,
                        std::strerror(errno));
    bytes.resize(read);
    return bytes;
  }
}

}  // namespace dyadic
