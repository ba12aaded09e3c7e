#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "dyadic/kernel/arch.hpp"
#include "dyadic/kernel/shape.hpp"

/// What the float kernels' tests share: instruction sets, random data, and the definition of each operation
/// in double precision, written from the formulas.
namespace float_oracle {

using dyadic::kernel::window_shape;
using floats = std::vector<float>;
using doubles = std::vector<double>;

/// Calls run(tag) for every instruction set of this translation unit.
template <class Run> void for_each_instruction_set(Run run) {
  using namespace dyadic::kernel;
  auto const named = [&](auto arch) {
    CAPTURE(decltype(arch)::name.c_str());
    run(arch);
  };
  named(native{});
  if constexpr (!std::same_as<nearest<avx512>, native>) named(nearest<avx512>{});
  if constexpr (!std::same_as<nearest<avx2>, nearest<avx512>>) named(nearest<avx2>{});
  if constexpr (!std::same_as<nearest<sse2>, nearest<avx2>>) named(nearest<sse2>{});
  named(portable{});
}

class generator {
 public:
  explicit generator(unsigned seed) : engine_{seed} {}

  int integer(int low, int high) {
    return low + static_cast<int>(engine_() % static_cast<unsigned>(high - low + 1));
  }
  /// Small integers: every sum of products is exact in float, so that kernels must equal the oracle.
  floats integers(std::size_t count, int limit = 4) {
    floats result(count);
    for (float& each : result) each = static_cast<float>(integer(-limit, limit));
    return result;
  }
  floats reals(std::size_t count) {
    floats result(count);
    for (float& each : result) each = static_cast<float>(integer(-32768, 32767)) / 32768.0f;
    return result;
  }
  template <class Code> std::vector<Code> codes(std::size_t count) {
    std::vector<Code> result(count);
    for (Code& each : result) each = static_cast<Code>(integer(-9, 9));
    return result;
  }

 private:
  std::mt19937 engine_;
};

inline doubles widened(floats const& values) { return {values.begin(), values.end()}; }

/// The largest difference relative to 1 + |expected|; any NaN makes it infinite.
template <class Actual> double difference(std::vector<Actual> const& actual, doubles const& expected) {
  double worst = actual.size() == expected.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < expected.size() && i < actual.size(); ++i) {
    double const now = std::abs(static_cast<double>(actual[i]) - expected[i]) / (1 + std::abs(expected[i]));
    worst = now <= worst ? worst : std::isnan(now) ? INFINITY : now;
  }
  return worst;
}

inline std::size_t inputs(window_shape const& s) {
  return static_cast<std::size_t>(s.in_height * s.in_width * s.in_channels);
}
inline std::size_t outputs(window_shape const& s) {
  return static_cast<std::size_t>(s.out_height * s.out_width * s.out_channels);
}

/// A window on an image with the output size that follows from it; `pad` is put on all sides, one more at the
/// end.
inline window_shape window(int height, int width, int in, int out, int kernel_height, int kernel_width,
                           int stride, int pad, int more = 0) {
  window_shape s;
  s.in_height = height, s.in_width = width, s.in_channels = in, s.out_channels = out;
  s.kernel_height = kernel_height, s.kernel_width = kernel_width;
  s.stride_height = s.stride_width = stride;
  s.pad_top = s.pad_left = pad, s.pad_bottom = s.pad_right = pad + more;
  s.out_height = (height + 2 * pad + more - kernel_height) / stride + 1;
  s.out_width = (width + 2 * pad + more - kernel_width) / stride + 1;
  return s;
}

/// Calls visit(output pixel, kernel pixel, input pixel) for every tap that lies inside the image.
template <class Visit> void for_each_tap(window_shape const& s, Visit visit) {
  for (int oy = 0; oy < s.out_height; ++oy)
    for (int ox = 0; ox < s.out_width; ++ox)
      for (int ky = 0; ky < s.kernel_height; ++ky)
        for (int kx = 0; kx < s.kernel_width; ++kx) {
          int const y = oy * s.stride_height + ky - s.pad_top, x = ox * s.stride_width + kx - s.pad_left;
          if (y >= 0 && y < s.in_height && x >= 0 && x < s.in_width)
            visit(static_cast<std::size_t>(oy * s.out_width + ox),
                  static_cast<std::size_t>(ky * s.kernel_width + kx),
                  static_cast<std::size_t>(y * s.in_width + x));
        }
}

/// d(sum of weight * f(x)) / dx by central differences of a function in double precision.
template <class Function>
doubles central_differences(doubles x, doubles const& weight, Function f, double step = 1e-4) {
  auto const loss = [&] {
    doubles const y = f(x);
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += weight[i] * y[i];
    return sum;
  };
  doubles gradient(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    double const center = x[i];
    x[i] = center + step;
    double const above = loss();
    x[i] = center - step;
    gradient[i] = (above - loss()) / (2 * step);
    x[i] = center;
  }
  return gradient;
}

}  // namespace float_oracle
