#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <dyadic/deploy/checksum.hpp>
#include <dyadic/deploy/number.hpp>
#include <dyadic/network/describe.hpp>

/// The model file, little-endian throughout:
///   header    "DYADIC\r\n", u32 version, kind of engine (4 characters), u64 length of the file, u32 number
///   of
///             sections, u32 checksum of these 28 bytes;
///   sections  kind (4 characters), encoding (family, bits), u16 flags, u64 length of what follows, u32
///   checksum
///             of what follows, u32 checksum of these 20 bytes; then the content;
///   end       u32 checksum of everything before.
/// The content of "net " is text. That of "tnsr", "test" and "xtra" is a named tensor: u16 length of the
/// name, the name, u8 rank, u32 for each extent, the numbers. A reader skips a kind that it does not know if
/// the flag `optional` is set.
namespace dyadic::model_file {

inline constexpr char magic[9] = "DYADIC\r\n";
inline constexpr std::uint32_t version = 1;
inline constexpr std::size_t header_bytes = 32;
inline constexpr std::size_t section_header_bytes = 24;
inline constexpr std::size_t end_bytes = 4;

/// Four characters.
struct kind {
  char letters[4]{};
  constexpr kind() = default;
  constexpr kind(char const (&four)[5]) noexcept : letters{four[0], four[1], four[2], four[3]} {}
  constexpr bool operator==(kind const&) const noexcept = default;
};

namespace kinds {
inline constexpr kind description{"net "};
inline constexpr kind tensor{"tnsr"};       ///< numbers of the engine
inline constexpr kind test_vector{"test"};  ///< an input and what the engine gives for it
inline constexpr kind extra{"xtra"};        ///< numbers that a user added
}  // namespace kinds

inline constexpr kind engine_letters[] = {"real", "qat ", "int ", "mix "};  ///< in the order of engine_kind

inline constexpr std::uint16_t optional = 1;

/// Writes a file into memory, section by section.
class writer {
 public:
  explicit writer(engine_kind engine) {
    put(std::string_view(magic, 8));
    put_integer(version, 4);
    put(engine_letters[static_cast<std::size_t>(engine)]);
    bytes_.resize(header_bytes);
  }

  /// A section of text; `append` adds to it.
  void begin_text(kind what) { begin(what, characters, 0); }
  void append(std::string_view text) { put(text); }

  /// A named tensor; what it gives is the place for its numbers, until the next call.
  std::span<std::byte> begin_tensor(kind what, std::string_view name, encoding how, extents size,
                                    std::uint16_t flags = 0) {
    begin(what, how, flags);
    put_integer(name.size(), 2);
    put(name);
    put_integer(size.rank, 1);
    for (std::size_t i = 0; i < size.rank; ++i) put_integer(size.sizes[i], 4);
    std::size_t const at = bytes_.size();
    bytes_.resize(at + bytes_of(how, size.count()));
    return std::span(bytes_).subspan(at);
  }

  /// The whole file. Nothing can be added afterwards.
  std::vector<std::byte> finish() {
    end();
    set_integer(16, bytes_.size() + end_bytes, 8);
    set_integer(24, sections_, 4);
    set_integer(28, checksum(std::span(bytes_).first(28)), 4);
    put_integer(checksum(bytes_), 4);
    return std::move(bytes_);
  }

 private:
  void begin(kind what, encoding how, std::uint16_t flags) {
    end();
    section_ = bytes_.size();
    ++sections_;
    put(what);
    put_integer(static_cast<unsigned char>(how.family), 1);
    put_integer(how.bits, 1);
    put_integer(flags, 2);
    bytes_.resize(section_ + section_header_bytes);
  }
  void end() {
    if (sections_ == 0) return;
    auto const content = std::span(bytes_).subspan(section_ + section_header_bytes);
    set_integer(section_ + 8, content.size(), 8);
    set_integer(section_ + 16, checksum(content), 4);
    set_integer(section_ + 20, checksum(std::span(bytes_).subspan(section_, 20)), 4);
  }

  void put(std::string_view text) {
    for (char const c : text) bytes_.push_back(static_cast<std::byte>(c));
  }
  void put(kind what) { put(std::string_view(what.letters, 4)); }
  void put_integer(std::uint64_t value, int size) {
    bytes_.resize(bytes_.size() + static_cast<std::size_t>(size));
    set_integer(bytes_.size() - static_cast<std::size_t>(size), value, size);
  }
  void set_integer(std::size_t at, std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i)
      bytes_[at + static_cast<std::size_t>(i)] = static_cast<std::byte>(value >> (8 * i));
  }

  std::vector<std::byte> bytes_;
  std::size_t section_ = 0;
  std::uint32_t sections_ = 0;
};

}  // namespace dyadic::model_file
