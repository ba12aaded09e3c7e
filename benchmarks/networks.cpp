// Whole networks at batch 1, one core: float32 against integers.
#include <benchmark/benchmark.h>

#include "networks.hpp"

namespace {

using namespace benched;

template <class Net> void count_macs(benchmark::State& state) {
  state.counters["multiply_adds"] =
      benchmark::Counter(static_cast<double>(Net::mac_count), benchmark::Counter::kIsIterationInvariantRate);
  state.SetLabel(kernel::native::name.c_str());
}

template <class Net> void float_inference(benchmark::State& state) {
  typename Net::template in<float32> const net{seed{1}};
  data_set const data = images<Net>(1);
  float outputs[10];
  for (auto _ : state) {
    net.predict(std::span<std::uint8_t const>(data.bytes), std::span<float>(outputs)).value();
    benchmark::DoNotOptimize(outputs);
  }
  count_macs<Net>(state);
}

template <class Net, class Scheme> void integer_inference(benchmark::State& state) {
  typename Net::template in<float32> const net{seed{1}};
  data_set const data = images<Net>(64);
  auto const quantized = calibrate<Scheme>(net, data).value();
  auto const deployed = to_integer(quantized).value();
  using engine = typename Net::template in<integer<Scheme>>;
  auto const room = std::make_unique<typename engine::template scratch<1>>();
  std::array<typename engine::output_code, engine::output_size> codes{};
  for (auto _ : state) {
    deployed.infer_bytes(data.first(1).bytes, codes, *room);
    benchmark::DoNotOptimize(codes);
  }
  count_macs<Net>(state);
}

BENCHMARK_TEMPLATE(float_inference, lenet)->Name("lenet/float32");
BENCHMARK_TEMPLATE(integer_inference, lenet, int8)->Name("lenet/int8");
BENCHMARK_TEMPLATE(integer_inference, lenet, int8_fp32)->Name("lenet/int8 xnnpack_fp32");
BENCHMARK_TEMPLATE(integer_inference, lenet, w4a4)->Name("lenet/w4a4");
BENCHMARK_TEMPLATE(float_inference, mlp)->Name("mlp/float32");
BENCHMARK_TEMPLATE(integer_inference, mlp, int8)->Name("mlp/int8");
BENCHMARK_TEMPLATE(float_inference, resnet8)->Name("resnet8/float32");
BENCHMARK_TEMPLATE(integer_inference, resnet8, int8)->Name("resnet8/int8");

}  // namespace

BENCHMARK_MAIN();
