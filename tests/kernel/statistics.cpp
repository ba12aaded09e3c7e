#include <dyadic/kernel/statistics.hpp>

#include "sweep.hpp"

namespace {

using namespace dyadic::kernel;

struct measured {
  std::vector<std::int32_t> minimum, maximum;
  std::vector<std::int64_t> sum;
  std::vector<double> squares;

  explicit measured(std::size_t channels)
      : minimum(channels), maximum(channels), sum(channels), squares(channels) {}
  template <class Arch>
  measured(Arch arch, std::vector<std::int32_t> const& values, std::size_t channels) : measured(channels) {
    statistics(arch, values.data(), values.size() / channels, channels,
               {minimum.data(), maximum.data(), sum.data(), squares.data()});
  }
  bool operator==(measured const&) const = default;
};

/// The definition, channel by channel: squares summed exactly in 128 bits where the contract says exactly.
measured expected(std::vector<std::int32_t> const& values, std::size_t channels) {
  measured result(channels);
  std::size_t const rows = values.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    result.minimum[c] = INT32_MAX;
    result.maximum[c] = INT32_MIN;
    for (std::size_t first = 0; first < rows; first += 256) {
      __extension__ unsigned __int128 squares = 0;
      double one_by_one = 0;
      bool large = false;
      for (std::size_t row = first; row < rows && row < first + 256; ++row) {
        std::int64_t const value = values[row * channels + c];
        if (value < result.minimum[c]) result.minimum[c] = static_cast<std::int32_t>(value);
        if (value > result.maximum[c]) result.maximum[c] = static_cast<std::int32_t>(value);
        result.sum[c] += value;
        squares += static_cast<std::uint64_t>(value * value);
        one_by_one += static_cast<double>(value * value);
        large = large || value > (1 << 27) || value < -(1 << 27);
      }
      result.squares[c] += large ? one_by_one : static_cast<double>(squares);
    }
  }
  return result;
}

}  // namespace

TEST_CASE(
    "statistics of accumulators are the same numbers at every instruction set, sums of squares to the last "
    "bit") {
  for (unsigned seed = 1; seed <= 120; ++seed) {
    sweep::generator random(seed);
    std::size_t const rows = random.size(1, seed % 8 == 0 ? 1500 : 300), channels = random.size(1, 70);
    int const bits = static_cast<int>(random(1, 31));
    INFO("seed ", seed, ", rows ", rows, ", channels ", channels, ", bits ", bits);
    std::vector<std::int32_t> values(rows * channels);
    for (auto& value : values) value = static_cast<std::int32_t>(random.scaled(bits));
    if (seed % 5 == 0) values[random.size(0, values.size() - 1)] = INT32_MIN;
    measured const by_definition = expected(values, channels);
    sweep::for_each_instruction_set(
        [&](auto arch) { CHECK(measured(arch, values, channels) == by_definition); });
  }
}

TEST_CASE("the largest magnitude whose squares are summed exactly does not overflow") {
  for (std::int32_t const value : {1 << 27, -(1 << 27), (1 << 27) + 1, INT32_MAX, INT32_MIN}) {
    std::vector<std::int32_t> const values(256 * 33, value);
    measured const by_definition = expected(values, 33);
    sweep::for_each_instruction_set([&](auto arch) { CHECK(measured(arch, values, 33) == by_definition); });
  }
}
