#include "dyadic/train/idx.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../temporary_folder.hpp"

using namespace dyadic;

namespace {

using bytes = std::vector<std::uint8_t>;

bytes header(std::uint8_t element, std::vector<std::uint32_t> const& dimensions) {
  bytes file{0, 0, element, static_cast<std::uint8_t>(dimensions.size())};
  for (std::uint32_t const dimension : dimensions)
    for (int shift = 24; shift >= 0; shift -= 8)
      file.push_back(static_cast<std::uint8_t>(dimension >> shift));
  return file;
}

bytes with(bytes file, bytes const& elements) {
  file.insert(file.end(), elements.begin(), elements.end());
  return file;
}

bytes small_images() { return with(header(8, {2, 2, 3}), {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}); }

std::string complaint(bytes const& file, fault expected) {
  auto const parsed = parse_idx(file, "digits");
  CHECK(parsed.error().kind == expected);
  return parsed.error().what();
}

std::vector<double> numbers(bytes const& file) {
  auto const parsed = parse_idx(file);
  REQUIRE(parsed.has_value());
  std::vector<double> all;
  for (std::size_t i = 0; i < parsed->count(); ++i) all.push_back((*parsed)[i]);
  return all;
}

}  // namespace

TEST_CASE("an array of bytes is read with its dimensions") {
  auto const parsed = parse_idx(small_images());
  REQUIRE(parsed.has_value());
  CHECK(parsed->element == idx_element::unsigned8);
  CHECK(parsed->dimensions == std::vector<std::uint32_t>{2, 2, 3});
  CHECK(parsed->bytes == bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
}

TEST_CASE("every element type is read, most significant byte first") {
  CHECK(numbers(with(header(0x08, {2}), {0, 255})) == std::vector<double>{0, 255});
  CHECK(numbers(with(header(0x09, {3}), {0x7f, 0x80, 0xff})) == std::vector<double>{127, -128, -1});
  CHECK(numbers(with(header(0x0b, {2}), {0x01, 0x02, 0xff, 0xfe})) == std::vector<double>{258, -2});
  CHECK(numbers(with(header(0x0c, {2}), {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfd})) ==
        std::vector<double>{2147483647, -3});
  CHECK(numbers(with(header(0x0d, {2}), {0x3f, 0xc0, 0, 0, 0xc0, 0x20, 0, 0})) ==
        std::vector<double>{1.5, -2.5});
  CHECK(numbers(with(header(0x0e, {1}), {0xbf, 0xe0, 0, 0, 0, 0, 0, 0})) == std::vector<double>{-0.5});
}

TEST_CASE("255 dimensions are read") {
  auto const parsed = parse_idx(with(header(8, std::vector<std::uint32_t>(255, 1)), {42}));
  REQUIRE(parsed.has_value());
  CHECK(parsed->dimensions.size() == 255);
  CHECK((*parsed)[0] == 42);
}

TEST_CASE("a file that is cut anywhere is an error") {
  bytes const file = small_images();
  for (std::size_t size = 0; size < file.size(); ++size) {
    CAPTURE(size);
    complaint(bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)), fault::truncated);
  }
}

TEST_CASE("any change of a header byte is an error") {
  bytes const file = small_images();
  for (std::size_t at = 0; at < 16; ++at) {
    for (int value = 0; value < 256; ++value) {
      bytes changed = file;
      changed[at] = static_cast<std::uint8_t>(value);
      if (changed == file || (at == 2 && value == 0x09)) continue;  // signed8 has the same size
      CAPTURE(at);
      CAPTURE(value);
      CHECK_FALSE(parse_idx(changed).has_value());
    }
  }
}

TEST_CASE("errors say where, what was expected and what was found") {
  CHECK(complaint({0, 0, 8}, fault::truncated) ==
        "digits: offset 0: expected 4 bytes of an IDX header, found 3");
  CHECK(complaint({0, 1, 8, 1}, fault::malformed) ==
        "digits: offset 0: expected the two zero bytes of an IDX header, found 00 01");
  CHECK(complaint({0, 0, 0x0a, 1}, fault::malformed) ==
        "digits: offset 2: expected an element type 08, 09, 0b, 0c, 0d or 0e, found 0a");
  CHECK(complaint({0, 0, 8, 0}, fault::malformed) ==
        "digits: offset 3: expected 1 or more dimensions, found 0");
  CHECK(complaint({0, 0, 8, 2, 0, 0, 0}, fault::truncated) ==
        "digits: offset 4: expected 8 bytes of dimensions, found 3");
  CHECK(complaint(header(8, {3, 0}), fault::truncated) ==
        "digits: offset 4: dimension 0 is 3: expected at least 3 bytes of elements, found 0");
  CHECK(complaint(with(header(8, {1, 0}), {7}), fault::malformed) ==
        "digits: offset 8: expected a dimension of 1 or more, found 0");
  CHECK(complaint(with(header(0x0b, {2, 3}), {1, 2, 3, 4}), fault::truncated) ==
        "digits: offset 8: dimension 1 is 3: expected at least 12 bytes of elements, found 4");
  CHECK(complaint(with(header(8, {2}), {1, 2, 3}), fault::malformed) ==
        "digits: offset 10: expected the end after 2 bytes of elements, found 3");
}

