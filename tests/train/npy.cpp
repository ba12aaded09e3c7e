#include <doctest/doctest.h>

#include <dyadic/core/random.hpp>
#include <dyadic/train/npy.hpp>

#include <cstring>
#include <string>
#include <vector>

#include "../temporary_folder.hpp"

using namespace dyadic;

namespace {

using bytes = std::vector<std::uint8_t>;

/// A file as NumPy lays it out: the header filled with spaces to a multiple of 64 bytes.
bytes file_of(std::string const& dictionary, bytes const& numbers, int version = 1) {
  std::string text = dictionary;
  std::size_t const start = version == 1 ? 10 : 12;
  while ((start + text.size() + 1) % 64 != 0) text += ' ';
  text += '\n';
  bytes file{0x93, 'N', 'U', 'M', 'P', 'Y', static_cast<std::uint8_t>(version), 0};
  for (std::size_t i = 0; i < start - 8; ++i)
    file.push_back(static_cast<std::uint8_t>(i < 2 ? text.size() >> (8 * i) : 0));
  file.insert(file.end(), text.begin(), text.end());
  file.insert(file.end(), numbers.begin(), numbers.end());
  return file;
}

std::string dictionary(std::string const& type, std::string const& shape, char const* order = "False") {
  return "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}

template <class Number> bytes as_bytes(std::vector<Number> const& numbers) {
  bytes made(numbers.size() * sizeof(Number));
  std::memcpy(made.data(), numbers.data(), made.size());  // tests run on little-endian machines
  return made;
}

template <class Number> void check_type(char const* type, std::vector<Number> const& numbers) {
  CAPTURE(type);
  std::string const shape = "(" + std::to_string(numbers.size()) + ",)";
  for (int const version : {1, 2, 3}) {
    auto const array = parse_npy(file_of(dictionary(type, shape), as_bytes(numbers), version));
    REQUIRE_MESSAGE(array, array.error().what());
    CHECK(array->dimensions == std::vector<std::size_t>{numbers.size()});
    REQUIRE(array->count() == numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) CHECK((*array)[i] == static_cast<double>(numbers[i]));
  }
}

fault kind_of(std::string const& dictionary, std::size_t numbers = 6) {
  auto const array = parse_npy(file_of(dictionary, bytes(numbers)));
  return array.error().kind;
}

}  // namespace

TEST_CASE("every type is read, in all three versions of the format") {
  check_type<std::uint8_t>("|u1", {0, 1, 127, 128, 255});
  check_type<std::int8_t>("|i1", {0, 1, -1, 127, -128});
  check_type<std::int16_t>("<i2", {0, 1, -1, 32767, -32768});
  check_type<std::int32_t>("<i4", {0, 1, -1, 2147483647, INT32_MIN});
  check_type<std::int64_t>("<i8", {0, 1, -1, 1LL << 52, -(1LL << 52)});
  check_type<float>("<f4", {0, 1.5F, -3e38F, 1e-40F});
  check_type<double>("<f8", {0, 1.5, -1e300, 5e-324});
  check_type<std::uint8_t>("|b1", {0, 1});
}

TEST_CASE("keys come in any order and spacing, and dimensions in any number") {
  auto const array =
      parse_npy(file_of("{\"shape\":( 2 ,3),'fortran_order':False , 'descr' : \"|u1\"}", {1, 2, 3, 4, 5, 6}));
  REQUIRE_MESSAGE(array, array.error().what());
  CHECK(array->dimensions == std::vector<std::size_t>{2, 3});
  CHECK((*array)[5] == 6);
  auto const scalar = parse_npy(file_of(dictionary("|u1", "()"), {7}));
  REQUIRE(scalar);
  CHECK(scalar->dimensions.empty());
  CHECK(scalar->count() == 1);
  CHECK(parse_npy(file_of(dictionary("<f4", "(3, 0)"), {})).value().count() == 0);
  CHECK(parse_npy(file_of(dictionary("<f4", "(0, 9999999999999999999)"), {})).value().count() == 0);
  CHECK(parse_npy(file_of(dictionary("|u1", "(6,)", "True"), bytes(6))));  // one dimension has one order
}

TEST_CASE("headers that lie or are no headers are refused") {
  CHECK(kind_of(dictionary("|u1", "(2, 3)")) == fault::none);
  CHECK(kind_of(dictionary("|u1", "(7,)")) == fault::truncated);
  CHECK(kind_of(dictionary("|u1", "(5,)")) == fault::malformed);
  CHECK(kind_of(dictionary("<f8", "(6,)")) == fault::truncated);
  CHECK(kind_of(dictionary("|u1", "(4294967296, 4294967296)")) == fault::truncated);
  CHECK(kind_of(dictionary("|u1", "(18446744073709551615,)")) == fault::truncated);
  CHECK(kind_of(dictionary("|u1", "(18446744073709551616,)")) == fault::malformed);
  CHECK(kind_of(dictionary("|u1", "(-6,)")) == fault::malformed);
  CHECK(kind_of(dictionary("|u1", "(6")) == fault::malformed);
  CHECK(kind_of(dictionary("|u1", "(6 6)")) == fault::malformed);
  CHECK(kind_of(dictionary("|u1", "(2, 3)", "True")) == fault::not_supported);
  CHECK(kind_of(dictionary("|u1", "(2, 3)", "Maybe")) == fault::malformed);
  CHECK(kind_of(dictionary(">f4", "(6,)")) == fault::not_supported);
  CHECK(kind_of(dictionary("<c8", "(6,)")) == fault::not_supported);
  CHECK(kind_of(dictionary("|O", "(6,)")) == fault::not_supported);
  CHECK(kind_of("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }") == fault::malformed);
  CHECK(kind_of("{'descr': '|u1', 'shape': (6,), }") == fault::malformed);
  CHECK(kind_of("{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (6,), }") ==
        fault::malformed);
  CHECK(kind_of("{'descr': '|u1', 'fortran_order': False, 'shape': (6,), 'more': 1}") == fault::malformed);
  CHECK(kind_of(dictionary("|u1", "(6,)") + "x") == fault::malformed);
  CHECK(kind_of("") == fault::malformed);
  std::string ones = "(6";
  for (int i = 0; i < 31; ++i) ones += ",1";
  CHECK(kind_of(dictionary("|u1", ones + ")")) == fault::none);
  CHECK(kind_of(dictionary("|u1", ones + ",1)")) == fault::malformed);
}

TEST_CASE("a file cut anywhere is an error that names it, and no changed byte does harm") {
  bytes const whole = file_of(dictionary("<f4", "(2, 3)"), bytes(24, 7));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    auto const array = parse_npy(std::span(whole).first(size), "numbers.npy");
    REQUIRE_FALSE(array);
    CHECK(std::string(array.error().what()).find("numbers.npy: ") == 0);
  }
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (int value = 0; value < 256; ++value) {
      bytes changed = whole;
      changed[at] = static_cast<std::uint8_t>(value);
      auto const array = parse_npy(changed);
      if (array) REQUIRE(array->count() * size_of(array->element) == 24);
    }
  CHECK(parse_npy(bytes(200)).error().kind == fault::malformed);
  bytes later = whole;
  later[6] = 4;
  CHECK(parse_npy(later).error().kind == fault::wrong_version);
}

