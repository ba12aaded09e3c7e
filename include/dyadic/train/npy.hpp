#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <dyadic/core/result.hpp>
#include <dyadic/train/array_data.hpp>
#include <dyadic/train/data.hpp>
#include <dyadic/train/read_file.hpp>

namespace dyadic {

/// Element types that are read: little-endian, as NumPy writes them on most machines.
enum class npy_element : std::uint8_t { u1, i1, i2, i4, i8, f4, f8 };

constexpr std::size_t size_of(npy_element element) noexcept {
  constexpr std::size_t sizes[] = {1, 1, 2, 4, 8, 4, 8};
  return sizes[static_cast<std::size_t>(element)];
}

/// The contents of a NumPy .npy file: one array, last dimension fastest. A scalar has no dimensions.
struct npy_array {
  npy_element element = npy_element::u1;
  std::vector<std::size_t> dimensions{};
  std::vector<std::uint8_t> bytes{};

  std::size_t count() const noexcept { return bytes.size() / size_of(element); }

  /// Element number `index` < count(); integers beyond 2^53 are rounded.
  double operator[](std::size_t index) const noexcept {
    std::size_t const width = size_of(element);
    std::uint64_t bits = 0;
    for (std::size_t i = width; i-- > 0;) bits = bits << 8 | bytes[index * width + i];
    switch (element) {
      case npy_element::u1:
        return static_cast<double>(bits);
      case npy_element::i1:
        return static_cast<std::int8_t>(bits);
      case npy_element::i2:
        return static_cast<std::int16_t>(bits);
      case npy_element::i4:
        return static_cast<std::int32_t>(bits);
      case npy_element::i8:
        return static_cast<double>(static_cast<std::int64_t>(bits));
      case npy_element::f4:
        return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
      case npy_element::f8:
        return std::bit_cast<double>(bits);
    }
    return 0;
  }
};

namespace detail {

/// The header of a .npy file: a Python dictionary of the three keys, in any order and spacing.
class npy_header {
 public:
  explicit npy_header(std::string_view text) noexcept : text_{text} {}

  /// Null, or what was expected where it stopped.
  char const* read() {
    if (!take('{')) return "{";
    bool seen[3]{};
    while (!take('}')) {
      std::string_view const key = quoted();
      if (!take(':')) return "a key and a colon";
      std::size_t const which = key == "descr" ? 0 : key == "fortran_order" ? 1 : key == "shape" ? 2 : 3;
      if (which == 3 || seen[which]) return "each of the keys descr, fortran_order and shape once";
      seen[which] = true;
      if (which == 0 && (type = quoted()).empty()) return "the type as text (records are not read)";
      if (which == 1 && !truth()) return "True or False";
      if (which == 2 && !tuple()) return "a tuple of at most 32 sizes";
      if (!take(',') && !peek('}')) return "a comma or }";
    }
    space();
    if (at_ != text_.size()) return "the end of the header";
    return seen[0] && seen[1] && seen[2] ? nullptr : "the keys descr, fortran_order and shape";
  }
  std::size_t offset() const noexcept { return at_; }

  std::string_view type{};
  bool fortran = false;
  std::vector<std::size_t> sizes{};

 private:
  static constexpr std::size_t most_dimensions = 32;  // NumPy's own limit

