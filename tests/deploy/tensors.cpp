#include <doctest/doctest.h>

#include <dyadic/deploy/tensors.hpp>

#include <string>
#include <vector>

using namespace dyadic;
using namespace dyadic::model_file;

namespace {

/// A file with one tensor "a.b" of three int8 numbers.
std::vector<std::byte> file_of(encoding how = {'s', 8}, extents size = extents(3), char const* name = "a.b") {
  writer to{engine_kind::integer};
  auto const place = to.begin_tensor(kinds::tensor, name, how, size);
  for (std::size_t i = 0; i < size.count(); ++i) write_number(how, place, i, static_cast<int>(i) - 1);
  return to.finish();
}

/// What a reader that expects that tensor says.
std::string read(std::vector<std::byte> const& bytes, integer_range allowed = {-1, 1}) {
  auto const opened = open_sections(bytes, "file");
  REQUIRE(opened);
  tensor_reader reader{*opened, "file"};
  std::int8_t numbers[3]{};
  reader.stage("a", [&] { reader.numbers("b", numbers, 3, allowed); });
  auto const done = reader.finish();
  if (!done) return done.error().what();
  CHECK(numbers[0] == -1);
  CHECK(numbers[2] == 1);
  return "read";
}

}  // namespace

TEST_CASE("a tensor is found by its path and checked against encoding, extents and range") {
  CHECK(read(file_of()) == "read");
  CHECK(read(file_of({'s', 8}, extents(3), "a.c")) == "file: there is no \"tnsr\" section for \"a.b\"");
  CHECK(read(file_of({'s', 16})) ==
        "file: tensor \"a.b\" at offset 32: numbers \"s8\" expected, \"s16\" found");
  CHECK(read(file_of({'h', 8})) == "file: tensor \"a.b\" at offset 32: encoding \"h8\" is not known");
  CHECK(read(file_of({'s', 8}, extents(4))) ==
        "file: tensor \"a.b\" at offset 32: 3 numbers of rank 1 expected, 4 of rank 1 found");
  CHECK(read(file_of({'s', 8}, extents(3, 1))) ==
        "file: tensor \"a.b\" at offset 32: 3 numbers of rank 1 expected, 3 of rank 2 found");
  CHECK(read(file_of(), {-1, 0}) == "file: tensor \"a.b\": number 2: -1 to 0 expected, 1 found");
  CHECK(read(file_of(), {0, 1}) == "file: tensor \"a.b\": number 0: 0 to 1 expected, -1 found");
}

TEST_CASE("a tensor that nothing asked for is an error") {
  writer to{engine_kind::integer};
  for (char const* name : {"a.b", "a.b"}) {
    auto const place = to.begin_tensor(kinds::tensor, name, {'s', 8}, extents(3));
    for (std::size_t i = 0; i < 3; ++i) write_number({'s', 8}, place, i, static_cast<int>(i) - 1);
  }
  CHECK(read(to.finish()) == "file: 1 tensors expected, 2 found");
}

TEST_CASE("paths join stages, groups and indices of lists") {
  std::vector<std::string> seen;
  path names;
  names.group("stages", [&] {
    names.stage("outer", [&] {
      names.group("body", [&] { names.stage("outer/inner", [&] { seen.push_back(names.of("weights")); }); });
      names.list("averages", 2, [&](std::size_t) { seen.push_back(names.of("shift")); });
    });
    names.group("output", [&] { seen.push_back(names.of("zero")); });
  });
  names.group("output", [&] { seen.push_back(names.of("zero")); });
  CHECK(seen == std::vector<std::string>{"outer/inner.weights", "outer.averages.0.shift",
                                         "outer.averages.1.shift", "stages.output.zero", "output.zero"});
}
