// The float kernels that training runs on: matrix products and convolutions of the demo's networks, and one
// whole training step of the LeNet-5 class network. Every row counts multiply-adds and states them as a share
// of the fused multiply-add peak of this core, measured in the same run.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "dyadic/kernel/arch.hpp"
#include "dyadic/kernel/float_convolution.hpp"
#include "dyadic/kernel/float_elementwise.hpp"

namespace {

using namespace dyadic::kernel;
using batch = float_batch<native>;

struct floats {
  explicit floats(std::ptrdiff_t count) : held(static_cast<std::size_t>(count) + 16) {
    for (std::size_t i = 0; i < held.size(); ++i)
      held[i] = static_cast<float>(static_cast<int>(i * 2654435761u % 2001u) - 1000) / 1000.0f;
  }
  float* data() { return float_detail::aligned(held.data()); }
  operator float*() { return data(); }
  std::vector<float> held;
};

// As many independent chains of multiply-adds as hide the latency of one.
constexpr int chains = vector_registers<batch> == 32 ? 16 : 12;
[[gnu::noinline]] float run_chains(int steps) {
  batch sum[chains];
  batch const factor(0.5f), term(1.0f);
#pragma GCC unroll 16
  for (int i = 0; i < chains; ++i) sum[i] = batch(0.0f);
  for (int step = 0; step < steps; ++step)
#pragma GCC unroll 16
    for (int i = 0; i < chains; ++i) {
      sum[i] = multiply_add(sum[i], factor, term);
      stay_in_register(sum[i]);
    }
#pragma GCC unroll 16
  for (int i = 1; i < chains; ++i) sum[0] = sum[0] + sum[i];
  float result[batch::size];
  sum[0].store_unaligned(result);
  return result[0];
}

double measure_peak() {
  constexpr int steps = 100'000;
  double best = 0;
  for (int round = 0; round < 30; ++round) {
    auto const start = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(run_chains(steps));
    std::chrono::duration<double> const elapsed = std::chrono::steady_clock::now() - start;
    best = std::max(best, double{chains} * steps * double{batch::size} / elapsed.count());
  }
  return best;
}
double const peak = measure_peak();

void count(benchmark::State& state, double multiply_adds) {
  using benchmark::Counter;
  state.counters["mac_per_second"] = Counter(multiply_adds, Counter::kIsIterationInvariantRate);
  state.counters["of_peak"] = Counter(multiply_adds / peak, Counter::kIsIterationInvariantRate);
  state.SetLabel(native::name.c_str());
}

void peak_multiply_add(benchmark::State& state) {
  double best = 0;
  for (auto _ : state) best = std::max(best, measure_peak());
  state.counters["mac_per_second"] = best;
  state.SetLabel(native::name.c_str());
}
BENCHMARK(peak_multiply_add)->Iterations(1);

// One product as the dense layer's forward pass (0), input gradient (1) and weight gradient (2) read it.
void dense(benchmark::State& state) {
  std::ptrdiff_t const rows = state.range(0), inputs = state.range(1), outputs = state.range(2);
  floats x(rows * inputs), w(inputs * outputs), y(rows * outputs),
      workspace(dense_workspace(rows, inputs, outputs));
  for (auto _ : state) {
    if (state.range(3) == 0) dense_forward(native{}, rows, inputs, outputs, x.data(), w.data(), y, workspace);
    if (state.range(3) == 1) dense_backward_input(native{}, rows, inputs, outputs, y, w.data(), x, workspace);
    if (state.range(3) == 2)
      dense_backward_weights(native{}, rows, inputs, outputs, x.data(), y, w, workspace);
    benchmark::ClobberMemory();
  }
  count(state, static_cast<double>(rows * inputs * outputs));
}
void dense_shapes(benchmark::internal::Benchmark* shapes) {
  shapes->ArgNames({"rows", "inputs", "outputs", "pass"});
  for (std::int64_t pass : {0, 1, 2}) {
    shapes->Args({64, 512, 128, pass});
    shapes->Args({64, 128, 10, pass});
    shapes->Args({64, 784, 256, pass});
    shapes->Args({64, 256, 10, pass});
    shapes->Args({512, 512, 512, pass});
  }
  shapes->Args({1, 512, 128, 0});
}
BENCHMARK(dense)->Apply(dense_shapes);

window_shape square(int size, int in, int out, int kernel, int stride, int pad) {
  window_shape s;
  s.in_height = s.in_width = size, s.in_channels = in, s.out_channels = out;
  s.kernel_height = s.kernel_width = kernel;
  s.stride_height = s.stride_width = stride;
  s.pad_top = s.pad_left = s.pad_bottom = s.pad_right = pad;
  s.out_height = s.out_width = (size + 2 * pad - kernel) / stride + 1;
  return s;
}

// One convolution's forward pass (0), input gradient (1) and weight gradient (2).
void convolution(benchmark::State& state) {
  auto const argument = [&](std::size_t i) { return static_cast<int>(state.range(i)); };
  std::ptrdiff_t const images = state.range(0);
  window_shape const s = square(argument(1), argument(2), argument(3), argument(4), argument(5), argument(6));
  std::ptrdiff_t const weights = std::ptrdiff_t{s.taps()} * s.in_channels * s.out_channels;
  floats x(images * input_size(s)), y(images * output_size(s)), w(weights),
      workspace(convolution_workspace(s));
  for (auto _ : state) {
    if (state.range(7) == 0) convolution_forward(native{}, s, images, x.data(), w.data(), y, workspace);
    if (state.range(7) == 1) convolution_backward_input(native{}, s, images, y, w.data(), x, workspace);
    if (state.range(7) == 2) convolution_backward_weights(native{}, s, images, x.data(), y, w, workspace);
    benchmark::ClobberMemory();
  }
  count(state, static_cast<double>(images * s.out_height * s.out_width * weights));
}
void convolution_shapes(benchmark::internal::Benchmark* shapes) {
  shapes->ArgNames({"images", "size", "in", "out", "kernel", "stride", "pad", "pass"});
  for (std::int64_t pass : {0, 1, 2}) {
    shapes->Args({64, 28, 1, 16, 5, 1, 0, pass});
    shapes->Args({64, 12, 16, 32, 5, 1, 0, pass});
    shapes->Args({16, 32, 3, 16, 3, 1, 1, pass});
    shapes->Args({16, 32, 16, 16, 3, 1, 1, pass});
    shapes->Args({16, 32, 16, 32, 3, 2, 1, pass});
    shapes->Args({16, 16, 32, 32, 3, 1, 1, pass});
    shapes->Args({16, 8, 64, 64, 3, 1, 1, pass});
  }
}
BENCHMARK(convolution)->Apply(convolution_shapes);

void depthwise(benchmark::State& state) {
  std::ptrdiff_t const images = 16;
  window_shape const s =
      square(32, static_cast<int>(state.range(0)), static_cast<int>(state.range(0)), 3, 1, 1);
  floats x(images * input_size(s)), y(images * output_size(s)), w(s.taps() * s.in_channels),
      workspace(depthwise_workspace(s));
  for (auto _ : state) {
    if (state.range(1) == 0) depthwise_forward(native{}, s, images, x.data(), w.data(), y, workspace);
    if (state.range(1) == 1) depthwise_backward_input(native{}, s, images, y, w.data(), x, workspace);
    if (state.range(1) == 2) depthwise_backward_weights(native{}, s, images, x.data(), y, w, workspace);
    benchmark::ClobberMemory();
  }
  count(state, static_cast<double>(images * s.out_height * s.out_width * s.taps() * s.in_channels));
}
BENCHMARK(depthwise)->ArgNames({"channels", "pass"})->ArgsProduct({{16, 64}, {0, 1, 2}});

// Convolution, batch norm, relu and maximum pool, with everything that the backward pass needs.
class convolution_stage {
 public:
  convolution_stage(std::ptrdiff_t images, int size, int in, int out)
      : images_{images},
        shape_{square(size, in, out, 5, 1, 0)},
        pool_{square(shape_.out_height, out, out, 2, 2, 0)},
        rows_{images * shape_.out_height * shape_.out_width},
        channels_{out},
        weights_(std::ptrdiff_t{25} * in * out),
        weights_gradient_(std::ptrdiff_t{25} * in * out),
        sum_(images * output_size(shape_)),
        activation_(images * output_size(shape_)),
        gradient_(images * output_size(shape_)),
        output(images * output_size(pool_)),
        norm_(8 * channels_),
        argmax_(static_cast<std::size_t>(images * output_size(pool_))) {}

