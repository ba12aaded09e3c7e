#include <dyadic/kernel/elementwise.hpp>

#include "window.hpp"

namespace {

using namespace dyadic::kernel;

/// A quotient that shows both arguments.
struct mean_of_two_parts {
  constexpr std::int16_t operator()(std::int32_t sum, int taps) const noexcept {
    return static_cast<std::int16_t>((2 * sum + taps) / (2 * taps));
  }
};

template <class Code> void compare_pools(unsigned seed) {
  sweep::generator random(seed);
  window_shape shape = sweep::window(random, 1);
  if (seed % 6 == 0) {  // global
    shape.kernel_height = shape.in_height;
    shape.kernel_width = shape.in_width;
    shape.pad_top = shape.pad_bottom = shape.pad_left = shape.pad_right = 0;
    shape.out_height = shape.out_width = 1;
  }
  INFO("seed ", seed, ", ", sweep::text(shape).c_str());
  auto const image = random.codes<Code>(sweep::in_size(shape), static_cast<int>(sizeof(Code)) * 8);
  std::vector<Code> largest;
  std::vector<std::int16_t> means;
  bool each_has_a_tap = true;
  sweep::for_each_window(shape, [&](int top, int left) {
    for (int c = 0; c < shape.in_channels; ++c) {
      int taps = 0;
      std::int32_t sum = 0;
      int most = INT32_MIN;
      sweep::for_each_place(shape, top, left, [&](int row, int column) {
        if (!sweep::is_inside(shape, row, column)) return;
        int const code = sweep::at(image, shape, row, column, c, Code{});
        ++taps;
        sum += code;
        most = code > most ? code : most;
      });
      each_has_a_tap = each_has_a_tap && taps > 0;
      largest.push_back(static_cast<Code>(most));
      means.push_back(taps > 0 ? mean_of_two_parts{}(sum, taps) : std::int16_t{0});
    }
  });
  if (!each_has_a_tap) return;
  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<Code> y(largest.size());
    std::vector<std::int16_t> averages(means.size());
    max_pool(arch, shape, image.data(), y.data());
    average_pool(arch, shape, image.data(), mean_of_two_parts{}, averages.data());
    CHECK(y == largest);
    CHECK(averages == means);
  });
}

}  // namespace

TEST_CASE("pools see the taps inside the image, in every instruction set alike") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    compare_pools<std::int8_t>(seed);
    compare_pools<std::int16_t>(seed);
  }
}

TEST_CASE("add, clamp and table look-up treat every element, tails included") {
  for (std::size_t count = 0; count <= 150; ++count) {
    sweep::generator random(static_cast<unsigned>(count) + 1);
    auto const a = random.codes<std::int8_t>(count, 8), b = random.codes<std::int8_t>(count, 8);
    std::vector<std::int16_t> table = random.codes<std::int16_t>(256, 16);
    std::vector<std::uint8_t> const bytes(a.begin(), a.end());
    INFO("count ", count);
    sweep::for_each_instruction_set([&](auto arch) {
      std::vector<std::int8_t> clamped(count + 1, 55);
      std::vector<std::int16_t> sums(count + 1, 555), found(count + 1, 555);
      add(
          arch, count, a.data(), b.data(),
          [](int x, int y) noexcept { return static_cast<std::int16_t>(3 * x - 2 * y); }, sums.data());
      clamp(arch, count, a.data(), -37, 90, clamped.data());
      look_up(arch, count, bytes.data(), table.data(), found.data());
      int wrong = (sums[count] != 555) + (found[count] != 555) + (clamped[count] != 55);
      for (std::size_t i = 0; i < count; ++i) {
        wrong += sums[i] != 3 * a[i] - 2 * b[i];
        wrong += clamped[i] != (a[i] < -37 ? -37 : a[i] > 90 ? 90 : a[i]);
        wrong += found[i] != table[bytes[i]];
      }
      CHECK(wrong == 0);
    });
  }
}

TEST_CASE("a table a channel is looked up by the channel") {
  std::vector<std::int8_t> tables(512);
  tables[7] = 1;
  tables[256 + 7] = 2;
  tables[256 + 9] = 3;
  std::uint8_t const bytes[4]{7, 7, 9, 9};
  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<std::int8_t> y(4);
    look_up(arch, std::size_t{2}, std::size_t{2}, bytes, tables.data(), y.data());
    CHECK(y == std::vector<std::int8_t>{1, 2, 0, 3});
  });
}