TEST_CASE("gzip data is named as what it is") {
  CHECK(complaint({0x1f, 0x8b, 8, 0}, fault::malformed).find("found gzip") != std::string::npos);
}

TEST_CASE("hostile lengths are compared with the data that is there") {
  CHECK(
      complaint(with(header(8, {0xffffffff, 0xffffffff, 0xffffffff}), {1, 2}), fault::truncated) ==
      "digits: offset 4: dimension 0 is 4294967295: expected at least 4294967295 bytes of elements, found 2");
  // Products that would come back to a small number in 64 bits.
  complaint(with(header(8, {1, 0x80000000, 0x80000000, 4}), {1}), fault::truncated);
  complaint(with(header(0x0e, {0x80000000, 0x40000000}), bytes(8)), fault::truncated);
  complaint(header(8, std::vector<std::uint32_t>(255, 0xffffffff)), fault::truncated);
  complaint(header(8, {0, 0xffffffff}), fault::malformed);
}

TEST_CASE("images and labels from files become a data set of bytes") {
  temporary_folder const folder;
  std::string const images = folder.write("images", small_images());
  std::string const labels = folder.write("labels", with(header(8, {2}), {9, 250}));
  auto const digits = read_digits(images.c_str(), labels.c_str());
  REQUIRE(digits.has_value());
  CHECK(digits->count() == 2);
  CHECK(digits->sample_size == 6);
  CHECK(digits->bytes[6] == 7);
  CHECK(digits->labels == std::vector<std::int32_t>{9, 250});
  CHECK(digits->view().check(6, 251).has_value());
}

TEST_CASE("other samples become reals, and other answers targets") {
  auto samples = parse_idx(with(header(0x0b, {2, 2}), {0, 1, 0, 2, 0xff, 0xff, 0, 4}));
  auto const answers = parse_idx(with(header(0x0d, {2}), {0x3f, 0x80, 0, 0, 0xbf, 0, 0, 0}));
  auto const made = make_data_set(std::move(*samples), *answers);
  REQUIRE(made.has_value());
  CHECK(made->bytes.empty());
  CHECK(made->reals == std::vector<float>{1, 2, -1, 4});
  CHECK(made->targets == std::vector<float>{1, -0.5f});
  CHECK(made->target_size == 1);
  CHECK(made->view().check(2, 1).has_value());
}

TEST_CASE("integer answers of several numbers become targets") {
  auto samples = parse_idx(with(header(8, {1, 2}), {1, 2}));
  auto const answers = parse_idx(with(header(8, {1, 3}), {0, 1, 0}));
  auto const made = make_data_set(std::move(*samples), *answers);
  REQUIRE(made.has_value());
  CHECK(made->target_size == 3);
  CHECK(made->targets == std::vector<float>{0, 1, 0});
  CHECK(made->labels.empty());
}

TEST_CASE("a wrong pair of files is an error that names the file and both counts") {
  temporary_folder const folder;
  std::string const images = folder.write("images", small_images());
  std::string const labels = folder.write("labels", with(header(8, {3}), {1, 2, 3}));
  auto const digits = read_digits(images.c_str(), labels.c_str());
  CHECK(digits.error().kind == fault::wrong_size);
  CHECK(std::string(digits.error().what()) ==
        std::string(shown_path(labels.c_str())) +
            ": expected an answer for each of 2 samples, found 3 answers");
  CHECK(read_digits((folder.path() + "/none").c_str(), labels.c_str()).error().kind == fault::cannot_open);
  CHECK(read_digits(images.c_str(), (folder.path() + "/none").c_str()).error().kind == fault::cannot_open);
  CHECK(make_data_set({}, {}).error().kind == fault::malformed);
}
