#include "dyadic/kernel/float_convolution.hpp"

#include "float_oracle.hpp"

namespace {

using namespace float_oracle;
namespace kernel = dyadic::kernel;

std::size_t weights_of(window_shape const& s) {
  return static_cast<std::size_t>(s.out_channels * s.taps() * s.in_channels);
}

// The definition, for `images` images.
doubles convolve(window_shape const& s, std::size_t images, doubles const& x, doubles const& w) {
  auto const in = static_cast<std::size_t>(s.in_channels), out = static_cast<std::size_t>(s.out_channels);
  auto const taps = static_cast<std::size_t>(s.taps());
  doubles y(images * outputs(s));
  for (std::size_t image = 0; image < images; ++image)
    for_each_tap(s, [&](std::size_t to, std::size_t tap, std::size_t from) {
      for (std::size_t o = 0; o < out; ++o)
        for (std::size_t c = 0; c < in; ++c)
          y[image * outputs(s) + to * out + o] +=
              x[image * inputs(s) + from * in + c] * w[(o * taps + tap) * in + c];
    });
  return y;
}

// The transposes of the definition, which the last test checks against central differences.
doubles input_gradient(window_shape const& s, std::size_t images, doubles const& dy, doubles const& w) {
  auto const in = static_cast<std::size_t>(s.in_channels), out = static_cast<std::size_t>(s.out_channels);
  auto const taps = static_cast<std::size_t>(s.taps());
  doubles dx(images * inputs(s));
  for (std::size_t image = 0; image < images; ++image)
    for_each_tap(s, [&](std::size_t to, std::size_t tap, std::size_t from) {
      for (std::size_t o = 0; o < out; ++o)
        for (std::size_t c = 0; c < in; ++c)
          dx[image * inputs(s) + from * in + c] +=
              dy[image * outputs(s) + to * out + o] * w[(o * taps + tap) * in + c];
    });
  return dx;
}
doubles weight_gradient(window_shape const& s, std::size_t images, doubles const& x, doubles const& dy,
                        doubles dw) {
  auto const in = static_cast<std::size_t>(s.in_channels), out = static_cast<std::size_t>(s.out_channels);
  auto const taps = static_cast<std::size_t>(s.taps());
  for (std::size_t image = 0; image < images; ++image)
    for_each_tap(s, [&](std::size_t to, std::size_t tap, std::size_t from) {
      for (std::size_t o = 0; o < out; ++o)
        for (std::size_t c = 0; c < in; ++c)
          dw[(o * taps + tap) * in + c] +=
              dy[image * outputs(s) + to * out + o] * x[image * inputs(s) + from * in + c];
    });
  return dw;
}

window_shape random_window(generator& random) {
  int const kernel_height = random.integer(1, 5), kernel_width = random.integer(1, 5);
  int const pad = random.integer(0, 1) * random.integer(0, 2);
  return window(kernel_height + random.integer(0, 11), kernel_width + random.integer(0, 11),
                random.integer(1, 2) == 1 ? random.integer(1, 5) : random.integer(6, 40),
                random.integer(1, 2) == 1 ? random.integer(1, 18) : random.integer(16, 70), kernel_height,
                kernel_width, random.integer(1, 3), pad, random.integer(0, 1));
}

// Sources and what they stand for.
template <class Source> struct data {
  Source source;
  doubles values;
};

template <class Arch, class Input, class Weights>
void check(Arch arch, window_shape const& s, std::size_t images, data<Input> const& x, data<Weights> const& w,
           floats const& dy, floats const& dw_before) {
  auto const count = static_cast<std::ptrdiff_t>(images);
  floats workspace(static_cast<std::size_t>(kernel::convolution_workspace(s)) + 1, 77.0f);
  floats y(images * outputs(s), 9.0f), dx(images * inputs(s), 9.0f), dw = dw_before;
  kernel::convolution_forward(arch, s, count, x.source, w.source, y.data(), workspace.data());
  CHECK(difference(y, convolve(s, images, x.values, w.values)) == 0);
  kernel::convolution_backward_input(arch, s, count, dy.data(), w.source, dx.data(), workspace.data());
  CHECK(difference(dx, input_gradient(s, images, widened(dy), w.values)) == 0);
  kernel::convolution_backward_weights(arch, s, count, x.source, dy.data(), dw.data(), workspace.data());
  CHECK(difference(dw, weight_gradient(s, images, x.values, widened(dy), widened(dw_before))) == 0);
  CHECK(workspace.back() == 77.0f);
}

void check_all(window_shape const& s, std::size_t images, generator& random) {
  INFO(s.in_height, " x ", s.in_width, " x ", s.in_channels, " -> ", s.out_height, " x ", s.out_width, " x ",
       s.out_channels, ", kernel ", s.kernel_height, " x ", s.kernel_width, ", stride ", s.stride_height,
       ", pad ", s.pad_top, " ", s.pad_bottom, ", images ", images);
  floats const x = random.integers(images * inputs(s)), w = random.integers(weights_of(s));
  floats const dy = random.integers(images * outputs(s)), dw = random.integers(weights_of(s));
  auto const x_codes = random.codes<std::int8_t>(x.size()), w_codes = random.codes<std::int8_t>(w.size());
  auto const out = static_cast<std::size_t>(s.out_channels);
  floats const scales = random.integers(out, 2);
  data<float const*> const x_floats{x.data(), widened(x)}, w_floats{w.data(), widened(w)};
  data<kernel::dequantized<std::int8_t>> x_quantized{{x_codes.data(), 0.5f, 3}, {}};
  for (std::int8_t code : x_codes) x_quantized.values.push_back(0.5 * (code - 3));
  data<kernel::dequantized_rows<std::int8_t>> w_quantized{{w_codes.data(), scales.data()}, {}};
  for (std::size_t i = 0; i < w.size(); ++i)
    w_quantized.values.push_back(double{scales[i / (w.size() / out)]} * w_codes[i]);
  for_each_instruction_set([&](auto arch) {
    check(arch, s, images, x_floats, w_floats, dy, dw);
    check(arch, s, images, x_quantized, w_quantized, dy, dw);
  });
}

TEST_CASE("a convolution and both its gradients are exact on small integers, from floats and from codes") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    INFO("seed ", seed);
    generator random(seed);
    window_shape const s = random_window(random);
    check_all(s, static_cast<std::size_t>(random.integer(1, 3)), random);
  }
}

