#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include <dyadic/core/result.hpp>
#include <dyadic/deploy/section.hpp>

namespace dyadic::model_file {

/// Text of a file as an error message shows it: at most 48 characters, the unprintable ones as '?'.
struct shown {
  char text[49]{};
  explicit shown(std::string_view from) noexcept {
    std::size_t const count = from.size() < 48 ? from.size() : 48;
    for (std::size_t i = 0; i < count; ++i) text[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
  }
  explicit shown(kind what) noexcept : shown(std::string_view(what.letters, 4)) {}
};

/// A section whose checksums are right.
struct section {
  kind what{};
  encoding how{};
  std::uint16_t flags = 0;
  std::size_t offset = 0;  ///< of its header in the file
  std::string_view name;   ///< of a tensor
  extents size;            ///< of a tensor
  std::span<std::byte const>
      content;  ///< text, or a tensor's numbers: exactly as many bytes as its size says
};

/// A file taken apart. It borrows the bytes.
struct sections {
  engine_kind engine{};
  std::vector<section> all;
};

namespace detail {

/// Takes integers and text off the front of bytes; nothing is read past their end.
class cursor {
 public:
  explicit cursor(std::span<std::byte const> bytes) noexcept : rest_{bytes} {}

  std::span<std::byte const> rest() const noexcept { return rest_; }
  bool failed() const noexcept { return failed_; }

  std::span<std::byte const> take(std::size_t count) noexcept {
    if (count > rest_.size()) {
      failed_ = true;
      return {};
    }
    auto const taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  std::uint64_t integer(std::size_t size) noexcept {
    auto const taken = take(size);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < taken.size(); ++i) value |= static_cast<std::uint64_t>(taken[i]) << (8 * i);
    return value;
  }
  std::string_view letters(std::size_t count) noexcept {
    auto const taken = take(count);
    return {reinterpret_cast<char const*>(taken.data()), taken.size()};
  }
  kind four() noexcept {
    kind what;
    auto const taken = letters(4);
    for (std::size_t i = 0; i < taken.size(); ++i) what.letters[i] = taken[i];
    return what;
  }

