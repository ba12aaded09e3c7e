#include <doctest/doctest.h>

#include <dyadic/deploy/section.hpp>

#include <string>
#include <vector>

using namespace dyadic;
using namespace dyadic::model_file;

namespace {

std::string text_of(std::vector<std::byte> const& bytes, std::size_t at, std::size_t count) {
  return {reinterpret_cast<char const*>(bytes.data()) + at, count};
}
std::uint64_t integer_of(std::vector<std::byte> const& bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value * 256 + static_cast<std::uint64_t>(bytes[at + i]);
  return value;
}

}  // namespace

TEST_CASE("a file is a header, sections and a checksum, byte for byte as documented") {
  writer to{engine_kind::trainable};
  to.begin_text(kinds::description);
  to.append("ab");
  auto const place = to.begin_tensor(kinds::tensor, "w", {'s', 4}, extents(3), optional);
  REQUIRE(place.size() == 2);
  for (std::size_t i = 0; i < 3; ++i) write_number({'s', 4}, place, i, static_cast<int>(i) - 1);
  auto const bytes = to.finish();

  std::size_t const first = 32, second = first + 24 + 2, content = second + 24,
                    end = content + 2 + 1 + 1 + 4 + 2;
  REQUIRE(bytes.size() == end + 4);
  CHECK(text_of(bytes, 0, 8) == "DYADIC\r\n");
  CHECK(integer_of(bytes, 8, 4) == 1);
  CHECK(text_of(bytes, 12, 4) == "qat ");
  CHECK(integer_of(bytes, 16, 8) == bytes.size());
  CHECK(integer_of(bytes, 24, 4) == 2);
  CHECK(integer_of(bytes, 28, 4) == checksum(std::span(bytes).first(28)));

  CHECK(text_of(bytes, first, 5) == "net t");
  CHECK(integer_of(bytes, first + 5, 1) == 8);
  CHECK(integer_of(bytes, first + 6, 2) == 0);
  CHECK(integer_of(bytes, first + 8, 8) == 2);
  CHECK(integer_of(bytes, first + 16, 4) == checksum(std::span(bytes).subspan(first + 24, 2)));
  CHECK(integer_of(bytes, first + 20, 4) == checksum(std::span(bytes).subspan(first, 20)));
  CHECK(text_of(bytes, first + 24, 2) == "ab");

  CHECK(text_of(bytes, second, 5) == "tnsrs");
  CHECK(integer_of(bytes, second + 5, 1) == 4);
  CHECK(integer_of(bytes, second + 6, 2) == 1);
  CHECK(integer_of(bytes, second + 8, 8) == 10);
  CHECK(integer_of(bytes, content, 2) == 1);
  CHECK(text_of(bytes, content + 2, 1) == "w");
  CHECK(integer_of(bytes, content + 3, 1) == 1);
  CHECK(integer_of(bytes, content + 4, 4) == 3);
  CHECK(integer_of(bytes, content + 8, 2) == 0x10F);  // -1, 0, 1 in four bits each
  CHECK(integer_of(bytes, end, 4) == checksum(std::span(bytes).first(end)));
}
