#include <dyadic/kernel/add_codes.hpp>
#include <dyadic/quantize/rescale/multiplier.hpp>
#include <dyadic/quantize/rescale/xnnpack_fp32.hpp>

#include <algorithm>
#include <bit>
#include <limits>

#include "sweep.hpp"

namespace {

using namespace dyadic;

/// Of every pair of codes, and then of fewer, so that there are tails.
template <class Policy, class Code>
void compare_sums(typename Policy::addition const& by, kernel::sum_output to) {
  constexpr int low = std::numeric_limits<Code>::min();
  std::vector<Code> a, b, expected;
  for (int i = 0; i < 65536; ++i) {
    a.push_back(static_cast<Code>(low + i % 256));
    b.push_back(static_cast<Code>(low + i / 256));
    std::int64_t const code = Policy::apply(by, a.back(), b.back(), to.zero);
    expected.push_back(static_cast<Code>(code < to.low ? to.low : code > to.high ? to.high : code));
  }
  sweep::for_each_instruction_set([&](auto arch) {
    for (std::size_t count = 0; count < 70; ++count) {
      std::size_t const from = count * 911;
      std::vector<Code> y(count + 1, Code{55});
      kernel::add_codes<Policy>(arch, count, a.data() + from, b.data() + from, by, to, y.data());
      CHECK(y.back() == 55);
      y.pop_back();
      CHECK(std::equal(y.begin(), y.end(), expected.begin() + static_cast<std::ptrdiff_t>(from)));
    }
    std::vector<Code> y(a.size());
    kernel::add_codes<Policy>(arch, a.size(), a.data(), b.data(), by, to, y.data());
    CHECK(y == expected);
  });
}

template <class Policy> void compare_additions(unsigned seed) {
  sweep::generator random(seed);
  auto const real = [&](int octaves) {
    return static_cast<float>(random(1 << 16, 1 << 17)) *
           std::bit_cast<float>(static_cast<std::uint32_t>(127 - 16 + random(-octaves, octaves)) << 23);
  };
  int const octaves = seed % 4 == 0 ? 30 : 4;
  int const zero = static_cast<int>(random(-128, 127));
  rescale_operand const a{real(octaves), static_cast<int>(random(-128, 127))};
  rescale_operand const b{real(octaves), static_cast<int>(random(-128, 127))};
  INFO("seed ", seed);
  compare_sums<Policy, std::int8_t>(Policy::add(a, b, real(octaves)), {zero, -128, 127});
  compare_sums<Policy, std::uint8_t>(Policy::add({a.scale, a.zero + 128}, {b.scale, b.zero + 128}, real(4)),
                                     {zero + 128, 3, 250});
}

}  // namespace

TEST_CASE("sums of all pairs of codes have the policy's bits in every instruction set") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    compare_additions<xnnpack_fp32>(seed);
    compare_additions<multiplier<31>>(seed);
    compare_additions<multiplier<16>>(seed);
    compare_additions<multiplier<31, rounding::half_even>>(seed);
  }
}

TEST_CASE("a constant expression adds codes") {
  constexpr bool as_expected = [] {
    std::int8_t const x[2]{4, -128};
    std::int8_t y[2]{};
    auto const by = multiplier<31>::add({1, 0}, {1, 0}, 1);
    kernel::add_codes<multiplier<31>>(kernel::native{}, 2, x, x, by, {0, -128, 127}, y);
    return y[0] == 8 && y[1] == -128;
  }();
  CHECK(as_expected);
}
