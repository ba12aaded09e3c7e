#include "dyadic/kernel/statistics.hpp"

#include <bit>

#include "sweep.hpp"

namespace {

using namespace dyadic::kernel;

struct results {
  explicit results(std::size_t channels)
      : minimum(channels, 5), maximum(channels, 5), sum(channels, 5), sum_of_squares(channels, 5) {}
  channel_statistics target() { return {minimum.data(), maximum.data(), sum.data(), sum_of_squares.data()}; }

  std::vector<std::int32_t> minimum, maximum;
  std::vector<std::int64_t> sum;
  std::vector<double> sum_of_squares;
};

void compare(unsigned seed, std::size_t most_rows, int bits) {
  sweep::generator random(seed);
  std::size_t const rows = random.size(1, most_rows), channels = random.size(1, 20);
  INFO("seed ", seed, ", rows ", rows, ", channels ", channels, ", bits ", bits);
  std::vector<std::int32_t> sums(rows * channels);
  for (auto& sum : sums)
    sum = random(0, 15) == 0 ? static_cast<std::int32_t>(-(std::int64_t{1} << bits))
                             : static_cast<std::int32_t>(random.scaled(bits));
  results first(channels);
  statistics(reference{}, sums.data(), rows, channels, first.target());
  for (std::size_t c = 0; c < channels; ++c) {
    std::int64_t low = INT64_MAX, high = INT64_MIN, sum = 0;
    long double squares = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      std::int64_t const value = sums[row * channels + c];
      low = value < low ? value : low;
      high = value > high ? value : high;
      sum += value;
      squares += static_cast<long double>(value * value);
    }
    CHECK(first.minimum[c] == low);
    CHECK(first.maximum[c] == high);
    CHECK(first.sum[c] == sum);
    long double const error = squares - static_cast<long double>(first.sum_of_squares[c]);
    CHECK((error < 0 ? -error : error) <= squares * 0x1p-44L);
    // Squares whose sum a double holds come out exact.
    if (squares < 0x1p53L) CHECK(error == 0);
  }
  sweep::for_each_instruction_set([&](auto arch) {
    results other(channels);
    statistics(arch, sums.data(), rows, channels, other.target());
    CHECK(other.minimum == first.minimum);
    CHECK(other.maximum == first.maximum);
    CHECK(other.sum == first.sum);
    int wrong = 0;
    for (std::size_t c = 0; c < channels; ++c)
      wrong += std::bit_cast<std::uint64_t>(other.sum_of_squares[c]) !=
               std::bit_cast<std::uint64_t>(first.sum_of_squares[c]);
    CHECK(wrong == 0);
  });
}

}  // namespace

TEST_CASE("statistics are exact over more rows than one block and the same at every instruction set") {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    compare(seed, 700, 10);
    compare(seed, 700, 27);
    compare(seed, 20, 20);
  }
}

TEST_CASE("statistics of the largest accumulators do not overflow") {
  for (unsigned seed = 1; seed <= 30; ++seed) compare(seed, 700, 31);
}
