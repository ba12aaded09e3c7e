// The integer kernels: multiply-adds a second, and as a share of what this core's dot product instruction can
// do, measured in the same run. Each result is compared with the reference before it is timed.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include "dyadic/kernel/convolution.hpp"
#include "dyadic/kernel/depthwise.hpp"
#include "dyadic/kernel/elementwise.hpp"
#include "dyadic/kernel/matmul.hpp"
#include "dyadic/quantize/grid.hpp"
#include "dyadic/quantize/rescale.hpp"

#include "peak.hpp"

namespace {

using namespace dyadic::kernel;
using dyadic::multiplier;
using dyadic::xnnpack_fp32;

template <class Code> std::vector<Code> codes(std::size_t count, int bits) {
  std::vector<Code> result(count);
  std::uint32_t state = 1;
  for (Code& code : result) {
    state = state * 1664525U + 1013904223U;
    code = static_cast<Code>(static_cast<std::int32_t>(state) >> (32 - bits));
  }
  return result;
}

/// A policy's parameters, the same for every channel.
template <class Policy> struct parameters {
  explicit parameters(std::size_t count) {
    auto const channel = Policy::linear(
        {.input_scale = 1, .weight_scale = 1, .output_scale = 700, .accumulator_bound = 1 << 26});
    if constexpr (requires { channel.scale_bits; }) {
      biases.assign(count, channel.bias);
      scales.assign(count, channel.scale_bits);
    } else {
      offsets.assign(count, channel.offset);
      biases.assign(count, channel.multiplier);
      shifts.assign(count, channel.shift);
    }
  }
  auto output() const {
    using view = typename Policy::view;
    if constexpr (requires(view v) { v.scale_bits; })
      return requantized<Policy, view, std::int8_t>{{biases.data(), scales.data()}, 3, -128, 127};
    else
      return requantized<Policy, view, std::int8_t>{
          {offsets.data(), biases.data(), shifts.data()}, 3, -128, 127};
  }
  std::vector<std::uint8_t> shifts;
  std::vector<std::int64_t> offsets;
  std::vector<std::int32_t> biases;
  std::vector<std::uint32_t> scales;
};

struct plain {
  explicit plain(std::size_t) {}
  static accumulators output() { return {}; }
};

/// Times `run(arch, y)` once it has given what the reference gives.
template <class Code, class Run>
void measure(benchmark::State& state, std::size_t size, double multiply_adds, Run const& run) {
  std::vector<Code> y(size), expected(size);
  run(native{}, y.data());
  run(reference{}, expected.data());
  if (y != expected) {
    state.SkipWithError("the result differs from the reference");
    return;
  }
  std::clock_t const begin = std::clock();
  for (auto _ : state) {
    run(native{}, y.data());
    benchmark::DoNotOptimize(y.data());
    benchmark::ClobberMemory();
  }
  double const taken = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  state.SetLabel(native::name.c_str());
  if (multiply_adds == 0) {
    state.SetItemsProcessed(static_cast<std::int64_t>(size) * state.iterations());
    return;
  }
  double const all = multiply_adds * static_cast<double>(state.iterations());
  state.counters["multiply_adds/s"] = benchmark::Counter(all, benchmark::Counter::kIsRate);
  if (taken > 0) state.counters["% of peak"] = 100 * all / taken / benched::peak<benched::dot_step>();
}

template <int Bits> struct packed {
  explicit packed(weight_shape const& shape)
      : weights(packed_weights_bytes<Bits>(shape)), sums(shape.outputs) {
    auto const logical = codes<std::int8_t>(shape.outputs * shape.segments * shape.depth, Bits);
    pack<Bits>(logical.data(), shape, weights.data());
    sum_weights(logical.data(), shape, sums.data());
  }
  std::vector<std::uint8_t> weights;
  std::vector<std::int32_t> sums;
};

template <class Parameters> using code_of = typename decltype(Parameters(1).output())::code;

template <int Bits, class Parameters>
void gemm(benchmark::State& state, std::size_t rows, std::size_t depth, std::size_t outputs) {
  matmul_shape const shape{.rows = rows,
                           .outputs = outputs,
                           .segments = 1,
                           .depth = depth,
                           .row_stride = static_cast<std::ptrdiff_t>(depth),
                           .output_stride = static_cast<std::ptrdiff_t>(outputs)};
  packed<Bits> const w(weights_of(shape));
  auto const x = codes<std::int8_t>(rows * depth + read_slack, 8);
  Parameters const held(outputs);
  auto const output = held.output();
  measure<code_of<Parameters>>(
      state, rows * outputs, static_cast<double>(rows * depth * outputs), [&](auto arch, auto* y) {
        matmul<Bits>(arch, shape, x.data(), w.weights.data(), w.sums.data(), output, y);
      });
}

window_shape square(int height, int width, int in, int out) {
  return {.in_height = height,
          .in_width = width,
          .in_channels = in,
          .out_height = height,
          .out_width = width,
          .out_channels = out,
          .kernel_height = 3,
          .kernel_width = 3,
          .pad_top = 1,
          .pad_left = 1,
          .pad_bottom = 1,
          .pad_right = 1};
}

template <class Parameters> void convolve(benchmark::State& state, int side, int in, int out) {
  auto const shape = square(side, side, in, out);
  packed<8> const w(convolution_weights(shape));
  auto const x = codes<std::int8_t>(padded_size(shape), 8);
  Parameters const held(static_cast<std::size_t>(out));
  auto const output = held.output();
  measure<code_of<Parameters>>(state, static_cast<std::size_t>(side * side * out),
                               9.0 * side * side * in * out, [&](auto arch, auto* y) {
                                 convolution<8>(arch, shape, x.data(), w.weights.data(), w.sums.data(),
                                                output, y);
                               });
}

template <class Parameters> void convolve_depthwise(benchmark::State& state) {
  auto const shape = square(48, 48, 64, 64);
  packed<8> const w(depthwise_weights(shape));
  auto const x = codes<std::int8_t>(padded_size(shape), 8);
  Parameters const held(64);
  auto const output = held.output();
  measure<code_of<Parameters>>(state, 48 * 48 * 64, 9.0 * 48 * 48 * 64, [&](auto arch, auto* y) {
    depthwise<8>(arch, shape, x.data(), w.weights.data(), output, y);
  });
}

template <class Policy> void requantize(benchmark::State& state, bool masked) {
  constexpr std::size_t rows = 256, channels = 64;
  auto const sums = codes<std::int32_t>(rows * channels, 18);
  parameters<Policy> const held(channels);
  auto const output = held.output();
  std::vector<std::uint8_t> mask(sums.size());
  measure<std::int8_t>(state, sums.size(), 0, [&](auto arch, auto* y) {
    apply_output(arch, sums.data(), rows, channels, output, y, masked ? mask.data() : nullptr);
  });
}

template <class Parameters> void add_shapes(std::string const& output) {
  auto const add = [&](std::string const& name, auto body) {
    benchmark::RegisterBenchmark((name + "/" + output).c_str(), body);
  };
  using state = benchmark::State;
  add("gemm 128x1024x1024", [](state& s) { gemm<8, Parameters>(s, 128, 1024, 1024); });
  add("gemm 64x576x64", [](state& s) { gemm<8, Parameters>(s, 64, 576, 64); });
  add("gemm 2304x64x64", [](state& s) { gemm<8, Parameters>(s, 2304, 64, 64); });
  add("gemv 1x1024x1024", [](state& s) { gemm<8, Parameters>(s, 1, 1024, 1024); });
  add("gemv 1x1024x1024 4 bits", [](state& s) { gemm<4, Parameters>(s, 1, 1024, 1024); });
  add("gemv 1x1024x1024 2 bits", [](state& s) { gemm<2, Parameters>(s, 1, 1024, 1024); });
  add("gemv 1x640x128", [](state& s) { gemm<8, Parameters>(s, 1, 640, 128); });
  add("convolution 16x16x32->32", [](state& s) { convolve<Parameters>(s, 16, 32, 32); });
  add("convolution 32x32x3->16", [](state& s) { convolve<Parameters>(s, 32, 3, 16); });
  add("depthwise 48x48x64", [](state& s) { convolve_depthwise<Parameters>(s); });
}

template <class Policy> void add_requantize(std::string const& policy) {
  for (bool const masked : {false, true})
    benchmark::RegisterBenchmark(("requantize 256x64/" + policy + (masked ? " and mask" : "")).c_str(),
                                 [masked](benchmark::State& s) { requantize<Policy>(s, masked); });
}

constexpr std::size_t tensor = 65'536;
constexpr dyadic::code_grid place{0.125F, 3};

/// Reals to codes and back: loops over `encode` and `decode`, which are the same at any instruction set.
void quantize(benchmark::State& state) {
  std::vector<float> reals(tensor);
  auto const numbers = codes<std::int16_t>(tensor, 12);
  for (std::size_t i = 0; i < tensor; ++i) reals[i] = static_cast<float>(numbers[i]) / 64;
  measure<std::int8_t>(state, tensor, 0, [&](auto, auto* y) {
    for (std::size_t i = 0; i < tensor; ++i)
      y[i] = static_cast<std::int8_t>(dyadic::encode(reals[i], place, -128, 127));
  });
}
void dequantize(benchmark::State& state) {
  auto const x = codes<std::int8_t>(tensor, 8);
  measure<float>(state, tensor, 0, [&](auto, auto* y) {
    for (std::size_t i = 0; i < tensor; ++i) y[i] = dyadic::decode(x[i], place);
  });
}

}  // namespace

int main(int count, char** arguments) {
  add_shapes<plain>("accumulators");
  add_shapes<parameters<multiplier<31>>>("multiplier<31,half_up>");
  add_shapes<parameters<xnnpack_fp32>>("xnnpack_fp32");
  add_requantize<multiplier<31>>("multiplier<31,half_up>");
  add_requantize<xnnpack_fp32>("xnnpack_fp32");
  benchmark::RegisterBenchmark("quantize 65536", quantize);
  benchmark::RegisterBenchmark("dequantize 65536", dequantize);
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
