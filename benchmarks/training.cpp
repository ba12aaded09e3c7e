// One training step (forward, cross entropy, backward, SGD with momentum) on one batch: float32 against the
// integer forward pass, on one thread and on two. `fma` counts the multiply-adds of forward, weight and input
// gradients; `of_peak` is their share of one core's fused multiply-add peak, measured in the same run;
// `kept_bytes` is what a step keeps from forward to backward.
#include <benchmark/benchmark.h>

#include "networks.hpp"
#include "peak.hpp"

namespace {

using namespace benched;

template <class Net, class Scheme> void step(benchmark::State& state) {
  auto const size = static_cast<std::size_t>(state.range(0));
  data_set const data = images<Net>(size);
  typename Net::template in<trainable<Scheme>> net{seed{1}};
  training run{net, sgd{.rate = 0.01F, .momentum = 0.9F}, seed{1}};
  run.threads = static_cast<std::size_t>(state.range(1));
  for (auto _ : state) benchmark::DoNotOptimize(run.step(data, cross_entropy{}));
  double const products = 3 * static_cast<double>(Net::mac_count * size);
  state.counters["fma"] = benchmark::Counter(products, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["of_peak"] =
      benchmark::Counter(products / peak<float_step>(), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["kept_bytes"] = static_cast<double>(decltype(net)::kept_bytes(size));
  state.SetLabel(kernel::native::name.c_str());
}

void on_threads(benchmark::internal::Benchmark* made, std::int64_t batch) {
  made->ArgNames({"batch", "threads"})->UseRealTime()->Unit(benchmark::kMillisecond);
  for (std::int64_t const threads : {1, 2}) made->Args({batch, threads});
}
void batch32(benchmark::internal::Benchmark* made) { on_threads(made, 32); }
void batch64(benchmark::internal::Benchmark* made) { on_threads(made, 64); }

BENCHMARK_TEMPLATE(step, mlp, all_float)->Name("mlp/float32")->Apply(batch64);
BENCHMARK_TEMPLATE(step, mlp, int8)->Name("mlp/int8")->Apply(batch64);
BENCHMARK_TEMPLATE(step, lenet, all_float)->Name("lenet/float32")->Apply(batch64);
BENCHMARK_TEMPLATE(step, lenet, int8)->Name("lenet/int8")->Apply(batch64);
BENCHMARK_TEMPLATE(step, lenet, w4a4)->Name("lenet/w4a4")->Apply(batch64);
BENCHMARK_TEMPLATE(step, resnet8, all_float)->Name("resnet8/float32")->Apply(batch32);
BENCHMARK_TEMPLATE(step, resnet8, int8)->Name("resnet8/int8")->Apply(batch32);

}  // namespace

BENCHMARK_MAIN();
