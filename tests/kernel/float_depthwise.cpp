#include "dyadic/kernel/float_depthwise.hpp"

#include "float_oracle.hpp"

namespace {

using namespace float_oracle;
namespace kernel = dyadic::kernel;

// The definition, for `images` images.
doubles convolve(window_shape const& s, std::size_t images, doubles const& x, doubles const& w) {
  auto const channels = static_cast<std::size_t>(s.in_channels);
  doubles y(images * outputs(s));
  for (std::size_t image = 0; image < images; ++image)
    for_each_tap(s, [&](std::size_t to, std::size_t tap, std::size_t from) {
      for (std::size_t c = 0; c < channels; ++c)
        y[image * outputs(s) + to * channels + c] +=
            x[image * inputs(s) + from * channels + c] * w[tap * channels + c];
    });
  return y;
}

// The definition is linear in x and in w: its gradients are exact differences, up to double rounding.
doubles input_gradient(window_shape const& s, std::size_t images, doubles const& dy, doubles const& w) {
  return central_differences(
      doubles(images * inputs(s)), dy, [&](doubles const& x) { return convolve(s, images, x, w); }, 1.0);
}
doubles weight_gradient(window_shape const& s, std::size_t images, doubles const& x, doubles const& dy) {
  return central_differences(
      doubles(static_cast<std::size_t>(s.taps() * s.in_channels)), dy,
      [&](doubles const& w) { return convolve(s, images, x, w); }, 1.0);
}

template <class Arch, class Input, class Weights>
void check(Arch arch, window_shape const& s, std::size_t images, Input x, doubles const& x_values, Weights w,
           doubles const& w_values, floats const& dy, doubles const& dx_expected,
           doubles const& dw_expected) {
  auto const count = static_cast<std::ptrdiff_t>(images);
  floats workspace(static_cast<std::size_t>(kernel::depthwise_workspace(s)) + 1, 77.0f);
  floats y(images * outputs(s), 9.0f), dx(images * inputs(s), 9.0f), dw(w_values.size(), 2.0f);
  kernel::depthwise_forward(arch, s, count, x, w, y.data(), workspace.data());
  CHECK(difference(y, convolve(s, images, x_values, w_values)) == 0);
  kernel::depthwise_backward_input(arch, s, count, dy.data(), w, dx.data(), workspace.data());
  CHECK(difference(dx, dx_expected) == 0);
  kernel::depthwise_backward_weights(arch, s, count, x, dy.data(), dw.data(), workspace.data());
  for (float& each : dw) each -= 2.0f;
  CHECK(difference(dw, dw_expected) == 0);
  CHECK(workspace.back() == 77.0f);
}

TEST_CASE(
    "a depthwise convolution and both its gradients are exact on small integers, from floats and codes") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    generator random(seed);
    int const kernel_height = random.integer(1, 4), kernel_width = random.integer(1, 4);
    int const channels = random.integer(0, 2) == 0 ? random.integer(1, 40) : random.integer(1, 9);
    window_shape const s =
        window(kernel_height + random.integer(0, 5), kernel_width + random.integer(0, 6), channels, channels,
               kernel_height, kernel_width, random.integer(1, 3), random.integer(0, 2), random.integer(0, 1));
    auto const images = static_cast<std::size_t>(random.integer(1, 2));
    INFO("seed ", seed, ": ", s.in_height, " x ", s.in_width, " x ", channels, ", kernel ", kernel_height,
         " x ", kernel_width, ", stride ", s.stride_height, ", pad ", s.pad_top, " ", s.pad_bottom);
    auto const weights = static_cast<std::size_t>(s.taps() * channels);
    floats const x = random.integers(images * inputs(s)), w = random.integers(weights);
    floats const dy = random.integers(images * outputs(s));
    auto const x_codes = random.codes<std::int8_t>(x.size()), w_codes = random.codes<std::int8_t>(w.size());
    floats const scales = random.integers(static_cast<std::size_t>(channels), 2);
    doubles x_values, w_values;
    for (std::int8_t code : x_codes) x_values.push_back(0.5 * (code + 2));
    for (std::size_t i = 0; i < weights; ++i)
      w_values.push_back(double{scales[i % static_cast<std::size_t>(channels)]} * w_codes[i]);
    doubles const dx = input_gradient(s, images, widened(dy), widened(w));
    doubles const dw = weight_gradient(s, images, widened(x), widened(dy));
    doubles const dx_codes = input_gradient(s, images, widened(dy), w_values);
    doubles const dw_codes = weight_gradient(s, images, x_values, widened(dy));
    for_each_instruction_set([&](auto arch) {
      check(arch, s, images, x.data(), widened(x), w.data(), widened(w), dy, dx, dw);
      check(arch, s, images, kernel::dequantized<std::int8_t>{x_codes.data(), 0.5f, -2}, x_values,
            kernel::dequantized_columns<std::int8_t>{w_codes.data(), scales.data()}, w_values, dy, dx_codes,
            dw_codes);
    });
  }
}

}  // namespace
