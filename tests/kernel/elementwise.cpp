#include "dyadic/kernel/elementwise.hpp"

#include "windows.hpp"

namespace {

using namespace dyadic::kernel;

template <class Code> void compare_pools(unsigned seed) {
  INFO("seed ", seed);
  sweep::generator random(seed);
  auto const shape = sweep::any_window(random, 150);
  auto const image = random.codes<Code>(sweep::product(shape.in_height, shape.in_width, shape.in_channels),
                                        sizeof(Code) == 1 ? 8 : 16);
  std::vector<std::int64_t> largest, average;
  sweep::for_each_pixel(shape, [&](int row, int column) {
    for (int c = 0; c < shape.in_channels; ++c) {
      std::int64_t most = -100000, sum = 0, taps = 0;
      for (int i = 0; i < shape.kernel_height; ++i)
        for (int j = 0; j < shape.kernel_width; ++j) {
          std::int64_t const code =
              sweep::code_at(shape, image, -100000, row * shape.stride_height - shape.pad_top + i,
                             column * shape.stride_width - shape.pad_left + j, c);
          if (code == -100000) continue;
          most = code > most ? code : most;
          sum += code;
          ++taps;
        }
      largest.push_back(most);
      average.push_back(sum * 32 + taps);
    }
  });
  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<Code> codes(largest.size() + 1, Code{77});
    std::vector<std::int64_t> sums(average.size() + 1, 77);
    max_pool(arch, shape, image.data(), codes.data());
    average_pool(
        arch, shape, image.data(), [](std::int32_t sum, int taps) { return std::int64_t{sum} * 32 + taps; },
        sums.data());
    CHECK(codes.back() == 77);
    CHECK(sums.back() == 77);
    codes.pop_back();
    sums.pop_back();
    CHECK(std::vector<std::int64_t>(codes.begin(), codes.end()) == largest);
    CHECK(sums == average);
  });
}

template <class Code> void compare_elements(unsigned seed) {
  INFO("seed ", seed);
  constexpr int bits = static_cast<int>(sizeof(Code)) * 8;
  sweep::generator random(seed);
  std::size_t const count = random.size(1, 200), start = random.size(0, 3);
  auto const a = random.codes<Code>(count + start, bits), b = random.codes<Code>(count + start, bits);
  int const low = static_cast<int>(random(-100, 0)), high = static_cast<int>(random(0, 100));
  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<std::int32_t> sums(count + 1, 77);
    std::vector<Code> held(count + 1, Code{77});
    add(
        arch, count, a.data() + start, b.data() + start,
        [](int left, int right) { return 3 * left - 5 * right; }, sums.data());
    clamp(arch, count, a.data() + start, low, high, held.data());
    int wrong = (sums[count] != 77) + (held[count] != 77);
    for (std::size_t i = 0; i < count; ++i) {
      int const code = a[start + i], other = b[start + i];
      wrong += sums[i] != 3 * code - 5 * other;
      wrong += held[i] != (code > high ? high : code < low ? low : code);
    }
    CHECK(wrong == 0);
  });
}

template <class Code> void compare_tables(unsigned seed) {
  INFO("seed ", seed);
  sweep::generator random(seed);
  std::size_t const count = random.size(1, 40), channels = random.size(1, 20);
  auto const tables = random.codes<Code>(channels * 256, static_cast<int>(sizeof(Code)) * 8);
  std::vector<std::uint8_t> bytes(count * channels);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random(0, 255));
  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<Code> one(bytes.size()), several(bytes.size());
    look_up(arch, bytes.size(), bytes.data(), tables.data(), one.data());
    look_up(arch, count, channels, bytes.data(), tables.data(), several.data());
    int wrong = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      wrong += one[i] != tables[bytes[i]] || several[i] != tables[i % channels * 256 + bytes[i]];
    CHECK(wrong == 0);
  });
}

}  // namespace

TEST_CASE("pools see the codes inside the image only, for any stride and padding") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    compare_pools<std::int8_t>(seed);
    compare_pools<std::int16_t>(seed);
  }
}

TEST_CASE("additions and clamps go element by element, whatever the count and the alignment") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    compare_elements<std::int8_t>(seed);
    compare_elements<std::int16_t>(seed);
  }
}

TEST_CASE("a table look-up takes the table of its channel") {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    compare_tables<std::int8_t>(seed);
    compare_tables<std::int16_t>(seed);
  }
}
