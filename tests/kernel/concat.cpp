#include <dyadic/kernel/concat.hpp>

#include "sweep.hpp"

TEST_CASE("parts of rows are placed behind one another, each through its function") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    INFO("seed ", seed);
    sweep::generator random(seed);
    std::size_t const rows = random.size(1, 9), first = random.size(1, 20), second = random.size(1, 20);
    auto const a = random.codes<std::int8_t>(rows * first, 8);
    auto const b = random.codes<std::int16_t>(rows * second, 16);
    std::vector<int> expected;
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t c = 0; c < first; ++c) expected.push_back(a[row * first + c] + 1);
      for (std::size_t c = 0; c < second; ++c) expected.push_back(-b[row * second + c]);
    }
    sweep::for_each_instruction_set([&](auto arch) {
      using dyadic::kernel::place_channels;
      std::vector<int> y(expected.size());
      std::size_t const all = first + second;
      place_channels(
          arch, rows, first, a.data(), [](int code) { return code + 1; }, 0, all, y.data());
      place_channels(
          arch, rows, second, b.data(), [](int code) { return -code; }, first, all, y.data());
      CHECK(y == expected);
    });
  }
}