  void space() noexcept {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  bool peek(char wanted) noexcept {
    space();
    return at_ < text_.size() && text_[at_] == wanted;
  }
  bool take(char wanted) noexcept {
    bool const there = peek(wanted);
    at_ += there ? 1 : 0;
    return there;
  }
  std::string_view quoted() noexcept {
    char const mark = peek('"') ? '"' : '\'';
    if (!take(mark)) return {};
    std::size_t const from = at_;
    while (at_ < text_.size() && text_[at_] != mark) ++at_;
    std::string_view const inside = text_.substr(from, at_ - from);
    return take(mark) ? inside : std::string_view{};
  }
  bool truth() noexcept {
    space();
    fortran = text_.substr(at_, 4) == "True";
    if (!fortran && text_.substr(at_, 5) != "False") return false;
    at_ += fortran ? 4 : 5;
    return true;
  }
  bool tuple() {
    if (!take('(')) return false;
    while (!take(')')) {
      std::size_t size = 0;
      if (sizes.size() == most_dimensions || !number(size)) return false;
      sizes.push_back(size);
      if (!take(',') && !peek(')')) return false;
    }
    return true;
  }
  bool number(std::size_t& value) noexcept {
    space();
    std::size_t const from = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      auto const digit = static_cast<std::size_t>(text_[at_] - '0');
      if (value > (static_cast<std::size_t>(-1) - digit) / 10) return false;
      value = 10 * value + digit;
    }
    return at_ != from;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// The element type of a descr, or false.
inline bool npy_type(std::string_view text, npy_element& element) noexcept {
  constexpr std::string_view names[] = {"|u1", "|i1", "<i2", "<i4", "<i8", "<f4", "<f8"};
  if (text == "|b1" || text == "<u1") text = "|u1";
  if (text == "<i1") text = "|i1";
  for (std::size_t i = 0; i < std::size(names); ++i) {
    if (text != names[i]) continue;
    element = static_cast<npy_element>(i);
    return true;
  }
  return false;
}

}  // namespace detail

/// Reads a .npy file of format 1.0, 2.0 or 3.0 from memory; `source` names it in errors. The promised size is
/// compared with the bytes that are there before anything is allocated. Types: u1, i1, i2, i4, i8, f4, f8 and
/// bool, little-endian, in C order.
inline result<npy_array> parse_npy(std::span<std::uint8_t const> file, char const* source = "npy") {
  char const* const name = shown_path(source);
  auto const letters = [&](std::size_t from, std::size_t count) {
    return std::string_view(reinterpret_cast<char const*>(file.data()) + from, count);
  };
  if (file.size() < 10)
    return make_error(fault::truncated, "%s: offset 0: expected 10 bytes of a .npy header, found %zu", name,
                      file.size());
  if (letters(0, 6) != std::string_view("\x93NUMPY", 6))
    return make_error(fault::malformed, "%s: offset 0: expected the letters of a .npy file", name);
  if (file[6] < 1 || file[6] > 3 || file[7] != 0)
    return make_error(fault::wrong_version, "%s: offset 6: expected version 1.0, 2.0 or 3.0, found %d.%d",
                      name, int{file[6]}, int{file[7]});
  std::size_t const start = file[6] == 1 ? 10 : 12;
  std::size_t length = std::size_t{file[8]} | std::size_t{file[9]} << 8;
  if (file[6] != 1 && file.size() >= 12) length |= std::size_t{file[10]} << 16 | std::size_t{file[11]} << 24;
  if (file.size() < start || length > file.size() - start)
    return make_error(fault::truncated, "%s: offset 8: expected a header of %zu bytes, found %zu", name,
                      length, file.size() < start ? std::size_t{0} : file.size() - start);
  detail::npy_header header{letters(start, length)};
  if (char const* const wanted = header.read())
    return make_error(fault::malformed, "%s: offset %zu: expected %s", name, start + header.offset(), wanted);
  npy_array array;
  if (!detail::npy_type(header.type, array.element))
    return make_error(fault::not_supported,
                      "%s: expected numbers of type u1, i1, <i2, <i4, <i8, <f4 or <f8, found \"%.*s\"", name,
                      static_cast<int>(header.type.size() < 40 ? header.type.size() : 40),
                      header.type.data());
  if (header.fortran && header.sizes.size() > 1)
    return make_error(fault::not_supported, "%s: expected C order, found Fortran order", name);
  std::size_t const present = file.size() - start - length;
  std::uint64_t promised = size_of(array.element);
  for (std::size_t const size : header.sizes) promised = size == 0 ? 0 : promised;
  for (std::size_t const size : header.sizes) {
    if (size != 0 && promised > present / size)
      return make_error(fault::truncated, "%s: its %zu dimensions promise more than the %zu bytes found",
                        name, header.sizes.size(), present);
    promised *= size;
  }
  if (promised != present)
    return make_error(promised > present ? fault::truncated : fault::malformed,
                      "%s: offset %zu: expected %llu bytes of numbers, found %zu", name, start + length,
                      static_cast<unsigned long long>(promised), present);
  array.dimensions = std::move(header.sizes);
  array.bytes.assign(file.begin() + static_cast<std::ptrdiff_t>(start + length), file.end());
  return array;
}

/// Reads a .npy file.
inline result<npy_array> read_npy(char const* path) {
  result<std::vector<std::uint8_t>> const file = read_file(path);
  if (!file) return file.error();
  return parse_npy(*file, path);
}

/// A data set of two arrays: the first dimension of each counts the samples. Samples of u1 stay bytes, others
/// become reals. Answers of one integer each become labels; all others become targets.
inline result<data_set> make_data_set(npy_array samples, npy_array const& answers,
                                      char const* source = "npy") {
  char const* const name = shown_path(source);
  std::size_t const count = samples.dimensions.empty() ? 0 : samples.dimensions[0];
  if (count == 0 || samples.count() == 0 || answers.dimensions.empty() || answers.dimensions[0] != count ||
      answers.count() == 0)
    return make_error(fault::wrong_size, "%s: expected an answer for each of %zu samples, found %zu", name,
                      count, answers.dimensions.empty() ? std::size_t{0} : answers.dimensions[0]);
  bool const real = answers.element == npy_element::f4 || answers.element == npy_element::f8;
  bool const bytes = samples.element == npy_element::u1;
  return detail::data_set_of(std::move(samples), answers, count, bytes, real, name);
}

}  // namespace dyadic