  double multiply_adds() const { return static_cast<double>(rows_ * 25 * shape_.in_channels * channels_); }
  std::ptrdiff_t workspace() const { return convolution_workspace(shape_); }

  void forward(float const* x, float* workspace) {
    convolution_forward(native{}, shape_, images_, x, weights_.data(), sum_, workspace);
    batch_statistics(native{}, rows_, channels_, sum_, norm(0), norm(1));
    reciprocal_deviation(native{}, channels_, norm(1), 1e-5f, norm(1));
    batch_norm_forward(native{}, rows_, channels_, sum_, norm(0), norm(1), norm(2), norm(3), activation_);
    clamp_forward(native{}, rows_ * channels_, 0, infinity, activation_, activation_);
    max_pool_forward(native{}, pool_, images_, activation_, output, argmax_.data());
  }
  void backward(float const* x, float const* dy, float* dx, float* workspace) {
    max_pool_backward(native{}, pool_, images_, argmax_.data(), dy, gradient_);
    clamp_backward(native{}, rows_ * channels_, 0, infinity, activation_, gradient_, gradient_);
    batch_norm_backward(native{}, rows_, channels_, sum_, gradient_, norm(0), norm(1), norm(2), gradient_,
                        norm(4), norm(5));
    convolution_backward_weights(native{}, shape_, images_, x, gradient_, weights_gradient_, workspace);
    if (dx != nullptr)
      convolution_backward_input(native{}, shape_, images_, gradient_, weights_.data(), dx, workspace);
  }

