// A scheme for a machine that nobody sells: 5-bit weights, 6-bit activations, scales that are powers of two,
// so that shifts do all rescaling; shifts that cut bits off, adders of few bits that wrap, and codes that
// wrap as well. The scheme says so in six lines. Training runs on these very integers, so it learns to live
// with them; and a plain loop over 6-bit and 12-bit registers, as the machine would run it, gives the same
// codes.
#include <dyadic/dyadic.hpp>
#include <dyadic/interop/gzip.hpp>

#include <algorithm>
#include <cstdio>

using namespace dyadic;

template <int AccumulatorBits, class Overflow> struct machine : scheme {
  using shifts = power_of_two<rounding::floor>;
  using weights = power_of_two_scale<5>;
  using activations = power_of_two_scale<6>;
  using outputs = power_of_two_scale<16>;  // saturated
  using rescale = in_registers<register_bits{.accumulator = AccumulatorBits, .code = 6}, shifts, Overflow>;
  using overrides =
      list<at<"head", dyadic::rescale<in_registers<register_bits{.accumulator = AccumulatorBits}, shifts>>>>;
};

using reader = sequential<input<28, 28, 1>, max_pool<2>, flatten, named<"wide", dense<40>>, batch_norm, relu,
                          named<"head", dense<10>>>;
constexpr std::size_t pixels = 14 * 14, wide = 40;

constexpr std::int32_t wrap(std::int64_t value, int bits) {  // what a register of so many bits keeps
  std::int64_t const kept = value & ((std::int64_t{1} << bits) - 1);
  return static_cast<std::int32_t>(kept >> (bits - 1) ? kept - (std::int64_t{1} << bits) : kept);
}

/// One layer on the machine: a row of weight codes for each output, shifted sums.
template <class Trained, class Layer>
void run(Trained const& floats, Layer const& numbers, std::span<std::int32_t const> in, int bits,
         std::span<std::int32_t> out) {
  for (std::size_t o = 0; o < out.size(); ++o) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
      float const weight = floats.weight[o * in.size() + i];
      sum = wrap(sum + in[i] * encode(weight, {floats.weight_scale[o], 0}, -15, 15), bits);
    }
    auto const& by = numbers.rescale;  // the multiplier is a power of two, or 0
    out[o] = static_cast<std::int32_t>((std::int64_t{sum} * by.multiplier[o] + by.offset[o]) >> by.shift[o]);
  }
}

/// Outputs of the engine that are not what the machine's loop gives.
template <class Trained, class Engine>
std::size_t unlike_the_loop(Trained const& trained, Engine const& edge, data_view digits, int bits) {
  std::size_t differing = 0;
  for (std::size_t n = 0; n < digits.count(); ++n) {
    typename Engine::code codes[Engine::input_size];
    edge.encode(digits.slice(n, 1).bytes, codes);
    std::int32_t pooled[pixels], middle[wide], last[10];
    for (std::size_t i = 0; i < pixels; ++i) {
      auto const* const at = codes + i / 14 * 56 + i % 14 * 2;
      pooled[i] = std::max({at[0], at[1], at[28], at[29]});
    }
    run(layer<"wide">(trained), layer<"wide">(edge), pooled, bits, middle);
    for (std::int32_t& code : middle) code = std::max(0, wrap(code, 6));
    run(layer<"head">(trained), layer<"head">(edge), middle, bits, last);
    auto const given = edge.infer(std::span<typename Engine::code const, Engine::input_size>(codes));
    for (std::size_t i = 0; i < 10; ++i) differing += std::clamp(last[i], -32767, 32767) != given[i] ? 1 : 0;
  }
  return differing;
}

bool all_equal = true;

template <int AccumulatorBits, class Overflow>
double row(reader::in<float32> const& net, mnist const& digits) {
  using scheme = machine<AccumulatorBits, Overflow>;
  auto const calibrated = calibrate<scheme>(net, digits.train.first(512)).value();
  auto trained = quantization_aware<scheme>(net);
  fit(trained, digits.train, adam{.rate = 1e-3F}, cosine{}, {.epochs = 3});
  auto const edge = to_integer(trained).value();
  double const accuracy = evaluate(edge, digits.test).value().accuracy;
  std::printf("%11d  %-10s %8.2f %% %8.2f %%  ", AccumulatorBits, Overflow::name.c_str(),
              100 * evaluate(calibrated, digits.test).value().accuracy, 100 * accuracy);
  if constexpr (std::is_same_v<Overflow, overflow::wrap>) {
    std::size_t const unlike = unlike_the_loop(trained, edge, digits.test.first(1000), AccumulatorBits);
    std::printf("%zu of 10000", unlike);
    all_equal = all_equal && unlike == 0;
  }
  std::printf("\n");
  return accuracy;
}

int main(int count, char** words) {
  auto const digits = load_mnist(count > 1 ? words[1] : DYADIC_EXAMPLE_DATA "/mnist");
  if (!digits) return std::puts(digits.error().what()), 1;

  reader::in<float32> net{seed{1}};
  fit(net, digits->train, adam{.rate = 5e-3F}, cosine{}, {.epochs = 8});
  std::printf("float32 %.2f %%\n\n", 100 * evaluate(net, digits->test).value().accuracy);
  std::printf("accumulator  codes      calibrated    trained  outputs unlike the machine's loop\n");
  double const best = row<16, overflow::saturate>(net, *digits);
  row<16, overflow::wrap>(net, *digits);
  row<11, overflow::wrap>(net, *digits);
  row<10, overflow::wrap>(net, *digits);
  return all_equal && best > 0.9 ? 0 : 1;
}
