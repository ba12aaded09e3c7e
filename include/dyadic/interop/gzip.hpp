#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <dyadic/core/result.hpp>
#include <dyadic/interop/inflation.hpp>
#include <dyadic/train/data.hpp>
#include <dyadic/train/idx.hpp>
#include <dyadic/train/read_file.hpp>

namespace dyadic {

/// Whether bytes begin as gzip does.
inline bool is_gzip(std::span<std::uint8_t const> bytes) noexcept {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

/// The contents of gzip data of one or more members, at most `limit` bytes; `source` names it in errors.
/// Memory grows with what was decompressed, never with what a header promises.
inline result<std::vector<std::uint8_t>> gunzip(std::span<std::uint8_t const> packed,
                                                char const* source = "gzip",
                                                std::size_t limit = std::size_t{1} << 30) {
  char const* const name = shown_path(source);
  constexpr int gzip_only = 15 + 16;
  detail::inflation work{gzip_only};
  if (!work.open) return make_error(fault::not_supported, "%s: zlib cannot start", name);
  z_stream& stream = work.stream;

  constexpr std::size_t most = std::size_t{1} << 30;  // zlib counts in 32 bits
  std::vector<std::uint8_t> contents;
  std::size_t used = 0;
  std::size_t made = 0;
  for (;;) {
    if (made == contents.size()) {
      std::size_t const larger = made < 32768 ? 65536 : 2 * made;
      contents.resize(larger < limit ? larger : limit + 1);
    }
    std::size_t const given = packed.size() - used < most ? packed.size() - used : most;
    std::size_t const room = contents.size() - made < most ? contents.size() - made : most;
    stream.next_in = const_cast<Bytef*>(packed.data() + used);
    stream.avail_in = static_cast<uInt>(given);
    stream.next_out = contents.data() + made;
    stream.avail_out = static_cast<uInt>(room);
    int const status = inflate(&stream, Z_NO_FLUSH);
    used += given - stream.avail_in;
    made += room - stream.avail_out;
    if (made > limit)
      return make_error(fault::malformed, "%s: expected at most %zu bytes when decompressed, found more",
                        name, limit);
    if (status == Z_STREAM_END) {
      if (used == packed.size()) break;
      inflateReset(&stream);
    } else if (status == Z_BUF_ERROR || (status == Z_OK && used == packed.size() && stream.avail_out != 0)) {
      return make_error(fault::truncated, "%s: offset %zu: expected more gzip data, found its end", name,
                        used);
    } else if (status == Z_DATA_ERROR) {
      bool const sum = stream.msg != nullptr && std::strcmp(stream.msg, "incorrect data check") == 0;
      return make_error(sum ? fault::bad_checksum : fault::malformed,
                        "%s: offset %zu: expected valid gzip data: %s", name, used,
                        stream.msg != nullptr ? stream.msg : "zlib names no reason");
    } else if (status != Z_OK) {
      return make_error(fault::not_supported, "%s: offset %zu: zlib stops with status %d", name, used,
                        status);
    }
  }
  contents.resize(made);
  return contents;
}

/// The contents of a file, decompressed where it begins as gzip does.
inline result<std::vector<std::uint8_t>> read_gzip(char const* path,
                                                   std::size_t limit = std::size_t{1} << 30) {
  result<std::vector<std::uint8_t>> file = read_file(path, limit);
  if (!file || !is_gzip(*file)) return file;
  return gunzip(*file, path, limit);
}

/// The handwritten digits of LeCun, Cortes and Burges, or any set in their four files.
struct mnist {
  data_set train{};
  data_set test{};
};

/// Loads `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and
/// `t10k-labels-idx1-ubyte` from a folder, each as it is or with `.gz` after its name. An error lists all the
/// files that are missing.
inline result<mnist> load_mnist(char const* folder) {
  constexpr char const* names[4] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
  std::string paths[4];
  std::string missing;
  for (int i = 0; i < 4; ++i) {
    for (char const* const ending : {"", ".gz"}) {
      std::string candidate = std::string(folder) + "/" + names[i] + ending;
      if (std::FILE* const file = std::fopen(candidate.c_str(), "rb")) {
        std::fclose(file);
        paths[i] = std::move(candidate);
        break;
      }
    }
    if (paths[i].empty()) missing += std::string(missing.empty() ? "" : ", ") + names[i];
  }
  if (!missing.empty())
    return make_error(fault::cannot_open, "%s: expected four files, .gz or plain; missing: %s",
                      shown_path(folder), missing.c_str());

  idx_array arrays[4];
  for (int i = 0; i < 4; ++i) {
    result<std::vector<std::uint8_t>> const file = read_gzip(paths[i].c_str());
    if (!file) return file.error();
    result<idx_array> array = parse_idx(*file, paths[i].c_str());
    if (!array) return array.error();
    arrays[i] = std::move(*array);
  }
  result<data_set> train = make_data_set(std::move(arrays[0]), arrays[1], paths[1].c_str());
  if (!train) return train.error();
  result<data_set> test = make_data_set(std::move(arrays[2]), arrays[3], paths[3].c_str());
  if (!test) return test.error();
  if (train->sample_size != test->sample_size)
    return make_error(fault::wrong_size, "%s: expected samples of %zu numbers as in training, found %zu",
                      shown_path(paths[2].c_str()), train->sample_size, test->sample_size);
  return mnist{std::move(*train), std::move(*test)};
}

}  // namespace dyadic
