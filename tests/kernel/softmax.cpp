#include <dyadic/kernel/softmax.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <vector>

#include <dyadic/core/random.hpp>
#include <dyadic/kernel/native.hpp>

using namespace dyadic;

namespace {

struct limits {
  int zero, low, high;
};

/// The largest difference, in steps of the output, between the kernel and softmax in doubles.
template <int Bits, std::size_t Channels, class In, class Out, class Steps>
double largest_error(float in, float out, limits to, bool logarithm, std::uint64_t seed) {
  kernel::exponentials<Bits, Channels> table;
  table.fit(in);
  auto const steps = Steps::fit(in, out);
  generator random = generator::from({seed});
  double largest = 0;
  for (int row = 0; row < 300; ++row) {
    std::vector<In> x(Channels);
    auto const spread = 1U << (1 + random.below(Bits));
    for (In& code : x)
      code = static_cast<In>(static_cast<int>(random.below(spread)) - static_cast<int>(spread / 2));
    std::vector<Out> y(Channels);
    kernel::softmax(kernel::native{}, 1, Channels, table, steps, to, x.data(), y.data());
    double most = -1e9, sum = 0;
    for (In code : x) most = std::fmax(most, double{in} * code);
    for (In code : x) sum += std::exp(double{in} * code - most);
    for (std::size_t c = 0; c < Channels; ++c) {
      double const real = double{in} * x[c] - most - std::log(sum);
      double const wanted = (logarithm ? real : std::exp(real)) / double{out} + to.zero;
      largest = std::fmax(largest, std::fabs(y[c] - std::fmin(std::fmax(wanted, to.low), to.high)));
    }
  }
  return largest;
}

}  // namespace

TEST_CASE("softmax of codes is within half a step of softmax, and hardly more at 16 bits") {
  using kernel::share_steps;
  using bytes = std::int8_t;
  using words = std::int16_t;
  limits const narrow{-128, -128, 127}, wide{0, -32767, 32767};
  INFO("seeds 1 to 5");
  CHECK(largest_error<8, 10, bytes, bytes, share_steps>(0.05F, 1.0F / 255, narrow, false, 1) < 0.501);
  CHECK(largest_error<4, 3, bytes, bytes, share_steps>(0.7F, 1.0F / 255, narrow, false, 2) < 0.501);
  CHECK(largest_error<8, 10, bytes, words, share_steps>(0.05F, 1.0F / 32767, wide, false, 3) < 0.51);
  CHECK(largest_error<16, 10, words, words, share_steps>(0.0004F, 1.0F / 32767, wide, false, 4) < 0.51);
  CHECK(largest_error<8, 1000, bytes, words, share_steps>(0.05F, 1.0F / 32767, wide, false, 5) < 0.6);
}

TEST_CASE("log softmax of codes is within half a step, and hardly more at 16 bits") {
  using kernel::log_share_steps;
  using bytes = std::int8_t;
  using words = std::int16_t;
  limits const narrow{127, -128, 127}, wide{0, -32767, 32767};
  INFO("seeds 1 to 4");
  CHECK(largest_error<8, 10, bytes, bytes, log_share_steps>(0.05F, 0.06F, narrow, true, 1) < 0.501);
  CHECK(largest_error<4, 3, bytes, bytes, log_share_steps>(0.7F, 0.05F, narrow, true, 2) < 0.501);
  CHECK(largest_error<8, 10, bytes, words, log_share_steps>(0.05F, 0.0005F, wide, true, 3) < 0.51);
  CHECK(largest_error<16, 10, words, words, log_share_steps>(0.0004F, 0.001F, wide, true, 4) < 0.51);
}

TEST_CASE("the integer logarithm is too small by less than 2^-25") {
  for (std::uint32_t sum = 1; sum < 0x7000'0000; sum += 1 + sum / 97) {
    INFO("sum ", sum);
    double const short_by = std::log2(static_cast<double>(sum)) - kernel::log2_of(sum) * 0x1p-26;
    CHECK(short_by > -1e-12);
    CHECK(short_by < 0x1p-25);
  }
}

TEST_CASE("softmax is a constant expression, defined for every table and scale") {
  constexpr std::array<std::int8_t, 3> ran = [] {
    kernel::exponentials<8, 3> table{};
    table.fit(0.5F);
    std::array<std::int8_t, 3> const x{10, 10, -100};
    std::array<std::int8_t, 3> y{};
    kernel::softmax(kernel::reference{}, 1, 3, table, kernel::share_steps::fit(0.5F, 1.0F / 256),
                    limits{-128, -128, 127}, x.data(), y.data());
    return y;
  }();
  static_assert(ran == std::array<std::int8_t, 3>{0, 0, -128});
  kernel::exponentials<8, 3> none{};
  std::array<std::int8_t, 3> const x{127, -128, 0};
  std::array<std::int8_t, 3> y{};
  limits const to{0, -128, 127};
  for (float const in : {0x1p-96F, 1.0F, 0x1p96F})
    for (float const out : {0x1p-96F, 1.0F, 0x1p96F}) {
      kernel::softmax(kernel::native{}, 1, 3, none, kernel::share_steps::fit(in, out), to, x.data(),
                      y.data());
      CHECK(y[0] == 0);
      kernel::softmax(kernel::native{}, 1, 3, none, kernel::log_share_steps::fit(in, out), to, x.data(),
                      y.data());
      CHECK(y[0] >= y[1]);
    }
}
