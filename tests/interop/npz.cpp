#include <doctest/doctest.h>

#include <dyadic/interop/npz.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../temporary_folder.hpp"

using namespace dyadic;

namespace {

using bytes = std::vector<std::uint8_t>;

// Arrays x (u1, 3 by 2, the numbers 1 to 6) and y (i8, the numbers 2, 0, 1), written by Python's zipfile with
// force_zip64, as numpy.savez and numpy.savez_compressed do.
constexpr char const* stored =
    "504b03042d000000000000002100754260d0ffffffffffffffff05001400782e6e707901001000860000000000000086"
    "00000000000000934e554d5059010076007b276465736372273a20277c7531272c2027666f727472616e5f6f72646572"
    "273a2046616c73652c20277368617065273a2028332c2032292c207d2020202020202020202020202020202020202020"
    "20202020202020202020202020202020202020202020202020202020202020202020202020200a010203040506504b03"
    "042d0000000000000021008a1ace13ffffffffffffffff05001400792e6e707901001000980000000000000098000000"
    "00000000934e554d5059010076007b276465736372273a20273c6938272c2027666f727472616e5f6f72646572273a20"
    "46616c73652c20277368617065273a2028332c292c207d20202020202020202020202020202020202020202020202020"
    "20202020202020202020202020202020202020202020202020202020202020202020200a020000000000000000000000"
    "000000000100000000000000504b01022d032d000000000000002100754260d086000000860000000500000000000000"
    "00000000800100000000782e6e7079504b01022d032d0000000000000021008a1ace1398000000980000000500000000"
    "000000000000008001bd000000792e6e7079504b05060000000002000200660000008c0100000000";
constexpr char const* deflated =
    "504b03042d000000080000002100754260d0ffffffffffffffff05001400782e6e70790100100086000000000000004c"
    "000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a05e536aa8aea3a09e965f54529498179f5f94920a"
    "12774bcc294e058a17672416a402f91ac63a0a469a3a0ab50a64032e46266616563600504b03042d0000000800000021"
    "008a1ace13ffffffffffffffff05001400792e6e70790100100098000000000000004a000000000000009bec17ea1b10"
    "c9c850c650ad9e925a9c5ca46ea5a06e9369a1aea3a09e965f54529498179f5f94920a12774bcc294e058a17672416a4"
    "02f91ac63a9a3a0ab50a14002e260654c008a501504b01022d032d000000080000002100754260d04c00000086000000"
    "050000000000000000000000800100000000782e6e7079504b01022d032d0000000800000021008a1ace134a00000098"
    "000000050000000000000000000000800183000000792e6e7079504b0506000000000200020066000000040100000000";

bytes from_hex(std::string_view hex) {
  auto const digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  bytes made;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    made.push_back(static_cast<std::uint8_t>(16 * digit(hex[i]) + digit(hex[i + 1])));
  return made;
}

/// The file with one little-endian number changed, `back` bytes before its end.
bytes with(bytes file, std::size_t back, std::uint32_t number, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i)
    file[file.size() - back + i] = static_cast<std::uint8_t>(number >> (8 * i));
  return file;
}

}  // namespace

TEST_CASE("arrays are read by name, stored or deflated") {
  for (char const* const hex : {stored, deflated}) {
    auto arrays = parse_npz(from_hex(hex));
    REQUIRE_MESSAGE(arrays, arrays.error().what());
    REQUIRE(arrays->all.size() == 2);
    npy_array const* const x = arrays->find("x");
    REQUIRE(x != nullptr);
    CHECK(x->dimensions == std::vector<std::size_t>{3, 2});
    CHECK(x->bytes == bytes{1, 2, 3, 4, 5, 6});
    REQUIRE(arrays->find("y") != nullptr);
    CHECK((*arrays->find("y"))[0] == 2);
    CHECK(arrays->find("z") == nullptr);
  }
}

TEST_CASE("two arrays of a file become a data set") {
  temporary_folder const folder;
  auto const path = folder.write("digits.npz", from_hex(deflated));
  auto const data = read_npz(path.c_str(), "x", "y");
  REQUIRE(data);
  CHECK(data->sample_size == 2);
  CHECK(data->labels == std::vector<std::int32_t>{2, 0, 1});
  CHECK(std::string(read_npz(path.c_str(), "x", "z").error().what()).find("there is no array \"z\"") !=
        std::string::npos);
  CHECK(read_npz(path.c_str(), "x", "x").error().kind == fault::wrong_size);
  CHECK(read_npz("nowhere.npz").error().kind == fault::cannot_open);
}

TEST_CASE("a file cut anywhere is an error") {
  for (char const* const hex : {stored, deflated}) {
    bytes const whole = from_hex(hex);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      auto const arrays = parse_npz(std::span(whole).first(size), "cut.npz");
      REQUIRE_FALSE(arrays);
      CHECK(std::string(arrays.error().what()).find("cut.npz: ") == 0);
    }
  }
}

TEST_CASE("any changed byte is an error, or changes no number") {
  for (char const* const hex : {stored, deflated}) {
    bytes const whole = from_hex(hex);
    std::size_t errors = 0;
    for (std::size_t at = 0; at < whole.size(); ++at)
      for (int const bit : {1, 2, 16, 128}) {
        bytes changed = whole;
        changed[at] = static_cast<std::uint8_t>(changed[at] ^ bit);
        auto arrays = parse_npz(changed, "changed", 100000);
        if (!arrays) {
          ++errors;
          continue;
        }
        if (npy_array const* const x = arrays->find("x")) CHECK(x->bytes == bytes{1, 2, 3, 4, 5, 6});
      }
    CHECK(errors > whole.size());
  }
}

TEST_CASE("contents beyond the limit and wrong checksums are refused") {
  bytes const whole = from_hex(deflated);
  CHECK(parse_npz(whole, "npz", 200).error().kind == fault::malformed);
  CHECK(parse_npz(whole, "npz", 300));
  // The last entry of the directory is 46 + 5 bytes long and the end 22: its checksum is 16 from its start.
  CHECK(parse_npz(with(whole, 73 - 16, 1234, 4)).error().kind == fault::bad_checksum);
  CHECK(parse_npz(with(whole, 73 - 24, 1000, 4)).error().kind == fault::malformed);
  CHECK(parse_npz(with(whole, 73 - 24, 10, 4)).error().kind == fault::malformed);
  CHECK(parse_npz(with(whole, 73 - 24, 0xffffffff, 4)).error().kind == fault::not_supported);
  CHECK(parse_npz(with(whole, 73 - 10, 99, 2)).error().kind == fault::not_supported);
  CHECK(parse_npz(with(whole, 73 - 42, 0xfffffff0, 4)).error().kind == fault::malformed);
  CHECK(parse_npz(with(whole, 73 - 20, 0x7fffffff, 4)).error().kind == fault::truncated);
}
