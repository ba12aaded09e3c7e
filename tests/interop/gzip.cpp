#include "dyadic/interop/gzip.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "../temporary_folder.hpp"
#include "dyadic/core/random.hpp"

using namespace dyadic;

namespace {

using bytes = std::vector<std::uint8_t>;

// "dyadic\n" in a stored block, written by hand; its CRC-32 was computed by another program.
bytes const by_hand{0x1f, 0x8b, 8,   0,   0,   0,   0,    0,    0,    3,    1,    7, 0, 0xf8, 0xff,
                    'd',  'y',  'a', 'd', 'i', 'c', '\n', 0xfd, 0xf4, 0xad, 0x37, 7, 0, 0,    0};

bytes zipped(bytes const& contents) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  bytes packed(deflateBound(&stream, contents.size()) + 32);
  stream.next_in = const_cast<Bytef*>(contents.data());
  stream.avail_in = static_cast<uInt>(contents.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

bytes text(std::size_t size) {
  generator source = generator::from(seed{31});
  bytes made(size);
  for (std::uint8_t& byte : made) byte = static_cast<std::uint8_t>('a' + source.below(6));
  return made;
}

bytes operator+(bytes first, bytes const& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

bytes images(std::uint8_t count) {
  bytes file{0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2};
  for (std::uint8_t i = 0; i < 4 * count; ++i) file.push_back(i);
  return file;
}

bytes labels(std::uint8_t count) {
  bytes file{0, 0, 8, 1, 0, 0, 0, count};
  for (std::uint8_t i = 0; i < count; ++i) file.push_back(i % 10);
  return file;
}

// How errors show a file of a folder, or the folder.
std::string shown(temporary_folder const& folder, std::string const& name = "") {
  return shown_path((folder.path() + name).c_str());
}

}  // namespace

TEST_CASE("gzip data written by hand is read") {
  auto const read = gunzip(by_hand);
  REQUIRE(read.has_value());
  CHECK(*read == bytes{'d', 'y', 'a', 'd', 'i', 'c', '\n'});
}

TEST_CASE("contents of any size are read") {
  for (std::size_t const size : {0U, 1U, 65535U, 65536U, 65537U, 300000U}) {
    CAPTURE(size);
    auto const read = gunzip(zipped(text(size)));
    REQUIRE(read.has_value());
    CHECK(*read == text(size));
  }
}

TEST_CASE("the contents of several members follow one another") {
  auto const read = gunzip(zipped(text(70000)) + by_hand + zipped({}) + zipped({42}));
  REQUIRE(read.has_value());
  CHECK(*read == text(70000) + bytes{'d', 'y', 'a', 'd', 'i', 'c', '\n', 42});
}

TEST_CASE("data that is cut anywhere is an error") {
  bytes const whole = zipped(text(500));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    auto const read = gunzip(std::span(whole).first(size), "digits.gz");
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().kind == fault::truncated);
    CHECK(std::string(read.error().what()) ==
          "digits.gz: offset " + std::to_string(size) + ": expected more gzip data, found its end");
  }
}

TEST_CASE("any changed byte is an error or changes nothing") {
  bytes const contents = text(300);
  bytes const whole = zipped(contents);
  std::size_t errors = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      bytes changed = whole;
      changed[at] = static_cast<std::uint8_t>(value);
      if (changed == whole) continue;
      CAPTURE(at);
      CAPTURE(value);
      auto const read = gunzip(changed, "changed", 1000000);
      if (read.has_value())
        CHECK(*read == contents);  // time stamp, flags without meaning, name of the system
      else
        ++errors;
      if (!read.has_value()) CHECK(std::string(read.error().what()).find("changed: offset ") == 0);
    }
  }
  CHECK(errors > 200 * (whole.size() - 10));
}

TEST_CASE("a changed checksum is named as that") {
  bytes changed = by_hand;
  changed[22] ^= 1;
  auto const read = gunzip(changed, "digits.gz");
  CHECK(read.error().kind == fault::bad_checksum);
  CHECK(std::string(read.error().what()) ==
        "digits.gz: offset 26: expected valid gzip data: incorrect data check");
}

