#include <doctest/doctest.h>

#include <dyadic/train/cifar10.hpp>

#include <string>
#include <vector>

#include "../temporary_folder.hpp"

using namespace dyadic;

namespace {

/// Record r: label r mod 10, and the byte of channel c at pixel p is 7 r + 50 c + p (mod 256).
std::vector<std::uint8_t> records(std::size_t count, std::size_t first = 0) {
  std::vector<std::uint8_t> file;
  for (std::size_t r = first; r < first + count; ++r) {
    file.push_back(static_cast<std::uint8_t>(r % 10));
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t p = 0; p < 1024; ++p) file.push_back(static_cast<std::uint8_t>(7 * r + 50 * c + p));
  }
  return file;
}

void check_record(data_set const& set, std::size_t at, std::size_t r) {
  CHECK(set.labels[at] == static_cast<int>(r % 10));
  std::size_t wrong = 0;
  for (std::size_t p = 0; p < 1024; ++p)
    for (std::size_t c = 0; c < 3; ++c)
      wrong += set.bytes[(at * 1024 + p) * 3 + c] == static_cast<std::uint8_t>(7 * r + 50 * c + p) ? 0U : 1U;
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("planes of colours become pixels of colours") {
  data_set set;
  REQUIRE(append_cifar10(set, records(12)));
  CHECK(set.count() == 12);
  CHECK(set.view().check(3072, 10));
  for (std::size_t r = 0; r < 12; ++r) check_record(set, r, r);
  REQUIRE(append_cifar10(set, records(2, 40)));
  CHECK(set.count() == 14);
  check_record(set, 13, 41);
  check_record(set, 0, 0);
}

TEST_CASE("files follow one another, and the six files of the set are found") {
  temporary_folder const folder;
  for (std::size_t i = 1; i <= 5; ++i)
    folder.write("data_batch_" + std::to_string(i) + ".bin", records(i, 10 * i));
  auto const missing = load_cifar10(folder.path().c_str());
  CHECK(missing.error().kind == fault::cannot_open);
  CHECK(std::string(missing.error().what()).find("test_batch.bin") != std::string::npos);
  auto const path = folder.write("test_batch.bin", records(3));
  auto const all = load_cifar10(folder.path().c_str());
  REQUIRE(all);
  CHECK(all->train.count() == 15);
  check_record(all->train, 14, 54);
  CHECK(all->test.count() == 3);
  CHECK(read_cifar10({path.c_str(), path.c_str()})->count() == 6);
}

TEST_CASE("a file that is no whole number of records, or has a wrong label, changes nothing") {
  data_set set;
  REQUIRE(append_cifar10(set, records(1)));
  auto file = records(3);
  file[2 * 3073] = 10;
  auto const label = append_cifar10(set, file, "batch.bin");
  CHECK(label.error().kind == fault::malformed);
  CHECK(std::string(label.error().what()) == "batch.bin: offset 6146: expected a label 0 to 9, found 10");
  file.pop_back();
  CHECK(append_cifar10(set, file).error().kind == fault::malformed);
  CHECK(append_cifar10(set, std::span(file).first(3072)).error().kind == fault::truncated);
  CHECK(append_cifar10(set, {}).error().kind == fault::truncated);
  CHECK(set.count() == 1);
  set.sample_size = 5;
  CHECK(append_cifar10(set, records(1)).error().kind == fault::wrong_size);
}
