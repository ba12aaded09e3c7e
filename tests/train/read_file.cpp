#include <dyadic/train/read_file.hpp>

#include <doctest/doctest.h>

#include "../temporary_folder.hpp"

TEST_CASE("a file is read whole, up to a limit of a gigabyte or another one") {
  temporary_folder const folder;
  std::vector<std::uint8_t> const bytes{3, 1, 4};
  std::string const path = folder.write("file", bytes);
  CHECK(*dyadic::read_file(path.c_str()) == bytes);
  CHECK(dyadic::read_file(path.c_str(), 2).error().kind == dyadic::fault::malformed);
}
