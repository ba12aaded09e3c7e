#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include <dyadic/core/result.hpp>
#include <dyadic/train/array_data.hpp>
#include <dyadic/train/data.hpp>
#include <dyadic/train/read_file.hpp>

namespace dyadic {

/// Element types of the IDX format, by the code in byte 2 of a file.
enum class idx_element : std::uint8_t {
  unsigned8 = 0x08,
  signed8 = 0x09,
  signed16 = 0x0b,
  signed32 = 0x0c,
  float32 = 0x0d,
  float64 = 0x0e,
};

/// Bytes an element takes; 0 for a code that the format does not know.
constexpr std::size_t size_of(idx_element element) noexcept {
  switch (element) {
    case idx_element::unsigned8:
    case idx_element::signed8:
      return 1;
    case idx_element::signed16:
      return 2;
    case idx_element::signed32:
    case idx_element::float32:
      return 4;
    case idx_element::float64:
      return 8;
  }
  return 0;
}

/// The contents of an IDX file (the format of MNIST): one array of numbers.
struct idx_array {
  idx_element element = idx_element::unsigned8;
  std::vector<std::uint32_t> dimensions{};
  std::vector<std::uint8_t>
      bytes{};  ///< the elements, last dimension fastest, each most significant byte first

  std::size_t count() const noexcept { return bytes.size() / size_of(element); }

  /// Element number `index` < count(); exact for every type.
  double operator[](std::size_t index) const noexcept {
    std::size_t const width = size_of(element);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < width; ++i) bits = bits << 8 | bytes[index * width + i];
    switch (element) {
      case idx_element::unsigned8:
        return static_cast<double>(bits);
      case idx_element::signed8:
        return static_cast<std::int8_t>(bits);
      case idx_element::signed16:
        return static_cast<std::int16_t>(bits);
      case idx_element::signed32:
        return static_cast<std::int32_t>(bits);
      case idx_element::float32:
        return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
      case idx_element::float64:
        return std::bit_cast<double>(bits);
    }
    return 0;
  }
};

/// Reads an IDX array from memory; `source` names it in errors. The promised size is compared with the bytes
/// that are there before anything is allocated.
inline result<idx_array> parse_idx(std::span<std::uint8_t const> file, char const* source = "idx") {
  char const* const name = shown_path(source);
  if (file.size() < 4)
    return make_error(fault::truncated, "%s: offset 0: expected 4 bytes of an IDX header, found %zu", name,
                      file.size());
  if (file[0] == 0x1f && file[1] == 0x8b)
    return make_error(fault::malformed,
                      "%s: offset 0: expected an IDX header, found gzip: decompress it, or read it "
                      "with dyadic/interop/gzip.hpp",
                      name);
  if (file[0] != 0 || file[1] != 0)
    return make_error(fault::malformed,
                      "%s: offset 0: expected the two zero bytes of an IDX header, found %02x %02x", name,
                      file[0], file[1]);
  idx_array array{static_cast<idx_element>(file[2]), {}, {}};
  std::size_t const width = size_of(array.element);
  if (width == 0)
    return make_error(fault::malformed,
                      "%s: offset 2: expected an element type 08, 09, 0b, 0c, 0d or 0e, found %02x", name,
                      file[2]);
  std::size_t const rank = file[3];
  std::size_t const header = 4 + 4 * rank;
  if (rank == 0)
    return make_error(fault::malformed, "%s: offset 3: expected 1 or more dimensions, found 0", name);
  if (file.size() < header)
    return make_error(fault::truncated, "%s: offset 4: expected %zu bytes of dimensions, found %zu", name,
                      4 * rank, file.size() - 4);

  std::size_t const present = file.size() - header;
  std::uint64_t promised = width;
  for (std::size_t i = 0; i < rank; ++i) {
    std::uint8_t const* const at = file.data() + 4 + 4 * i;
    std::uint32_t const dimension = std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 |
                                    std::uint32_t{at[2]} << 8 | std::uint32_t{at[3]};
    if (dimension == 0)
      return make_error(fault::malformed, "%s: offset %zu: expected a dimension of 1 or more, found 0", name,
                        4 + 4 * i);
    if (promised > present / dimension)
      return make_error(
          fault::truncated,
          "%s: offset %zu: dimension %zu is %lu: expected at least %llu bytes of elements, found %zu", name,
          4 + 4 * i, i, static_cast<unsigned long>(dimension),
          promised > ~std::uint64_t{0} / dimension ? ~0ULL
                                                   : static_cast<unsigned long long>(promised * dimension),
          present);
    promised *= dimension;
    array.dimensions.push_back(dimension);
  }
  if (promised != present)
    return make_error(fault::malformed,
                      "%s: offset %llu: expected the end after %llu bytes of elements, found %zu", name,
                      static_cast<unsigned long long>(header + promised),
                      static_cast<unsigned long long>(promised), present);
  array.bytes.assign(file.begin() + static_cast<std::ptrdiff_t>(header), file.end());
  return array;
}

/// Reads an IDX file.
inline result<idx_array> read_idx(char const* path) {
  result<std::vector<std::uint8_t>> const file = read_file(path);
  if (!file) return file.error();
  return parse_idx(*file, path);
}

/// A data set of two arrays: the first dimension of each counts the samples. Samples of unsigned8 stay bytes,
/// others become reals. Answers of one integer each become labels; all others become targets.
inline result<data_set> make_data_set(idx_array samples, idx_array const& answers,
                                      char const* source = "idx") {
  char const* const name = shown_path(source);
  std::size_t const count = samples.dimensions.empty() ? 0 : samples.dimensions[0];
  if (count == 0 || answers.dimensions.empty())
    return make_error(fault::malformed, "%s: expected samples and answers, found an empty array", name);
  if (answers.dimensions[0] != count)
    return make_error(fault::wrong_size, "%s: expected an answer for each of %zu samples, found %lu answers",
                      name, count, static_cast<unsigned long>(answers.dimensions[0]));
  if (samples.count() % count != 0 || answers.count() % count != 0 || answers.count() == 0)
    return make_error(fault::wrong_size, "%s: %zu samples do not share %zu numbers and %zu answers evenly",
                      name, count, samples.count(), answers.count());
  bool const real = answers.element == idx_element::float32 || answers.element == idx_element::float64;
  bool const bytes = samples.element == idx_element::unsigned8;
  return detail::data_set_of(std::move(samples), answers, count, bytes, real, name);
}

/// Reads a data set from two IDX files, such as `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`.
inline result<data_set> read_digits(char const* images_path, char const* labels_path) {
  result<idx_array> images = read_idx(images_path);
  if (!images) return images.error();
  result<idx_array> const labels = read_idx(labels_path);
  if (!labels) return labels.error();
  return make_data_set(std::move(*images), *labels, labels_path);
}

}  // namespace dyadic
