#include <doctest/doctest.h>

#include <dyadic/deploy/number.hpp>

#include <cstdint>
#include <vector>

using namespace dyadic;
using namespace dyadic::model_file;

namespace {

/// Bit k of the little-endian bit string.
bool bit(std::vector<std::byte> const& bytes, std::size_t k) {
  return (static_cast<unsigned>(bytes[k / 8]) >> (k % 8) & 1U) != 0;
}

}  // namespace

TEST_CASE("number i is bits i * width .. of the little-endian bit string") {
  for (int const width : {1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64}) {
    encoding const how{'s', static_cast<std::uint8_t>(width)};
    std::int64_t const lowest = width == 64 ? INT64_MIN : -(std::int64_t{1} << (width - 1));
    std::vector<std::int64_t> const numbers{lowest, -1, 0, lowest / 3, -(lowest + 1), lowest / 2, -1};
    std::vector<std::byte> bytes(bytes_of(how, numbers.size()));
    CHECK(bytes.size() == (numbers.size() * static_cast<std::size_t>(width) + 7) / 8);
    for (std::size_t i = 0; i < numbers.size(); ++i) write_number(how, bytes, i, numbers[i]);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      CAPTURE(width);
      CAPTURE(i);
      CHECK(read_number(how, bytes, i) == numbers[i]);
      for (int k = 0; k < width; ++k)
        CHECK(bit(bytes, i * static_cast<std::size_t>(width) + static_cast<std::size_t>(k)) ==
              ((static_cast<std::uint64_t>(numbers[i]) >> k & 1U) != 0));
    }
  }
}

TEST_CASE("unsigned numbers and floats keep all their bits") {
  std::vector<std::byte> bytes(8);
  write_number(encoding_of<std::uint32_t>, bytes, 1, 0xFFFFFFFF);
  CHECK(read_number(encoding_of<std::uint32_t>, bytes, 1) == 0xFFFFFFFF);
  CHECK(read_number(encoding_of<std::uint32_t>, bytes, 0) == 0);
  write_number(encoding_of<float>, bytes, 0, to_bits(-0.75F));
  CHECK(from_bits<float>(read_number(encoding_of<float>, bytes, 0)) == -0.75F);
  write_number(encoding_of<std::uint64_t>, bytes, 0, to_bits(UINT64_MAX - 1));
  CHECK(from_bits<std::uint64_t>(read_number(encoding_of<std::uint64_t>, bytes, 0)) == UINT64_MAX - 1);
}

TEST_CASE("an encoding is named by family and width") {
  CHECK(encoding_of<std::int8_t> == encoding{'s', 8});
  CHECK(encoding_of<std::uint8_t> == encoding{'u', 8});
  CHECK(encoding_of<std::int64_t> == encoding{'s', 64});
  CHECK(encoding_of<float> == encoding{'f', 32});
}
