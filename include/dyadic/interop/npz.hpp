#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dyadic/core/result.hpp>
#include <dyadic/interop/inflation.hpp>
#include <dyadic/train/npy.hpp>
#include <dyadic/train/read_file.hpp>

namespace dyadic {

/// The arrays of a NumPy .npz file by their names (without ".npy").
struct npz_arrays {
  struct named {
    std::string name;
    npy_array array;
  };
  std::vector<named> all{};

  /// The array of a name, or null.
  npy_array* find(std::string_view name) noexcept {
    for (named& n : all)
      if (n.name == name) return &n.array;
    return nullptr;
  }
};

namespace detail {

/// A little-endian integer of a zip file; the caller has checked the bounds.
inline std::uint32_t zip_number(std::span<std::uint8_t const> file, std::size_t at,
                                std::size_t width) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8 | file[at + i];
  return value;
}

/// What the central directory says of one file.
struct zip_entry {
  std::string_view name{};
  std::uint32_t method = 0, checksum = 0, packed = 0, size = 0, offset = 0;
};

inline constexpr std::size_t zip_end_size = 22;
inline constexpr std::size_t zip_entry_size = 46;
inline constexpr std::size_t zip_local_size = 30;

/// Inflates raw deflate data of exactly `size` bytes; memory grows with what comes out.
inline result<std::vector<std::uint8_t>> inflate_raw(std::span<std::uint8_t const> packed, std::size_t size,
                                                     char const* where, char const* name) {
  constexpr int raw_deflate = -15;
  inflation work{raw_deflate};
  if (!work.open) return make_error(fault::not_supported, "%s: zlib cannot start", where);
  work.stream.next_in = const_cast<Bytef*>(packed.data());
  work.stream.avail_in = static_cast<uInt>(packed.size());
  std::vector<std::uint8_t> contents;
  for (std::size_t made = 0;;) {
    if (made == contents.size()) {
      std::size_t const larger = made < 32768 ? 65536 : 2 * made;
      contents.resize(larger < size ? larger : size + 1);  // one more: to see what is too long
    }
    work.stream.next_out = contents.data() + made;
    work.stream.avail_out = static_cast<uInt>(contents.size() - made);
    int const status = inflate(&work.stream, Z_NO_FLUSH);
    made = contents.size() - work.stream.avail_out;
    if (made > size || (status == Z_STREAM_END && made < size))
      return make_error(fault::malformed, "%s: \"%s\": expected %zu bytes when decompressed, found %s", where,
                        name, size, made > size ? "more" : "fewer");
    if (status == Z_STREAM_END) {
      contents.resize(made);
      return contents;
    }
    if (status == Z_BUF_ERROR || (status == Z_OK && work.stream.avail_out != 0))
      return make_error(fault::truncated, "%s: \"%s\": expected more compressed data, found its end", where,
                        name);
    if (status != Z_OK)
      return make_error(fault::malformed, "%s: \"%s\": expected valid compressed data", where, name);
  }
}

/// The bytes of one file.
inline result<std::vector<std::uint8_t>> unzip(std::span<std::uint8_t const> file, zip_entry const& entry,
                                               char const* where, char const* name) {
  if (entry.method != 0 && entry.method != 8)
    return make_error(fault::not_supported, "%s: \"%s\": expected stored or deflated data, found method %u",
                      where, name, static_cast<unsigned>(entry.method));
  if (entry.offset > file.size() || file.size() - entry.offset < zip_local_size ||
      zip_number(file, entry.offset, 4) != 0x04034b50)
    return make_error(fault::malformed, "%s: \"%s\": expected a file header at offset %lu", where, name,
                      static_cast<unsigned long>(entry.offset));
  std::size_t const start = std::size_t{entry.offset} + zip_local_size +
                            zip_number(file, entry.offset + 26, 2) + zip_number(file, entry.offset + 28, 2);
  if (start > file.size() || entry.packed > file.size() - start)
    return make_error(fault::truncated, "%s: \"%s\": its %lu bytes lie beyond the file's end", where, name,
                      static_cast<unsigned long>(entry.packed));
  auto const packed = file.subspan(start, entry.packed);
  if (entry.method == 0 && entry.packed != entry.size)
    return make_error(fault::malformed, "%s: \"%s\": stored data of two sizes", where, name);
  result<std::vector<std::uint8_t>> contents =
      entry.method == 0 ? result<std::vector<std::uint8_t>>(std::vector(packed.begin(), packed.end()))
                        : inflate_raw(packed, entry.size, where, name);
  if (!contents) return contents;
  if (crc32(0, contents->data(), static_cast<uInt>(contents->size())) != entry.checksum)
    return make_error(fault::bad_checksum, "%s: \"%s\": the checksum is wrong", where, name);
  return contents;
}

/// Where the record at a zip file's end is; the file's size if there is none.
inline std::size_t zip_end(std::span<std::uint8_t const> file) noexcept {
  for (std::size_t back = zip_end_size; back <= file.size() && back <= zip_end_size + 65535; ++back)
    if (zip_number(file, file.size() - back, 4) == 0x06054b50 &&
        zip_number(file, file.size() - back + 20, 2) == back - zip_end_size)
      return file.size() - back;
  return file.size();
}

}  // namespace detail

