#pragma once

#include <zlib.h>

namespace dyadic::detail {

/// A decompression by zlib that ends itself.
struct inflation {
  z_stream stream{};
  bool open = false;

  /// `window_bits` as zlib's inflateInit2 takes them: they name the format.
  explicit inflation(int window_bits) noexcept { open = inflateInit2(&stream, window_bits) == Z_OK; }
  inflation(inflation const&) = delete;
  inflation& operator=(inflation const&) = delete;
  ~inflation() {
    if (open) inflateEnd(&stream);
  }
};

}  // namespace dyadic::detail