TEST_CASE("what follows the last member is an error") {
  CHECK(gunzip(by_hand + bytes{1, 2, 3}).error().kind == fault::malformed);
  CHECK_FALSE(gunzip(by_hand + bytes{0}).has_value());
}

TEST_CASE("contents beyond the limit are an error, however small the data") {
  bytes const bomb = zipped(bytes(50000000));
  CHECK(bomb.size() < 60000);
  auto const read = gunzip(bomb, "bomb", 1000000);
  CHECK(read.error().kind == fault::malformed);
  CHECK(std::string(read.error().what()) ==
        "bomb: expected at most 1000000 bytes when decompressed, found more");
  CHECK(gunzip(zipped(text(1000)), "exact", 1000).has_value());
  CHECK_FALSE(gunzip(zipped(text(1000)), "exact", 999).has_value());
  CHECK(gunzip(zipped({}), "nothing", 0).has_value());
}

TEST_CASE("a file is decompressed where it is gzip, and read as it is elsewhere") {
  temporary_folder const folder;
  auto const packed = read_gzip(folder.write("packed", by_hand).c_str());
  REQUIRE(packed.has_value());
  CHECK(packed->size() == 7);
  auto const plain = read_gzip(folder.write("plain", text(100)).c_str());
  REQUIRE(plain.has_value());
  CHECK(*plain == text(100));
  CHECK(read_gzip((folder.path() + "/none").c_str()).error().kind == fault::cannot_open);
}

TEST_CASE("the four files of MNIST are loaded, compressed or plain") {
  temporary_folder const folder;
  folder.write("train-images-idx3-ubyte.gz", zipped(images(5)));
  folder.write("train-labels-idx1-ubyte", labels(5));
  folder.write("t10k-images-idx3-ubyte", images(3));
  folder.write("t10k-labels-idx1-ubyte.gz", zipped(labels(3)));
  auto const digits = load_mnist(folder.path().c_str());
  REQUIRE(digits.has_value());
  CHECK(digits->train.count() == 5);
  CHECK(digits->train.sample_size == 4);
  CHECK(digits->train.labels == std::vector<std::int32_t>{0, 1, 2, 3, 4});
  CHECK(digits->test.count() == 3);
  CHECK(digits->test.bytes.back() == 11);
}

TEST_CASE("all missing files are listed") {
  temporary_folder const folder;
  auto const none = load_mnist(folder.path().c_str());
  CHECK(none.error().kind == fault::cannot_open);
  CHECK(std::string(none.error().what()) ==
        shown(folder) +
            ": expected four files, .gz or plain; missing: train-images-idx3-ubyte, "
            "train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte");
  folder.write("train-images-idx3-ubyte", images(5));
  folder.write("t10k-labels-idx1-ubyte.gz", zipped(labels(3)));
  CHECK(std::string(load_mnist(folder.path().c_str()).error().what()) ==
        shown(folder) +
            ": expected four files, .gz or plain; missing: train-labels-idx1-ubyte, t10k-images-idx3-ubyte");
}

TEST_CASE("a broken file of the four is named") {
  temporary_folder const folder;
  folder.write("train-images-idx3-ubyte", images(5));
  folder.write("train-labels-idx1-ubyte", labels(4));
  folder.write("t10k-images-idx3-ubyte", images(3));
  folder.write("t10k-labels-idx1-ubyte", labels(3));
  CHECK(std::string(load_mnist(folder.path().c_str()).error().what()) ==
        shown(folder, "/train-labels-idx1-ubyte") +
            ": expected an answer for each of 5 samples, found 4 answers");
  folder.write("train-labels-idx1-ubyte", labels(5));
  folder.write("t10k-images-idx3-ubyte", labels(3));
  CHECK(std::string(load_mnist(folder.path().c_str()).error().what()) ==
        shown(folder, "/t10k-images-idx3-ubyte") + ": expected samples of 4 numbers as in training, found 1");
  folder.write("t10k-images-idx3-ubyte", {});
  CHECK(std::string(load_mnist(folder.path().c_str()).error().what()) ==
        shown(folder, "/t10k-images-idx3-ubyte") + ": offset 0: expected 4 bytes of an IDX header, found 0");
}
