#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>

#include <dyadic/core/result.hpp>

namespace dyadic {

/// A path as an error message shows it: its last 80 characters, which name the file.
inline char const* shown_path(char const* path) noexcept {
  std::size_t const length = std::strlen(path);
  return length > 80 ? path + (length - 80) : path;
}

/// The bytes of a file of at most `limit` bytes, in a vector of the caller's. Nothing of the size that a file
/// claims is believed: room grows with what was read.
template <class Bytes> result<Bytes> bytes_of_file(char const* path, std::size_t limit) {
  struct open_file {
    std::FILE* stream;
    ~open_file() {
      if (stream != nullptr) std::fclose(stream);
    }
  };
  open_file const file{std::fopen(path, "rb")};
  if (file.stream == nullptr)
    return make_error(fault::cannot_open, "%s: cannot open: %s", shown_path(path), std::strerror(errno));

  Bytes bytes;
  for (std::size_t read = 0;;) {
    if (read > limit)
      return make_error(fault::malformed, "%s: a file of at most %zu bytes expected, found more",
                        shown_path(path), limit);
    if (read == bytes.size()) bytes.resize(read < 32768 ? 65536 : 2 * read);
    std::size_t const more = std::fread(bytes.data() + read, 1, bytes.size() - read, file.stream);
    read += more;
    if (more != 0) continue;
    if (std::ferror(file.stream) != 0)
      return make_error(fault::cannot_open, "%s: offset %zu: cannot read: %s", shown_path(path), read,
                        std::strerror(errno));
    bytes.resize(read);
    return bytes;
  }
}

}  // namespace dyadic
