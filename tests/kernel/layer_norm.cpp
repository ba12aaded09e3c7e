#include <dyadic/kernel/layer_norm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include <dyadic/core/random.hpp>

using namespace dyadic;

namespace {

/// The largest difference, in steps of 2^-16, between the kernel and the formula in long doubles.
template <class Code>
double largest_error(std::size_t channels, int spread, std::int64_t epsilon, std::uint64_t seed) {
  generator random = generator::from({seed});
  double largest = 0;
  for (int row = 0; row < 200; ++row) {
    std::vector<Code> x(channels);
    for (Code& code : x)
      code =
          static_cast<Code>(static_cast<int>(random.below(static_cast<std::uint32_t>(spread))) - spread / 2);
    auto const normalize = kernel::row_normalizer::of(x.data(), channels, epsilon);
    long double mean = 0, variance = 0;
    auto const count = static_cast<long double>(channels);
    for (Code code : x) mean += code / count;
    for (Code code : x) variance += (code - mean) * (code - mean) / count;
    for (Code code : x) {
      auto const wanted =
          (code - mean) / std::sqrt(variance + static_cast<long double>(epsilon) / count / count);
      std::int32_t const found = normalize(code);
      largest = std::fmax(largest, std::fabs(static_cast<double>(found - wanted * 65536)));
      CHECK(std::abs(std::int64_t{found}) <= kernel::largest_normalized(channels));
    }
  }
  return largest;
}

}  // namespace

TEST_CASE("a normalized code is the formula's value, rounded once to 2^-16") {
  for (std::uint64_t seed = 1; seed < 4; ++seed) {
    INFO("seed ", seed);
    CHECK(largest_error<std::int8_t>(2, 256, 1, seed) < 0.51);
    CHECK(largest_error<std::int8_t>(7, 256, 40, seed) < 0.51);
    CHECK(largest_error<std::int8_t>(64, 3, 1000, seed) < 0.51);
    CHECK(largest_error<std::int16_t>(33, 65536, 12345, seed) < 0.51);
    CHECK(largest_error<std::int16_t>(48, 300, std::int64_t{1} << 40, seed) < 0.51);
  }
}

TEST_CASE("the longest rows of the widest codes stay within their bounds") {
  std::size_t const channels = kernel::most_normalized;
  std::vector<std::int16_t> x(channels, -32768);
  for (std::size_t c = 0; c < channels; c += 2) x[c] = 32767;
  auto const even = kernel::row_normalizer::of(x.data(), channels, kernel::largest_epsilon);
  CHECK(even(32767) > 0);
  CHECK(even(32767) == -even(-32768));
  auto const bare = kernel::row_normalizer::of(x.data(), channels, 1);
  CHECK(bare(32767) == 65536);
  CHECK(bare(-32768) == -65536);
  for (std::int16_t& code : x) code = -32768;
  x[5] = 32767;
  auto const one = kernel::row_normalizer::of(x.data(), channels, 1);
  CHECK(std::fabs(one(32767) - std::sqrt(32767.0) * 65536) < 1);
  CHECK(one(32767) <= kernel::largest_normalized(channels));
}

TEST_CASE("equal codes are at 0, whatever they are") {
  std::int8_t const x[] = {-128, -128, -128};
  static_assert(kernel::epsilon_of(1e-5, 1e-3F, 3) == 90);
  CHECK(kernel::row_normalizer::of(x, 3, 1)(-128) == 0);
}

TEST_CASE("epsilon is counted in steps of the input, at least one and never too many") {
  CHECK(kernel::epsilon_of(1e-5, 1, 10) == 1);
  CHECK(kernel::epsilon_of(1e-5, 0.01F, 16) == 26);
  CHECK(kernel::epsilon_of(1e-5, 0x1p-96F, 32768) == kernel::largest_epsilon);
}