TEST_CASE("random headers are refused without harm") {
  generator random = generator::from(seed{41});
  std::string const letters = "{}(),:'\" 019truefalsdnFTohpc_|<u";
  for (int round = 0; round < 20000; ++round) {
    std::string text = "{";
    for (std::uint32_t i = random.below(40); i-- > 0;) text += letters[random.below(32)];
    CHECK(kind_of(text) != fault::none);
  }
}

TEST_CASE("arrays become a data set: bytes or reals, labels or targets") {
  auto const array = [](char const* type, char const* shape, bytes const& numbers) {
    return parse_npy(file_of(dictionary(type, shape), numbers)).value();
  };
  auto const images = array("|u1", "(2, 2, 2)", {1, 2, 3, 4, 5, 6, 7, 8});
  auto const labelled = make_data_set(images, array("<i8", "(2,)", as_bytes<std::int64_t>({1, 0})));
  REQUIRE(labelled);
  CHECK(labelled->bytes == bytes{1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(labelled->sample_size == 4);
  CHECK(labelled->labels == std::vector<std::int32_t>{1, 0});
  auto const real = make_data_set(array("<f8", "(2, 1)", as_bytes<double>({0.5, -2})),
                                  array("<f4", "(2, 2)", as_bytes<float>({1, 2, 3, 4})));
  REQUIRE(real);
  CHECK(real->reals == std::vector<float>{0.5F, -2});
  CHECK(real->targets == std::vector<float>{1, 2, 3, 4});
  CHECK(real->target_size == 2);

  CHECK(make_data_set(images, array("|u1", "(3,)", {1, 2, 3})).error().kind == fault::wrong_size);
  CHECK(make_data_set(images, array("|u1", "()", {1})).error().kind == fault::wrong_size);
  CHECK(make_data_set(array("|u1", "(0, 4)", {}), images).error().kind == fault::wrong_size);
  CHECK(make_data_set(images, array("<i8", "(2,)", as_bytes<std::int64_t>({1, 1LL << 40}))).error().kind ==
        fault::malformed);
}

TEST_CASE("a .npy file is read from disk") {
  temporary_folder const folder;
  auto const path = folder.write("a.npy", file_of(dictionary("|i1", "(3,)"), {1, 255, 3}));
  auto const array = read_npy(path.c_str());
  REQUIRE(array);
  CHECK((*array)[1] == -1);
  CHECK(read_npy((folder.path() + "/b.npy").c_str()).error().kind == fault::cannot_open);
}
