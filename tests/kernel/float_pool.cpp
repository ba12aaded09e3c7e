#include "dyadic/kernel/float_pool.hpp"

#include "float_oracle.hpp"

namespace {

using namespace float_oracle;
namespace kernel = dyadic::kernel;

// Every window of these holds a tap inside the image.
window_shape random_window(generator& random) {
  int const kernel_height = random.integer(1, 4), kernel_width = random.integer(1, 4);
  int const channels = random.integer(0, 2) == 0 ? random.integer(1, 40) : random.integer(1, 9);
  int const smallest = kernel_height < kernel_width ? kernel_height : kernel_width;
  int const pad = smallest > 1 ? random.integer(0, 1) : 0;
  return window(kernel_height + random.integer(0, 7), kernel_width + random.integer(0, 7), channels, channels,
                kernel_height, kernel_width, random.integer(1, 3), pad);
}

doubles average(window_shape const& s, std::size_t images, doubles const& x) {
  auto const channels = static_cast<std::size_t>(s.in_channels);
  doubles y(images * outputs(s)), count(y.size());
  for (std::size_t image = 0; image < images; ++image)
    for_each_tap(s, [&](std::size_t to, std::size_t, std::size_t from) {
      for (std::size_t c = 0; c < channels; ++c) {
        y[image * outputs(s) + to * channels + c] += x[image * inputs(s) + from * channels + c];
        count[image * outputs(s) + to * channels + c] += 1;
      }
    });
  for (std::size_t i = 0; i < y.size(); ++i) y[i] /= count[i];
  return y;
}

struct maximum {
  doubles y;
  std::vector<int> tap;
};
maximum maxima(window_shape const& s, std::size_t images, doubles const& x) {
  auto const channels = static_cast<std::size_t>(s.in_channels);
  maximum result{doubles(images * outputs(s), -INFINITY), std::vector<int>(images * outputs(s))};
  for (std::size_t image = 0; image < images; ++image)
    for_each_tap(s, [&](std::size_t to, std::size_t tap, std::size_t from) {
      for (std::size_t c = 0; c < channels; ++c) {
        double const value = x[image * inputs(s) + from * channels + c];
        double& best = result.y[image * outputs(s) + to * channels + c];
        if (!(value > best)) continue;
        best = value;
        result.tap[image * outputs(s) + to * channels + c] = static_cast<int>(tap);
      }
    });
  return result;
}

template <class Index, class Arch>
void check_maximum(Arch arch, window_shape const& s, std::size_t images, floats const& x, floats const& dy,
                   doubles const& dx_expected) {
  auto const count = static_cast<std::ptrdiff_t>(images);
  maximum const expected = maxima(s, images, widened(x));
  floats y(images * outputs(s)), dx(x.size(), 9.0f);
  std::vector<Index> argmax(y.size());
  kernel::max_pool_forward(arch, s, count, x.data(), y.data(), static_cast<Index*>(nullptr));
  CHECK(difference(y, expected.y) == 0);
  kernel::max_pool_forward(arch, s, count, x.data(), y.data(), argmax.data());
  CHECK(difference(y, expected.y) == 0);
  CHECK(std::vector<int>(argmax.begin(), argmax.end()) == expected.tap);
  kernel::max_pool_backward(arch, s, count, argmax.data(), dy.data(), dx.data());
  CHECK(difference(dx, dx_expected) == 0);
}

TEST_CASE("a maximum pool finds the first maximum and gives the gradient to it alone") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    generator random(seed);
    window_shape const s = random_window(random);
    auto const images = static_cast<std::size_t>(random.integer(1, 2));
    INFO("seed ", seed, ": ", s.in_height, " x ", s.in_width, " x ", s.in_channels, ", kernel ",
         s.kernel_height, " x ", s.kernel_width, ", stride ", s.stride_height, ", pad ", s.pad_top);
    floats const x = random.integers(images * inputs(s), 5);  // with many ties
    floats const dy = random.integers(images * outputs(s));
    auto const channels = static_cast<std::size_t>(s.in_channels);
    maximum const found = maxima(s, images, widened(x));
    doubles dx(x.size());
    for (std::size_t image = 0; image < images; ++image)
      for_each_tap(s, [&](std::size_t to, std::size_t tap, std::size_t from) {
        for (std::size_t c = 0; c < channels; ++c)
          if (found.tap[image * outputs(s) + to * channels + c] == static_cast<int>(tap))
            dx[image * inputs(s) + from * channels + c] += double{dy[image * outputs(s) + to * channels + c]};
      });
    for_each_instruction_set([&](auto arch) {
      check_maximum<std::uint8_t>(arch, s, images, x, dy, dx);
      check_maximum<std::int32_t>(arch, s, images, x, dy, dx);
    });
  }
}

TEST_CASE("the gradient of a maximum pool without ties is that of central differences") {
  generator random(3);
  window_shape const s = window(5, 6, 7, 7, 3, 2, 2, 1);
  floats x(inputs(s));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>((i * 71) % 211);
  floats const dy = random.integers(outputs(s));
  doubles const dx = central_differences(
      widened(x), widened(dy), [&](doubles const& at) { return maxima(s, 1, at).y; }, 0.25);
  for_each_instruction_set([&](auto arch) { check_maximum<std::uint8_t>(arch, s, 1, x, dy, dx); });
}

TEST_CASE("a window of more taps than a small table holds has its gradient at the maximum too") {
  generator random(9);
  window_shape const s = window(11, 10, 5, 5, 10, 9, 1, 0);
  floats x(inputs(s));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>((i * 197) % 557);
  floats const dy = random.integers(outputs(s));
  doubles const dx = central_differences(
      widened(x), widened(dy), [&](doubles const& at) { return maxima(s, 1, at).y; }, 0.25);
  for_each_instruction_set([&](auto arch) { check_maximum<std::uint8_t>(arch, s, 1, x, dy, dx); });
}

TEST_CASE("a maximum of negative infinities is one of them") {
  window_shape const s = window(2, 2, 5, 5, 2, 2, 2, 0);
  for_each_instruction_set([&](auto arch) {
    floats const x(inputs(s), -INFINITY);
    floats y(5);
    std::vector<std::uint8_t> argmax(5, 9);
    kernel::max_pool_forward(arch, s, 1, x.data(), y.data(), argmax.data());
    CHECK(y == floats(5, -INFINITY));
    CHECK(argmax == std::vector<std::uint8_t>(5, 0));
  });
}

TEST_CASE(
    "an average pool counts the taps inside the image, and its gradient is that of central differences") {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    generator random(seed);
    window_shape const s = random_window(random);
    INFO("seed ", seed, ": ", s.in_height, " x ", s.in_width, " x ", s.in_channels, ", kernel ",
         s.kernel_height, " x ", s.kernel_width, ", stride ", s.stride_height, ", pad ", s.pad_top);
    floats const x = random.reals(2 * inputs(s)), dy = random.reals(2 * outputs(s));
    doubles const expected = average(s, 2, widened(x));
    doubles const gradient = central_differences(
        widened(x), widened(dy), [&](doubles const& at) { return average(s, 2, at); }, 1.0);
    for_each_instruction_set([&](auto arch) {
      floats y(2 * outputs(s), 9.0f), dx(x.size(), 9.0f);
      kernel::average_pool_forward(arch, s, 2, x.data(), y.data());
      kernel::average_pool_backward(arch, s, 2, dy.data(), dx.data());
      CHECK(difference(y, expected) < 1e-6);
      CHECK(difference(dx, gradient) < 1e-6);
    });
  }
}

}  // namespace
