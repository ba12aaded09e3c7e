#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#if __has_include(<unistd.h>)
#include <fcntl.h>
#include <unistd.h>
#endif

#include <dyadic/core/file_bytes.hpp>

namespace dyadic::model_file {

namespace detail {

/// A stdio file that closes itself.
class open_file {
 public:
  open_file(char const* path, char const* mode) noexcept : file_{std::fopen(path, mode)} {}
  open_file(open_file const&) = delete;
  open_file& operator=(open_file const&) = delete;
  ~open_file() { close(); }

  explicit operator bool() const noexcept { return file_ != nullptr; }
  std::FILE* get() const noexcept { return file_; }
  /// Did all go well up to here?
  bool close() noexcept {
    if (file_ == nullptr) return true;
    return std::fclose(std::exchange(file_, nullptr)) == 0;
  }
  /// Has the disk taken all of it?
  bool flush() noexcept {
    if (std::fflush(file_) != 0) return false;
#if __has_include(<unistd.h>)
    return fsync(fileno(file_)) == 0;
#else
    return true;
#endif
  }

 private:
  std::FILE* file_;
};

/// Waits until the disk has the names in the file's folder, where the file system can say so.
inline void flush_folder([[maybe_unused]] std::string const& path) {
#if __has_include(<unistd.h>)
  std::size_t const slash = path.rfind('/');
  std::string const folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  int const opened = open(folder.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) return;
  static_cast<void>(fsync(opened));
  static_cast<void>(::close(opened));
#endif
}

}  // namespace detail

/// The bytes of a file of at most `limit` bytes.
inline result<std::vector<std::byte>> read_bytes(std::string const& path, std::size_t limit) {
  return bytes_of_file<std::vector<std::byte>>(path.c_str(), limit);
}

/// Writes a file whole or not at all: a temporary file beside it takes the bytes and then its name. On
/// failure an old file of the name stays as it was.
inline result<void> write_bytes(std::string const& path, std::span<std::byte const> bytes) {
  std::string temporary;
  for (int i = 0; i < 100; ++i) {
    temporary = path + ".part" + std::to_string(i);
    detail::open_file file(temporary.c_str(), "wbx");  // fails where the file exists
    if (!file && errno == EEXIST) continue;
    if (!file)
      return make_error(fault::cannot_open, "%s: cannot create: %s", shown_path(temporary.c_str()),
                        std::strerror(errno));
    bool const taken =
        bytes.empty() || std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
    if (taken && file.flush() && file.close() && std::rename(temporary.c_str(), path.c_str()) == 0) {
      detail::flush_folder(path);
      return {};
    }
    int const reason = errno;
    file.close();
    std::remove(temporary.c_str());
    return make_error(fault::cannot_open, "%s: cannot write: %s", shown_path(path.c_str()),
                      std::strerror(reason));
  }
  return make_error(fault::cannot_open, "%s: cannot create: too many temporary files are left from earlier",
                    shown_path(temporary.c_str()));
}

}  // namespace dyadic::model_file
