#include "dyadic/kernel/float_elementwise.hpp"

#include "float_oracle.hpp"

namespace {

using namespace float_oracle;
namespace kernel = dyadic::kernel;

TEST_CASE("a bias is added to every row, and its gradient is the sum over the rows") {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    generator random(seed);
    auto const rows = static_cast<std::size_t>(random.integer(0, 300));
    auto const channels = static_cast<std::size_t>(random.integer(1, 50));
    INFO("seed ", seed, ": ", rows, " x ", channels);
    floats const y = random.integers(rows * channels), bias = random.integers(channels);
    floats const before = random.integers(channels);
    doubles shifted(y.size()), gradient = widened(before);
    for (std::size_t i = 0; i < y.size(); ++i) {
      shifted[i] = double{y[i]} + double{bias[i % channels]};
      gradient[i % channels] += double{y[i]};
    }
    for_each_instruction_set([&](auto arch) {
      floats out = y, dbias = before;
      kernel::bias_add(arch, static_cast<std::ptrdiff_t>(rows), static_cast<std::ptrdiff_t>(channels),
                       bias.data(), out.data());
      kernel::bias_gradient(arch, static_cast<std::ptrdiff_t>(rows), static_cast<std::ptrdiff_t>(channels),
                            y.data(), dbias.data());
      CHECK(difference(out, shifted) == 0);
      CHECK(difference(dbias, gradient) == 0);
    });
  }
}

TEST_CASE("a clamp limits, and passes the gradient strictly between its limits") {
  for (float high : {6.0f, INFINITY}) {
    for (std::size_t count : {0u, 1u, 3u, 4u, 15u, 16u, 21u, 100u}) {
      generator random(static_cast<unsigned>(count));
      floats const x = random.integers(count, 8), dy = random.reals(count);
      floats expected(count), gradient(count);
      for (std::size_t i = 0; i < count; ++i) {
        expected[i] = std::fmin(std::fmax(x[i], 0.0f), high);
        gradient[i] = x[i] > 0 && x[i] < high ? dy[i] : 0.0f;
      }
      for_each_instruction_set([&](auto arch) {
        auto const size = static_cast<std::ptrdiff_t>(count);
        floats y(count), dx(count), in_place = x;
        kernel::clamp_forward(arch, size, 0.0f, high, x.data(), y.data());
        CHECK(y == expected);
        kernel::clamp_forward(arch, size, 0.0f, high, in_place.data(), in_place.data());
        CHECK(in_place == expected);
        kernel::clamp_backward(arch, size, 0.0f, high, x.data(), dy.data(), dx.data());
        CHECK(dx == gradient);
        dx = dy;
        kernel::clamp_backward(arch, size, 0.0f, high, y.data(), dx.data(), dx.data());
        CHECK(dx == gradient);
      });
    }
  }
}

}  // namespace
