#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/resource.h>

#include <dyadic/deploy/file.hpp>

#include "../temporary_folder.hpp"

using namespace dyadic;
using namespace dyadic::model_file;

namespace {

std::vector<std::byte> some_bytes(std::size_t count, int first = 0) {
  std::vector<std::byte> bytes(count);
  for (std::size_t i = 0; i < count; ++i)
    bytes[i] = static_cast<std::byte>(first + static_cast<int>(i % 251));
  return bytes;
}

std::size_t files_in(std::string const& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] auto const& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

/// No file of this process grows beyond so many bytes: a full disk.
class full_disk {
 public:
  explicit full_disk(rlim_t bytes) : before_{std::signal(SIGXFSZ, SIG_IGN)} {
    getrlimit(RLIMIT_FSIZE, &limit_);
    rlimit const small{bytes, limit_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
  }
  full_disk(full_disk const&) = delete;
  full_disk& operator=(full_disk const&) = delete;
  ~full_disk() {
    setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, before_);
  }

 private:
  rlimit limit_{};
  void (*before_)(int);
};

}  // namespace

TEST_CASE("bytes come back as they were written, and nothing else is left in the folder") {
  temporary_folder const folder;
  std::string const path = folder.path() + "/file";
  for (std::size_t const size : {0U, 1U, 65536U, 200000U}) {
    auto const bytes = some_bytes(size);
    REQUIRE(write_bytes(path, bytes));
    auto const read = read_bytes(path, 200000);
    REQUIRE(read);
    CHECK(*read == bytes);
    CHECK(files_in(folder.path()) == 1);
  }
}

TEST_CASE("a file larger than the limit is not read") {
  temporary_folder const folder;
  std::string const path = folder.path() + "/file";
  REQUIRE(write_bytes(path, some_bytes(1001)));
  CHECK(read_bytes(path, 1001));
  auto const read = read_bytes(path, 1000);
  CHECK(read.error().kind == fault::malformed);
  CHECK(std::string(read.error().what()).find("/file: a file of at most 1000 bytes expected") !=
        std::string::npos);
}

TEST_CASE("a missing file and a folder are errors that name them") {
  temporary_folder const folder;
  auto const missing = read_bytes(folder.path() + "/missing", 1000);
  CHECK(missing.error().kind == fault::cannot_open);
  CHECK(std::string(missing.error().what()).find("/missing: cannot open: ") != std::string::npos);
  CHECK(read_bytes(folder.path(), 1000).error().kind == fault::cannot_open);
}

TEST_CASE("a file in a folder that does not exist is not created") {
  temporary_folder const folder;
  auto const done = write_bytes(folder.path() + "/none/file", some_bytes(10));
  CHECK(done.error().kind == fault::cannot_open);
  CHECK(files_in(folder.path()) == 0);
}

TEST_CASE("when the disk is full the old file stays and no part of the new one") {
  temporary_folder const folder;
  std::string const path = folder.path() + "/file";
  auto const old = some_bytes(500);
  REQUIRE(write_bytes(path, old));
  for (std::size_t const size : {1001U, 100000U}) {
    error failed;
    {
      full_disk const limit{1000};
      failed = write_bytes(path, some_bytes(size, 7)).error();
    }
    CHECK(failed.kind == fault::cannot_open);
    CHECK(std::string(failed.what()).find("/file: cannot write: ") != std::string::npos);
    CHECK(*read_bytes(path, 1000) == old);
    CHECK(files_in(folder.path()) == 1);
  }
}

TEST_CASE("when the name cannot be taken the temporary file is removed") {
  temporary_folder const folder;
  std::string const path = folder.path() + "/name";
  std::filesystem::create_directory(path);
  CHECK(write_bytes(path, some_bytes(10)).error().kind == fault::cannot_open);
  CHECK(files_in(folder.path()) == 1);
  CHECK(std::filesystem::is_directory(path));
}

TEST_CASE("another writer's temporary file is left alone") {
  temporary_folder const folder;
  std::string const path = folder.path() + "/file";
  std::uint8_t const theirs[] = {1, 2, 3};
  folder.write("file.part0", theirs);
  REQUIRE(write_bytes(path, some_bytes(10)));
  CHECK(std::filesystem::file_size(path + ".part0") == 3);
  CHECK(std::filesystem::file_size(path) == 10);
}