TEST_CASE("convolutions that are dense layers are exact") {
  generator random(5);
  check_all(window(6, 5, 20, 33, 1, 1, 1, 0), 3, random);
  check_all(window(6, 5, 20, 33, 6, 5, 1, 0), 3, random);
  check_all(window(6, 5, 20, 33, 6, 5, 4, 0), 2, random);
  check_all(window(7, 7, 3, 8, 1, 1, 2, 0), 2, random);
}

TEST_CASE("the convolutions of the demo's networks are exact") {
  generator random(6);
  check_all(window(28, 28, 1, 16, 5, 5, 1, 0), 2, random);
  check_all(window(12, 12, 16, 32, 5, 5, 1, 0), 2, random);
  check_all(window(32, 32, 16, 16, 3, 3, 1, 1), 1, random);
  check_all(window(16, 16, 16, 32, 3, 3, 2, 0, 1), 1, random);
}

TEST_CASE("a window that lies in the padding altogether gives zero and gets no gradient") {
  generator random(8);
  check_all(window(2, 2, 3, 4, 2, 2, 1, 3), 2, random);
  check_all(window(1, 1, 2, 3, 1, 1, 1, 2), 2, random);
}

TEST_CASE(
    "sums for the weights' gradient that go on from some images to others, by parts, have the same bits") {
  generator random(9);
  for (window_shape const& s : {window(9, 8, 5, 19, 3, 3, 1, 1), window(7, 7, 1, 16, 5, 5, 1, 0)})
    for_each_instruction_set([&](auto arch) {
      floats const x = random.reals(3 * inputs(s)), dy = random.reals(3 * outputs(s));
      floats workspace(static_cast<std::size_t>(kernel::convolution_workspace(s)));
      floats dw(weights_of(s), 1.0f), parts = dw, sums(weights_of(s), 9.0f);
      kernel::convolution_backward_weights(arch, s, 3, x.data(), dy.data(), dw.data(), workspace.data());
      std::ptrdiff_t const all = kernel::weight_sums_size(s) / s.out_channels, some = all / 3;
      for (kernel::result_range const of : {kernel::result_range{0, some}, {some, all - some}}) {
        kernel::convolution_weight_sums(arch, s, 1, x.data(), dy.data(), sums.data(), false, workspace.data(),
                                        of);
        kernel::convolution_weight_sums(arch, s, 2, x.data() + inputs(s), dy.data() + outputs(s), sums.data(),
                                        true, workspace.data(), of);
      }
      kernel::add_weight_sums(s, sums.data(), parts.data());
      CHECK(parts == dw);
    });
}

TEST_CASE("no images leave the weights' gradient alone") {
  window_shape const s = window(5, 5, 2, 3, 3, 3, 1, 0);
  for_each_instruction_set([&](auto arch) {
    floats workspace(static_cast<std::size_t>(kernel::convolution_workspace(s)));
    floats dw(weights_of(s), 3.0f);
    kernel::convolution_backward_weights(arch, s, 0, static_cast<float const*>(nullptr), nullptr, dw.data(),
                                         workspace.data());
    CHECK(dw == floats(weights_of(s), 3.0f));
  });
}

TEST_CASE("the oracle's gradients of a convolution are those of central differences") {
  for (unsigned seed = 20; seed < 26; ++seed) {
    INFO("seed ", seed);
    generator random(seed);
    window_shape const s = window(random.integer(3, 6), random.integer(3, 6), random.integer(1, 3),
                                  random.integer(1, 3), random.integer(1, 3), random.integer(1, 3),
                                  random.integer(1, 2), random.integer(0, 1), random.integer(0, 1));
    doubles const x = widened(random.reals(2 * inputs(s))), w = widened(random.reals(weights_of(s)));
    doubles const dy = widened(random.reals(2 * outputs(s)));
    doubles const dx = central_differences(x, dy, [&](doubles const& at) { return convolve(s, 2, at, w); });
    doubles const dw = central_differences(w, dy, [&](doubles const& at) { return convolve(s, 2, x, at); });
    CHECK(difference(input_gradient(s, 2, dy, w), dx) < 1e-9);
    CHECK(difference(weight_gradient(s, 2, x, dy, doubles(w.size())), dw) < 1e-9);
  }
}

}  // namespace
