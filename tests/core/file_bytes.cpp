#include <dyadic/core/file_bytes.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "../temporary_folder.hpp"

using dyadic::fault;

namespace {

constexpr auto read = dyadic::bytes_of_file<std::vector<std::uint8_t>>;

}  // namespace

TEST_CASE("a file is read whole, whatever its size") {
  temporary_folder const folder;
  for (std::size_t const size : {0U, 1U, 65535U, 65536U, 65537U, 200000U}) {
    CAPTURE(size);
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
    auto const found = read(folder.write("file", bytes).c_str(), 200000);
    REQUIRE(found.has_value());
    CHECK(*found == bytes);
  }
}

TEST_CASE("a missing file and a folder are errors that name them") {
  temporary_folder const folder;
  auto const missing = read((folder.path() + "/nothing").c_str(), 100);
  CHECK(missing.error().kind == fault::cannot_open);
  CHECK(std::string(missing.error().what()).find("/nothing: cannot open: ") != std::string::npos);
  CHECK(read(folder.path().c_str(), 100).error().kind == fault::cannot_open);
}

TEST_CASE("a file beyond the limit is an error, and one that never ends too") {
  temporary_folder const folder;
  std::string const path = folder.write("file", std::vector<std::uint8_t>(100));
  CHECK(read(path.c_str(), 100).has_value());
  CHECK(dyadic::bytes_of_file<std::vector<std::byte>>(path.c_str(), 100)->size() == 100);
  auto const large = read(path.c_str(), 99);
  CHECK(large.error().kind == fault::malformed);
  CHECK(std::string(large.error().what()).find("at most 99 bytes") != std::string::npos);
  if (std::filesystem::exists("/dev/zero"))
    CHECK(read("/dev/zero", 1000000).error().kind == fault::malformed);
}

TEST_CASE("a long path is shown by its end") {
  std::string const path = std::string(200, 'a') + "/name.idx";
  std::string const shown = dyadic::shown_path(path.c_str());
  CHECK(shown.size() == 80);
  CHECK(shown.ends_with("/name.idx"));
  CHECK(std::string(dyadic::shown_path("name.idx")) == "name.idx");
}