 private:
  static constexpr float infinity = std::numeric_limits<float>::infinity();
  float* norm(std::ptrdiff_t which) { return norm_.data() + which * channels_; }

  std::ptrdiff_t images_;
  window_shape shape_, pool_;
  std::ptrdiff_t rows_, channels_;
  floats weights_, weights_gradient_, sum_, activation_, gradient_;

 public:
  floats output;

 private:
  floats norm_;
  std::vector<std::uint8_t> argmax_;
};

class dense_stage {
 public:
  dense_stage(std::ptrdiff_t rows, std::ptrdiff_t inputs, std::ptrdiff_t outputs)
      : output(rows * outputs),
        rows_{rows},
        inputs_{inputs},
        outputs_{outputs},
        weights_(inputs * outputs),
        gradient_(inputs * outputs),
        bias_(2 * outputs) {}

  double multiply_adds() const { return static_cast<double>(rows_ * inputs_ * outputs_); }
  std::ptrdiff_t workspace() const { return dense_workspace(rows_, inputs_, outputs_); }

  void forward(float const* x, float* workspace) {
    dense_forward(native{}, rows_, inputs_, outputs_, x, weights_.data(), output, workspace);
    bias_add(native{}, rows_, outputs_, bias_, output);
  }
  void backward(float const* x, float const* dy, float* dx, float* workspace) {
    bias_gradient(native{}, rows_, outputs_, dy, bias_.data() + outputs_);
    dense_backward_weights(native{}, rows_, inputs_, outputs_, x, dy, gradient_, workspace);
    dense_backward_input(native{}, rows_, inputs_, outputs_, dy, weights_.data(), dx, workspace);
  }

