#include <doctest/doctest.h>

#include <dyadic/deploy/checksum.hpp>

#include <span>
#include <string_view>

namespace {

std::span<std::byte const> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

TEST_CASE("the checksum is zlib's CRC-32") {
  using dyadic::model_file::checksum;
  CHECK(checksum(bytes("123456789")) == 0xCBF43926U);
  CHECK(checksum(bytes("The quick brown fox jumps over the lazy dog")) == 0x414FA339U);
  CHECK(checksum({}) == 0);
}

TEST_CASE("a checksum goes on from that of what stands before") {
  using dyadic::model_file::checksum;
  CHECK(checksum(bytes("6789"), checksum(bytes("12345"))) == checksum(bytes("123456789")));
}