 private:
  std::span<std::byte const> rest_;
  bool failed_ = false;
};

/// Takes the name and the extents off a tensor's content, and checks that the numbers have their number.
inline result<void> open_tensor(section& s, char const* where) {
  cursor at{s.content};
  s.name = at.letters(static_cast<std::size_t>(at.integer(2)));
  auto const rank = static_cast<std::size_t>(at.integer(1));
  if (at.failed() || rank > extents::most)
    return make_error(fault::malformed, "%s: section \"%s\" at offset %zu: its name or rank is broken", where,
                      shown(s.what).text, s.offset);
  s.size.rank = static_cast<std::uint8_t>(rank);
  std::uint64_t count = 1;
  bool fits = true;
  for (std::size_t i = 0; i < rank; ++i) {
    s.size.sizes[i] = static_cast<std::uint32_t>(at.integer(4));
    fits = fits && !__builtin_mul_overflow(count, std::uint64_t{s.size.sizes[i]}, &count);
  }
  s.content = at.rest();
  std::uint64_t const bits = std::uint64_t{s.content.size()} * 8;
  if (at.failed() || !fits || s.how.bits == 0 || s.how.bits > 64 || (s.how.bits > 8 && s.how.bits % 8 != 0) ||
      count > bits || bytes_of(s.how, static_cast<std::size_t>(count)) != s.content.size())
    return make_error(
        fault::malformed,
        "%s: tensor \"%s\" at offset %zu: its extents do not fit its %zu bytes of %d-bit numbers", where,
        shown(s.name).text, s.offset, s.content.size(), int{s.how.bits});
  return {};
}

/// Takes one section off the cursor.
inline result<section> next_section(cursor& at, std::size_t offset, char const* where) {
  auto const header = at.rest().first(at.rest().size() < section_header_bytes ? 0 : section_header_bytes);
  section s;
  s.offset = offset;
  s.what = at.four();
  s.how.family = static_cast<char>(at.integer(1));
  s.how.bits = static_cast<std::uint8_t>(at.integer(1));
  s.flags = static_cast<std::uint16_t>(at.integer(2));
  std::uint64_t const length = at.integer(8);
  std::uint64_t const content_checksum = at.integer(4);
  std::uint64_t const header_checksum = at.integer(4);
  if (at.failed())
    return make_error(fault::truncated,
                      "%s: offset %zu: a section header of %zu bytes expected, fewer are left", where, offset,
                      section_header_bytes);
  if (header_checksum != checksum(header.first(20)))
    return make_error(fault::bad_checksum, "%s: offset %zu: the section header's checksum is wrong", where,
                      offset);
  if (length > at.rest().size())
    return make_error(fault::truncated, "%s: section \"%s\" at offset %zu: %llu bytes promised, %zu are left",
                      where, shown(s.what).text, offset, static_cast<unsigned long long>(length),
                      at.rest().size());
  s.content = at.take(static_cast<std::size_t>(length));
  if (content_checksum != checksum(s.content))
    return make_error(fault::bad_checksum,
                      "%s: section \"%s\" at offset %zu: the content's checksum is wrong", where,
                      shown(s.what).text, offset);
  return s;
}

/// Takes the file's header off the cursor; gives the number of sections.
inline result<std::uint32_t> open_header(cursor& at, std::span<std::byte const> bytes, char const* where,
                                         engine_kind& engine) {
  auto const found_magic = at.letters(8);
  if (found_magic != std::string_view(magic, found_magic.empty() ? 0 : 8) && bytes.size() >= 8)
    return make_error(fault::malformed, "%s: offset 0: not a dyadic model file", where);
  std::uint64_t const found_version = at.integer(4);
  if (!at.failed() && found_version != version)
    return make_error(fault::wrong_version, "%s: offset 8: version %u expected, %llu found", where, version,
                      static_cast<unsigned long long>(found_version));
  kind const letters = at.four();
  std::uint64_t const length = at.integer(8);
  auto const count = static_cast<std::uint32_t>(at.integer(4));
  std::uint64_t const header_checksum = at.integer(4);
  if (at.failed())
    return make_error(fault::truncated, "%s: a header of %zu bytes expected, %zu found", where, header_bytes,
                      bytes.size());
  if (header_checksum != checksum(bytes.first(28)))
    return make_error(fault::bad_checksum, "%s: offset 28: the header's checksum is wrong", where);
  if (length > bytes.size())
    return make_error(fault::truncated, "%s: a file of %llu bytes expected, %zu found", where,
                      static_cast<unsigned long long>(length), bytes.size());
  if (length < bytes.size() || length < header_bytes + end_bytes)
    return make_error(fault::malformed, "%s: a file of %llu bytes expected, %zu found", where,
                      static_cast<unsigned long long>(length), bytes.size());
  for (std::size_t i = 0; i < std::size(engine_letters); ++i)
    if (letters == engine_letters[i]) {
      engine = static_cast<engine_kind>(i);
      return count;
    }
  return make_error(fault::not_supported, "%s: offset 12: engines of the kind \"%s\" are not known", where,
                    shown(letters).text);
}

}  // namespace detail

/// Takes a file apart and checks every length and checksum of it. `where` names the file in errors. Unknown
/// optional sections are left out.
inline result<sections> open_sections(std::span<std::byte const> bytes, char const* where) {
  sections found;
  detail::cursor start{bytes};
  auto const count = detail::open_header(start, bytes, where, found.engine);
  if (!count) return count.error();
  detail::cursor at{bytes.first(bytes.size() - end_bytes).subspan(header_bytes)};
  for (std::uint32_t i = 0; i < *count; ++i) {
    auto opened = detail::next_section(at, bytes.size() - end_bytes - at.rest().size(), where);
    if (!opened) return opened.error();
    section& s = *opened;
    bool const is_tensor = s.what == kinds::tensor || s.what == kinds::test_vector || s.what == kinds::extra;
    if (!is_tensor && s.what != kinds::description) {
      if ((s.flags & optional) != 0) continue;
      return make_error(fault::not_supported,
                        "%s: section \"%s\" at offset %zu is needed, but this library does not know its kind",
                        where, shown(s.what).text, s.offset);
    }
    if (is_tensor)
      if (auto const fits = detail::open_tensor(s, where); !fits) return fits.error();
    found.all.push_back(s);
  }
  if (!at.rest().empty())
    return make_error(fault::malformed, "%s: %zu bytes behind the last of %u sections", where,
                      at.rest().size(), *count);
  detail::cursor end{bytes.last(end_bytes)};
  if (end.integer(4) != checksum(bytes.first(bytes.size() - end_bytes)))
    return make_error(fault::bad_checksum, "%s: the checksum of the whole file is wrong", where);
  return found;
}

}  // namespace dyadic::model_file
