#include "dyadic/kernel/float_convolution.hpp"
#include "dyadic/kernel/float_depthwise.hpp"

#include "float_oracle.hpp"
#include "spaced_window.hpp"

namespace {

using namespace float_oracle;
namespace kernel = dyadic::kernel;

/// The definition is a sum of x * w * dy over triples of indices: each of its factors' gradients is the sum
/// of the other two. Calls term(x index, weight index, y index).
template <class Term>
void for_each_product(window_shape const& s, std::size_t images, bool depthwise, Term term) {
  int const in = depthwise ? 1 : s.group_inputs(), out = depthwise ? 1 : s.group_outputs();
  for (std::size_t image = 0; image < images; ++image)
    spaced::for_each_tap(s, [&](int pixel, int tap, int from) {
      if (from < 0) return;
      for (int o = 0; o < s.out_channels; ++o)
        for (int c = 0; c < in; ++c) {
          int const weight = depthwise ? tap * s.in_channels + o : (o * s.taps() + tap) * in + c;
          term(image * spaced::inputs(s) + static_cast<std::size_t>(from * s.in_channels + o / out * in + c),
               static_cast<std::size_t>(weight),
               image * spaced::outputs(s) + static_cast<std::size_t>(pixel * s.out_channels + o));
        }
    });
}

struct wanted {
  doubles y, dx, dw;
};
wanted by_definition(window_shape const& s, std::size_t images, bool depthwise, doubles const& x,
                     doubles const& w, floats const& dy, floats const& dw_before) {
  wanted result{doubles(dy.size()), doubles(x.size()), widened(dw_before)};
  for_each_product(s, images, depthwise, [&](std::size_t i, std::size_t weight, std::size_t o) {
    result.y[o] += x[i] * w[weight];
    result.dx[i] += double{dy[o]} * w[weight];
    result.dw[weight] += double{dy[o]} * x[i];
  });
  return result;
}

template <class Arch, class Input, class Weights>
void check(Arch arch, window_shape const& s, std::size_t images, bool depthwise, Input x, Weights w,
           floats const& dy, floats const& dw_before, wanted const& expected) {
  auto const count = static_cast<std::ptrdiff_t>(images);
  std::ptrdiff_t const room = depthwise ? kernel::depthwise_workspace(s) : kernel::convolution_workspace(s);
  floats workspace(static_cast<std::size_t>(room) + 1, 77.0f);
  floats y(dy.size(), 9.0f), dx(expected.dx.size(), 9.0f), dw = dw_before;
  if constexpr (std::same_as<Weights, kernel::dequantized_columns<std::int8_t>>) {
    kernel::depthwise_forward(arch, s, count, x, w, y.data(), workspace.data());
    kernel::depthwise_backward_input(arch, s, count, dy.data(), w, dx.data(), workspace.data());
    kernel::depthwise_backward_weights(arch, s, count, x, dy.data(), dw.data(), workspace.data());
  } else {
    kernel::convolution_forward(arch, s, count, x, w, y.data(), workspace.data());
    kernel::convolution_backward_input(arch, s, count, dy.data(), w, dx.data(), workspace.data());
    kernel::convolution_backward_weights(arch, s, count, x, dy.data(), dw.data(), workspace.data());
  }
  CHECK(difference(y, expected.y) == 0);
  CHECK(difference(dx, expected.dx) == 0);
  CHECK(difference(dw, expected.dw) == 0);
  CHECK(workspace.back() == 77.0f);
}

void compare(unsigned seed, bool depthwise) {
  generator random(seed);
  window_shape s = spaced::random_window([&](int low, int high) { return random.integer(low, high); });
  if (depthwise) {
    s.groups = s.spread_height = s.spread_width = 1;
    s.out_channels = s.in_channels;
    if (s.padded_height() < s.covered_height()) s.pad_top = s.pad_bottom = s.covered_height() - 1;
    if (s.padded_width() < s.covered_width()) s.pad_left = s.pad_right = s.covered_width() - 1;
    s.out_height = (s.padded_height() - s.covered_height()) / s.stride_height + 1;
    s.out_width = (s.padded_width() - s.covered_width()) / s.stride_width + 1;
  }
  auto const images = static_cast<std::size_t>(random.integer(1, 2));
  INFO("seed ", seed, ", depthwise ", depthwise, ", images ", images, ", ", spaced::text(s).c_str());
  auto const count = static_cast<std::size_t>(s.taps() * s.out_channels * (depthwise ? 1 : s.group_inputs()));
  auto const out = static_cast<std::size_t>(s.out_channels);
  floats const w = random.integers(count), dw = random.integers(count), scales = random.integers(out, 2);
  floats const dy = random.integers(images * spaced::outputs(s));
  auto const x_codes = random.codes<std::int8_t>(images * spaced::inputs(s)),
             w_codes = random.codes<std::int8_t>(count);
  doubles x_values, w_values;
  for (std::int8_t const code : x_codes) x_values.push_back(0.5 * (code - 3));
  for (std::size_t i = 0; i < count; ++i)
    w_values.push_back(double{scales[depthwise ? i % out : i / (count / out)]} * w_codes[i]);
  floats const x(x_values.begin(), x_values.end());
  kernel::dequantized<std::int8_t> const x_source{x_codes.data(), 0.5f, 3};
  wanted const from_codes = by_definition(s, images, depthwise, x_values, w_values, dy, dw);
  wanted const from_floats = by_definition(s, images, depthwise, x_values, widened(w), dy, dw);
  for_each_instruction_set([&](auto arch) {
    if (depthwise) {
      kernel::dequantized_columns<std::int8_t> const weights{w_codes.data(), scales.data()};
      check(arch, s, images, true, x_source, weights, dy, dw, from_codes);
      check(arch, s, images, true, x.data(), weights, dy, dw, from_codes);
    } else {
      kernel::dequantized_rows<std::int8_t> const weights{w_codes.data(), scales.data()};
      check(arch, s, images, false, x_source, weights, dy, dw, from_codes);
      check(arch, s, images, false, x.data(), w.data(), dy, dw, from_floats);
    }
  });
}

}  // namespace

TEST_CASE("dilated windows, groups and spread pixels: a convolution and both its gradients are exact") {
  for (unsigned seed = 1; seed <= 150; ++seed) compare(seed, false);
}

TEST_CASE("dilated windows: a depthwise convolution and both its gradients are exact") {
  for (unsigned seed = 1; seed <= 60; ++seed) compare(seed, true);
}
