#include <bit>
#include <dyadic/kernel/quantize.hpp>
#include <limits>

#include "sweep.hpp"

namespace {

using namespace dyadic;

template <class Code> void compare_codes(std::vector<float> const& x, code_grid where, int low, int high) {
  std::size_t const count = x.size();
  std::vector<Code> expected(count);
  for (std::size_t i = 0; i < count; ++i) expected[i] = static_cast<Code>(encode(x[i], where, low, high));
  sweep::for_each_instruction_set([&](auto arch) {
    std::vector<Code> y(count + 1, Code{55});
    kernel::quantize(arch, count, x.data(), where, low, high, y.data());
    CHECK(y.back() == 55);
    y.pop_back();
    CHECK(y == expected);
  });
}

template <class Code> void compare_grids(std::vector<float> const& x, float scale) {
  constexpr int low = std::numeric_limits<Code>::min(), high = std::numeric_limits<Code>::max();
  for (int const zero : {low, low + 3, (low + high) / 2, high}) {
    INFO("scale ", scale, ", zero ", zero);
    compare_codes<Code>(x, {scale, zero}, low, high);
    compare_codes<Code>(x, {scale, zero}, low + 1, high / 2 + 1);
  }
}

void compare_all_grids(std::vector<float> const& x, float scale) {
  compare_grids<std::int8_t>(x, scale);
  compare_grids<std::uint8_t>(x, scale);
  compare_grids<std::int16_t>(x, scale);
}

}  // namespace

TEST_CASE("reals become the codes of encode in every instruction set: tails, ties, ends, not-a-numbers") {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  constexpr float tiny = std::numeric_limits<float>::denorm_min();
  for (std::size_t count = 0; count < 70; ++count) {
    sweep::generator random(static_cast<unsigned>(count) + 1);
    std::vector<float> x(count);
    for (float& value : x) value = static_cast<float>(random(-70000, 70000)) / 128;
    INFO("count ", count);
    compare_codes<std::int8_t>(x, {0.37F, -5}, -128, 127);
  }
  for (float const scale : {1.0F, 0.125F, 0.1F, 0x1.fffffep-3F, 3.7e-30F, 2.9e30F}) {
    std::vector<float> x{0.0F,  -0.0F,  tiny,      -tiny, infinity, -infinity,
                         1e38F, -1e38F, 0x1p-126F, 1.0F,  -1.0F};
    for (std::uint32_t const bits : {0x7FC0'0000U, 0xFFC0'0000U, 0x7F80'0001U, 0xFFFF'FFFFU})
      x.push_back(std::bit_cast<float>(bits));
    for (int half = -800; half <= 800; ++half)  // ties and their neighbours
      for (int ulps = -1; ulps <= 1; ++ulps) {
        float const tie = static_cast<float>(half) / 2 * scale;
        x.push_back(half == 0 ? tie
                              : std::bit_cast<float>(std::bit_cast<std::uint32_t>(tie) +
                                                     static_cast<std::uint32_t>(ulps)));
      }
    compare_all_grids(x, scale);
  }
}

TEST_CASE("any bit pattern of a real becomes the code of encode") {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    sweep::generator random(seed);
    INFO("seed ", seed);
    std::vector<float> x(20003);
    for (float& value : x) value = std::bit_cast<float>(static_cast<std::uint32_t>(random(0, UINT32_MAX)));
    compare_all_grids(x, 0.0173F * static_cast<float>(seed));
  }
}

TEST_CASE("a constant expression quantizes") {
  static constexpr float x[2]{0.26F, -100};
  static constexpr auto first = [] {
    std::int8_t codes[2]{};
    dyadic::kernel::quantize(dyadic::kernel::native{}, 2, x, {0.5F, 3}, -128, 127, codes);
    return codes[0] == 4 && codes[1] == -128;
  }();
  CHECK(first);
}
