#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <dyadic/core/result.hpp>
#include <dyadic/train/data.hpp>
#include <dyadic/train/read_file.hpp>

namespace dyadic {

/// A record of CIFAR-10's binary version: a label, then the planes of red, green and blue, row by row.
inline constexpr std::size_t cifar10_side = 32;
inline constexpr std::size_t cifar10_pixels = cifar10_side * cifar10_side;
inline constexpr std::size_t cifar10_sample = 3 * cifar10_pixels;
inline constexpr std::size_t cifar10_record = 1 + cifar10_sample;

/// Adds the records of a file's bytes to a data set of 32 x 32 x 3 images (channels last). `source` names it
/// in errors; on failure the set stays as it was.
inline result<void> append_cifar10(data_set& to, std::span<std::uint8_t const> file,
                                   char const* source = "cifar10") {
  char const* const name = shown_path(source);
  if (!to.bytes.empty() && to.sample_size != cifar10_sample)
    return make_error(fault::wrong_size, "%s: the data set has samples of %zu bytes, CIFAR-10's are %zu",
                      name, to.sample_size, cifar10_sample);
  if (file.empty() || file.size() % cifar10_record != 0)
    return make_error(file.size() < cifar10_record ? fault::truncated : fault::malformed,
                      "%s: expected records of %zu bytes, found %zu bytes", name, cifar10_record,
                      file.size());
  std::size_t const count = file.size() / cifar10_record;
  for (std::size_t i = 0; i < count; ++i)
    if (file[i * cifar10_record] > 9)
      return make_error(fault::malformed, "%s: offset %zu: expected a label 0 to 9, found %d", name,
                        i * cifar10_record, int{file[i * cifar10_record]});
  std::size_t at = to.bytes.size();
  to.sample_size = cifar10_sample;
  to.bytes.resize(at + count * cifar10_sample);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint8_t const* const record = file.data() + i * cifar10_record;
    to.labels.push_back(record[0]);
    for (std::size_t pixel = 0; pixel < cifar10_pixels; ++pixel)
      for (std::size_t channel = 0; channel < 3; ++channel)
        to.bytes[at++] = record[1 + channel * cifar10_pixels + pixel];
  }
  return {};
}

/// Adds a file's records.
inline result<void> append_cifar10_file(data_set& to, char const* path) {
  result<std::vector<std::uint8_t>> const file = read_file(path);
  if (!file) return file.error();
  return append_cifar10(to, *file, path);
}

/// Reads files of CIFAR-10's binary version into one data set.
inline result<data_set> read_cifar10(std::initializer_list<char const*> paths) {
  data_set made;
  for (char const* const path : paths)
    if (auto added = append_cifar10_file(made, path); !added) return added.error();
  return made;
}

struct cifar10 {
  data_set train{};
  data_set test{};
};

/// Loads `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin` from a folder.
inline result<cifar10> load_cifar10(char const* folder) {
  cifar10 all;
  for (int i = 1; i <= 6; ++i) {
    std::string const path =
        std::string(folder) + (i == 6 ? "/test_batch.bin" : "/data_batch_" + std::to_string(i) + ".bin");
    if (auto added = append_cifar10_file(i == 6 ? all.test : all.train, path.c_str()); !added)
      return added.error();
  }
  return all;
}

}  // namespace dyadic