  floats output;

 private:
  std::ptrdiff_t rows_, inputs_, outputs_;
  floats weights_, gradient_, bias_;
};

// Forward and backward pass without loss and optimizer; the first layer's input gradient is not needed.
void lenet_step(benchmark::State& state) {
  std::ptrdiff_t const images = state.range(0);
  convolution_stage first(images, 28, 1, 16), second(images, 12, 16, 32);
  dense_stage hidden(images, 512, 128), head(images, 128, 10);
  floats workspace(std::max({first.workspace(), second.workspace(), hidden.workspace(), head.workspace()}));
  floats x(images * 784), logits_gradient(images * 10), hidden_gradient(images * 128),
      second_gradient(images * 512), first_gradient(images * 2304);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (auto _ : state) {
    first.forward(x, workspace);
    second.forward(first.output, workspace);
    hidden.forward(second.output, workspace);
    clamp_forward(native{}, images * 128, 0, infinity, hidden.output, hidden.output);
    head.forward(hidden.output, workspace);

    head.backward(hidden.output, logits_gradient, hidden_gradient, workspace);
    clamp_backward(native{}, images * 128, 0, infinity, hidden.output, hidden_gradient, hidden_gradient);
    hidden.backward(second.output, hidden_gradient, second_gradient, workspace);
    second.backward(first.output, second_gradient, first_gradient, workspace);
    first.backward(x, first_gradient, nullptr, workspace);
    benchmark::ClobberMemory();
  }
  count(state, 2 * first.multiply_adds() +
                   3 * (second.multiply_adds() + hidden.multiply_adds() + head.multiply_adds()));
}
BENCHMARK(lenet_step)->ArgName("images")->Arg(64)->Arg(256)->Unit(benchmark::kMillisecond);

// The elementwise passes of the step's first stage.
void elementwise(benchmark::State& state) {
  std::ptrdiff_t const rows = 64 * 576, channels = 16;
  window_shape const pool = square(24, 16, 16, 2, 2, 0);
  floats x(rows * channels), dy(rows * channels), y(rows * channels), norm(8 * channels);
  std::vector<std::uint8_t> argmax(static_cast<std::size_t>(rows * channels / 4));
  float* const n = norm;
  float const infinity = std::numeric_limits<float>::infinity();
  static char const* const names[] = {"batch_statistics",   "batch_norm_forward", "clamp_forward",
                                      "max_pool_forward",   "max_pool_backward",  "clamp_backward",
                                      "batch_norm_backward"};
  for (auto _ : state) {
    switch (state.range(0)) {
      case 0:
        batch_statistics(native{}, rows, channels, x, n, n + 16);
        break;
      case 1:
        batch_norm_forward(native{}, rows, channels, x, n, n + 16, n + 32, n + 48, y);
        break;
      case 2:
        clamp_forward(native{}, rows * channels, 0, infinity, x, x);
        break;
      case 3:
        max_pool_forward(native{}, pool, 64, x, y, argmax.data());
        break;
      case 4:
        max_pool_backward(native{}, pool, 64, argmax.data(), dy, x);
        break;
      case 5:
        clamp_backward(native{}, rows * channels, 0, infinity, x, dy, dy);
        break;
      default:
        batch_norm_backward(native{}, rows, channels, x, dy, n, n + 16, n + 32, dy, n + 64, n + 80);
    }
    benchmark::ClobberMemory();
  }
  state.counters["element_per_second"] =
      benchmark::Counter(static_cast<double>(rows * channels), benchmark::Counter::kIsIterationInvariantRate);
  state.SetLabel(names[state.range(0)]);
}
BENCHMARK(elementwise)->DenseRange(0, 6);

}  // namespace

BENCHMARK_MAIN();
