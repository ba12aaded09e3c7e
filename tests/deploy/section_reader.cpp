#include <doctest/doctest.h>

#include <dyadic/deploy/section_reader.hpp>

#include <functional>
#include <string>
#include <vector>

#include "repair.hpp"

using namespace dyadic;
using namespace dyadic::model_file;

namespace {

std::vector<std::byte> example(kind third = {"futu"}, std::uint16_t flags = optional) {
  writer to{engine_kind::integer};
  to.begin_text(kinds::description);
  to.append("a network");
  auto const place = to.begin_tensor(kinds::tensor, "codes", {'s', 8}, extents(2, 3));
  for (std::size_t i = 0; i < 6; ++i) write_number({'s', 8}, place, i, static_cast<int>(i));
  to.begin_tensor(third, "new", {'x', 8}, extents(1), flags);
  return to.finish();
}

error error_of(std::vector<std::byte> const& bytes) {
  auto const opened = open_sections(bytes, "file");
  return opened.error();
}

/// The error after a change whose checksums are repaired.
error error_after(std::function<void(std::vector<std::byte>&)> const& change) {
  auto bytes = example();
  change(bytes);
  repair(bytes);
  return error_of(bytes);
}

std::string message(error const& e) { return e.what(); }

}  // namespace

TEST_CASE("sections come back with name, extents and numbers; unknown optional ones are left out") {
  auto const bytes = example();
  auto const opened = open_sections(bytes, "file");
  REQUIRE(opened);
  CHECK(opened->engine == engine_kind::integer);
  REQUIRE(opened->all.size() == 2);
  CHECK(opened->all[0].what == kinds::description);
  CHECK(opened->all[0].content.size() == 9);
  section const& codes = opened->all[1];
  CHECK(codes.name == "codes");
  CHECK(codes.size == extents(2, 3));
  CHECK(codes.offset == 32 + 24 + 9);
  CHECK(read_number(codes.how, codes.content, 5) == 5);
}

TEST_CASE("an unknown section that is not optional is refused") {
  error const e = error_of(example({"futu"}, 0));
  CHECK(e.kind == fault::not_supported);
  CHECK(message(e).find("\"futu\"") != std::string::npos);
}

TEST_CASE("every truncation is an error, and nothing is read past the end") {
  auto const whole = example();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::vector<std::byte> const part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    CAPTURE(size);
    CHECK(error_of(part).kind == fault::truncated);
  }
}

TEST_CASE("every flipped bit is an error") {
  auto const whole = example();
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    auto flipped = whole;
    flipped[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    CAPTURE(bit);
    CHECK(error_of(flipped).kind != fault::none);
  }
}

TEST_CASE("bytes behind the end are an error") {
  auto bytes = example();
  bytes.push_back(std::byte{0});
  CHECK(error_of(bytes).kind == fault::malformed);
}

TEST_CASE("each checksum is compared by itself") {
  auto const whole = example();
  auto const after = [&whole](std::size_t at) {
    auto bytes = whole;
    bytes[at] ^= std::byte{1};
    return message(error_of(bytes));
  };
  CHECK(after(28) == "file: offset 28: the header's checksum is wrong");
  CHECK(after(32 + 20) == "file: offset 32: the section header's checksum is wrong");
  CHECK(after(32 + 24) == "file: section \"net \" at offset 32: the content's checksum is wrong");
  CHECK(after(whole.size() - 1) == "file: the checksum of the whole file is wrong");
}

TEST_CASE("a file of something else, of a later version or of an unknown engine says so") {
  CHECK(error_of(std::vector<std::byte>(100)).kind == fault::malformed);
  CHECK(error_after([](auto& bytes) { bytes[8] = std::byte{2}; }).kind == fault::wrong_version);
  error const e = error_after([](auto& bytes) { bytes[12] = std::byte{'z'}; });
  CHECK(e.kind == fault::not_supported);
  CHECK(message(e) == "file: offset 12: engines of the kind \"znt \" are not known");
}

TEST_CASE("a hostile number of sections is an error") {
  for (unsigned const count : {0U, 1U, 2U, 4U, 255U}) {
    auto bytes = example();
    bytes[24] = static_cast<std::byte>(count);
    bytes[27] = static_cast<std::byte>(count == 255U ? 0xFF : 0);
    repair_outside(bytes);
    CAPTURE(count);
    fault const kind = error_of(bytes).kind;
    CHECK((kind == fault::malformed || kind == fault::truncated));
  }
}

TEST_CASE("a hostile length of a section is an error") {
  for (int byte = 0; byte < 8; ++byte) {
    auto bytes = example();
    std::size_t const header = 32 + 24 + 9;
    bytes[header + 8 + static_cast<std::size_t>(byte)] = std::byte{0xFF};
    repair_section_header(bytes, header);
    repair_outside(bytes);
    error const e = error_of(bytes);
    CHECK(e.kind == fault::truncated);
    CHECK(message(e).find("section \"tnsr\" at offset 65") != std::string::npos);
  }
}

TEST_CASE("hostile names, ranks, extents and widths are errors") {
  std::size_t const header = 32 + 24 + 9, content = header + 24;
  auto const set = [](std::size_t at, int value) {
    return [=](std::vector<std::byte>& bytes) { bytes[at] = static_cast<std::byte>(value); };
  };
  CHECK(error_after(set(content, 0xFF)).kind == fault::malformed);       // the name's length
  CHECK(error_after(set(content + 7, 5)).kind == fault::malformed);      // the rank
  CHECK(error_after(set(content + 8, 3)).kind == fault::malformed);      // an extent
  CHECK(error_after(set(content + 11, 0xFF)).kind == fault::malformed);  // its high byte
  CHECK(error_after(set(header + 5, 0)).kind == fault::malformed);       // the width
  CHECK(error_after(set(header + 5, 12)).kind == fault::malformed);
  CHECK(error_after(set(header + 5, 16)).kind == fault::malformed);
  CHECK(error_after([&](std::vector<std::byte>& bytes) {
          for (std::size_t i = 0; i < 8; ++i) bytes[content + 8 + i] = std::byte{0xFF};
        }).kind == fault::malformed);
}
