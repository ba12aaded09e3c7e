#include <doctest/doctest.h>

#include <dyadic/train/augment.hpp>
#include <dyadic/train/batches.hpp>

#include <array>
#include <cmath>
#include <set>
#include <vector>

using namespace dyadic;

namespace {

constexpr image_size size{3, 4, 2};
constexpr std::size_t numbers = 24;

/// Images whose number at (y, x, c) is 1 + 8 y + 2 x + c.
data_set images(std::size_t count) {
  data_set set;
  set.sample_size = numbers;
  for (std::size_t i = 0; i < count * numbers; ++i)
    set.bytes.push_back(static_cast<std::uint8_t>(1 + i % numbers));
  set.labels.assign(count, 0);
  return set;
}

std::vector<std::uint8_t> one_batch(data_set const& set, augmentation how, std::uint64_t start = 1,
                                    std::uint64_t epoch = 0, std::size_t position = 0) {
  batches order{set, seed{start}, {.size = 64, .order = sample_order::as_given}};
  augmented source{order, how, size, seed{start}};
  source.begin(epoch, position);
  batch const next = source.next();
  return {next.bytes.begin(), next.bytes.end()};
}

/// What an image is that moved down and right and was mirrored before.
std::vector<std::uint8_t> moved(int down, int right, bool mirrored, std::uint8_t padding) {
  std::vector<std::uint8_t> made;
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 4; ++x)
      for (int c = 0; c < 2; ++c) {
        int const row = y - down, shifted = x - right;
        int const column = mirrored ? 3 - shifted : shifted;
        bool const inside = row >= 0 && row < 3 && shifted >= 0 && shifted < 4;
        made.push_back(inside ? static_cast<std::uint8_t>(1 + 8 * row + 2 * column + c) : padding);
      }
  return made;
}

}  // namespace

TEST_CASE("images that nothing is asked for stay as they are, in their own memory") {
  data_set const set = images(5);
  batches order{set, seed{1}, {.size = 5, .order = sample_order::as_given}};
  augmented source{order, {}, size, seed{1}};
  source.begin(0);
  CHECK(source.next().bytes.data() == set.bytes.data());
  CHECK(source.next().empty());
  CHECK(source.per_epoch() == 1);
}

TEST_CASE("every image is moved and mirrored whole, every way as often as another") {
  std::size_t const count = 64;
  data_set const set = images(count);
  augmentation const how{.mirrored = flip::horizontal, .shift = 1, .padding = 99};
  std::array<int, 18> seen{};
  for (std::uint64_t epoch = 0; epoch < 30; ++epoch) {
    auto const made = one_batch(set, how, 1, epoch);
    REQUIRE(made.size() == count * numbers);
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<std::uint8_t> const image(made.begin() + static_cast<std::ptrdiff_t>(i * numbers),
                                            made.begin() + static_cast<std::ptrdiff_t>((i + 1) * numbers));
      int found = 0;
      for (int way = 0; way < 18; ++way)
        if (image == moved(way / 2 % 3 - 1, way / 6 - 1, way % 2 != 0, 99)) {
          ++seen[static_cast<std::size_t>(way)];
          ++found;
        }
      REQUIRE(found == 1);
    }
  }
  for (int const times : seen) CHECK(std::abs(times - 1920 / 18.0) < 5 * std::sqrt(1920 / 18.0));
}

TEST_CASE("noise has its standard deviation, on reals and on rounded bytes") {
  data_set set;
  set.sample_size = numbers;
  set.bytes.assign(60 * numbers, 100);
  std::set<int> values;
  double sum = 0, squares = 0;
  for (std::uint8_t const byte : one_batch(set, {.noise = 8})) {
    values.insert(byte);
    sum += byte - 100;
    squares += (byte - 100) * (byte - 100);
  }
  double const count = 60 * numbers;
  CHECK(values.size() > 20);
  CHECK(std::abs(sum / count) < 4 * 8 / std::sqrt(count));
  CHECK(std::sqrt(squares / count) == doctest::Approx(8).epsilon(0.1));

  data_set real;
  real.sample_size = numbers;
  real.reals.assign(60 * numbers, 1);
  batches order{real, seed{1}, {.size = 60, .order = sample_order::as_given}};
  augmented source{order, {.noise = 0.5F}, size, seed{1}};
  source.begin(0);
  squares = 0;
  for (float const number : source.next().reals) squares += std::pow(static_cast<double>(number) - 1, 2);
  CHECK(std::sqrt(squares / count) == doctest::Approx(0.5).epsilon(0.1));
}

TEST_CASE("bytes with noise stay within 0 to 255") {
  data_set set;
  set.sample_size = numbers;
  for (std::size_t i = 0; i < 10 * numbers; ++i) set.bytes.push_back(i % 2 == 0 ? 0 : 255);
  auto const made = one_batch(set, {.noise = 30});
  std::size_t kept = 0;
  for (std::size_t i = 0; i < made.size(); ++i) {
    CHECK((i % 2 == 0 ? made[i] < 200 : made[i] > 55));
    kept += made[i] == set.bytes[i] ? 1U : 0U;
  }
  CHECK(kept > 80);  // half of them went beyond the end
  CHECK(kept < 200);
}

TEST_CASE("what becomes of a batch depends on seed, epoch and position alone") {
  data_set const set = images(200);
  augmentation const how{.mirrored = flip::horizontal, .shift = 2, .noise = 1};
  auto const made = one_batch(set, how, 1, 2, 1);
  CHECK(one_batch(set, how, 1, 2, 1) == made);
  CHECK(one_batch(set, how, 2, 2, 1) != made);
  CHECK(one_batch(set, how, 1, 3, 1) != made);
  CHECK(one_batch(set, how, 1, 2, 2) != made);

  batches order{set, seed{1}, {.size = 64, .order = sample_order::as_given}};
  augmented source{order, how, size, seed{1}};
  source.begin(2);
  source.next();
  batch const second = source.next();
  CHECK(std::vector<std::uint8_t>(second.bytes.begin(), second.bytes.end()) == made);
}

TEST_CASE("samples of another size stay as they are") {
  data_set set = images(4);
  set.sample_size = 12;
  CHECK(one_batch(set, {.shift = 2, .noise = 3}) ==
        std::vector<std::uint8_t>(set.bytes.begin(), set.bytes.begin() + 4 * 12));
}