/// Reads a .npz file from memory: a zip file of .npy files, stored (`numpy.savez`) or deflated
/// (`numpy.savez_compressed`), all of at most `limit` bytes when decompressed; other files in it are passed
/// over. `source` names it in errors. Zip64 (more than 4 GiB) is not read.
inline result<npz_arrays> parse_npz(std::span<std::uint8_t const> file, char const* source = "npz",
                                    std::size_t limit = std::size_t{1} << 30) {
  char const* const where = shown_path(source);
  std::size_t const end = detail::zip_end(file);
  if (end == file.size())
    return make_error(fault::malformed, "%s: expected a zip file's end, found none", where);
  std::size_t const count = detail::zip_number(file, end + 10, 2);
  std::size_t at = detail::zip_number(file, end + 16, 4);
  npz_arrays found;
  for (std::size_t i = 0; i < count; ++i) {
    if (at > end || end - at < detail::zip_entry_size || detail::zip_number(file, at, 4) != 0x02014b50)
      return make_error(fault::malformed, "%s: offset %zu: expected entry %zu of %zu of the zip file", where,
                        at, i, count);
    detail::zip_entry entry;
    entry.method = detail::zip_number(file, at + 10, 2);
    entry.checksum = detail::zip_number(file, at + 16, 4);
    entry.packed = detail::zip_number(file, at + 20, 4);
    entry.size = detail::zip_number(file, at + 24, 4);
    entry.offset = detail::zip_number(file, at + 42, 4);
    std::size_t const name_size = detail::zip_number(file, at + 28, 2);
    std::size_t const rest =
        std::size_t{detail::zip_number(file, at + 30, 2)} + detail::zip_number(file, at + 32, 2);
    if (name_size > end - at - detail::zip_entry_size)
      return make_error(fault::truncated, "%s: offset %zu: the entry's name is cut", where, at);
    entry.name = {reinterpret_cast<char const*>(file.data()) + at + detail::zip_entry_size, name_size};
    at += detail::zip_entry_size + name_size + rest;
    if (!entry.name.ends_with(".npy")) continue;
    std::string name(entry.name.substr(0, entry.name.size() - 4));
    std::string shown = name.substr(0, 40);
    for (char& letter : shown)
      if (letter < ' ' || letter > '~') letter = '?';
    if (entry.size == 0xffffffff || entry.packed == 0xffffffff || entry.offset == 0xffffffff)
      return make_error(fault::not_supported, "%s: \"%s\": zip64 is not read", where, shown.c_str());
    if (entry.size > limit)
      return make_error(fault::malformed, "%s: expected at most %zu bytes more, \"%s\" has %lu", where, limit,
                        shown.c_str(), static_cast<unsigned long>(entry.size));
    limit -= entry.size;
    auto const contents = detail::unzip(file, entry, where, shown.c_str());
    if (!contents) return contents.error();
    result<npy_array> array = parse_npy(*contents, (std::string(where) + "/" + shown).c_str());
    if (!array) return array.error();
    found.all.push_back({std::move(name), std::move(*array)});
  }
  return found;
}

/// Reads a .npz file.
inline result<npz_arrays> read_npz(char const* path) {
  result<std::vector<std::uint8_t>> const file = read_file(path);
  if (!file) return file.error();
  return parse_npz(*file, path);
}

/// Reads a data set of two arrays of a .npz file: `read_npz("digits.npz", "x_train", "y_train")`.
inline result<data_set> read_npz(char const* path, char const* samples, char const* answers) {
  result<npz_arrays> arrays = read_npz(path);
  if (!arrays) return arrays.error();
  npy_array* const found[] = {arrays->find(samples), arrays->find(answers)};
  for (int i = 0; i < 2; ++i)
    if (found[i] == nullptr)
      return make_error(fault::malformed, "%s: there is no array \"%.40s\"", shown_path(path),
                        i == 0 ? samples : answers);
  return make_data_set(std::move(*found[0]), *found[1], path);
}

}  // namespace dyadic
