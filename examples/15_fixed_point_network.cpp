// A sine on fixed-point numbers, every one of them in its type: weights, what lies between the layers, and
// the output are fixed_point<16, 12>, so no range is observed and every rescaling is a shift. What the
// engine gives is what the same sums give when they are written out in `fixed`, to the last bit.
#include <dyadic/dyadic.hpp>
#include <dyadic/fixed/text.hpp>

#include <array>
#include <cmath>
#include <cstdio>

using namespace dyadic;

using curve =
    sequential<input<1>, named<"a", dense<24>>, relu, named<"b", dense<24>>, relu, named<"c", dense<1>>>;

template <int Bits, int Fraction, int WeightBits, int WeightFraction> struct in_types : scheme {
  using weights = fixed_point<WeightBits, WeightFraction>;
  using activations = fixed_point<Bits, Fraction>;
  using outputs = fixed_point<Bits, Fraction>;
  using rescale = power_of_two<rounding::half_up>;
  using number = fixed<Bits, Fraction, rounding::half_up>;
  using weight = fixed<WeightBits, WeightFraction>;
};
using sixteen = in_types<16, 12, 16, 12>;  // -8 to 8 by steps of 1/4096
using eight = in_types<8, 5, 8, 5>;        // -4 to 4 by steps of 1/32

/// A dense layer, written out: exact products, an exact sum, one narrowing to the type of the output.
template <class Scheme, std::size_t Outputs, std::size_t Inputs, class Layer>
auto written_out(Layer const& layer, std::array<typename Scheme::number, Inputs> const& x) {
  using product = decltype(typename Scheme::number{} * typename Scheme::weight{});
  using sum = fixed<product::bits + 5, product::fraction>;  // 24 of them
  std::array<typename Scheme::number, Outputs> y{};
  for (std::size_t o = 0; o < Outputs; ++o) {
    sum total{};
    for (std::size_t i = 0; i < Inputs; ++i)
      total = to<sum>(total + x[i] * to<typename Scheme::weight>(layer.weight[o * Inputs + i]));
    y[o] = to<typename Scheme::number>(total + to<fixed<50, 44>>(layer.bias[o]));
  }
  return y;
}

template <class Scheme, class Trained>
typename Scheme::number written_out_curve(Trained const& trained, float x) {
  using number = typename Scheme::number;
  auto const relu_of = [](auto values) {
    for (number& value : values) value = value < number{} ? number{} : value;
    return values;
  };
  std::array<number, 1> const at{to<number>(x)};
  auto const a = relu_of(written_out<Scheme, 24>(layer<"a">(trained), at));
  auto const b = relu_of(written_out<Scheme, 24>(layer<"b">(trained), a));
  return written_out<Scheme, 1>(layer<"c">(trained), b)[0];
}

float sine(float x) { return std::sin(3.14159265F * x); }

/// What is to be learned: x from -1 to 1, and the sine of half a turn times that.
data_set samples(std::size_t count) {
  generator random = generator::from(seed{1});
  data_set all{.sample_size = 1, .target_size = 1};
  for (std::size_t i = 0; i < count; ++i) {
    all.reals.push_back(random.uniform(-1, 1));
    all.targets.push_back(sine(all.reals.back()));
  }
  return all;
}

constexpr int steps = 1000;  // from -1 to 1, to compare at

/// The root of the mean squared error of what `at` gives, and the largest.
template <class At> void show(char const* what, At const& at) {
  double squares = 0, largest = 0;
  for (int i = 0; i <= steps; ++i) {
    auto const x = static_cast<float>(2 * i - steps) / steps;
    double const error = std::fabs(static_cast<double>(at(x)) - static_cast<double>(sine(x)));
    squares += error * error;
    largest = std::fmax(largest, error);
  }
  std::printf("%-34s %.5f  %.5f", what, std::sqrt(squares / (steps + 1)), largest);
}

/// The network in a scheme's types, as it is and trained on; outputs that are not those of the written-out
/// sums.
template <class Scheme> int row(char const* what, curve::in<float32> const& net, data_set const& data) {
  using engine = curve::in<integer<Scheme>>;
  auto trained = quantization_aware<Scheme>(net);
  int differing = 0;
  for (bool const more : {false, true}) {
    if (more) fit(trained, data, adam{.rate = 5e-4F}, cosine{}, mean_squared_error{}, {.epochs = 10});
    engine const edge = to_integer(trained).value();
    auto const code_at = [&](float x) {
      typename engine::code code[1];
      edge.encode(std::span<float const>(&x, 1), code);
      return edge.infer(std::span<typename engine::code const, 1>(code))[0];
    };
    show(more ? "  trained in its types" : what,
         [&](float x) { return to<double>(Scheme::number::from_raw(code_at(x))); });
    int unlike = 0;
    for (int i = 0; i <= steps; ++i) {
      auto const x = static_cast<float>(2 * i - steps) / steps;
      unlike += written_out_curve<Scheme>(trained, x).raw() != code_at(x) ? 1 : 0;
    }
    std::printf("  %d of %d\n", unlike, steps + 1);
    differing += unlike;
  }
  return differing;
}

int main() {
  auto const data = samples(4000);
  curve::in<float32> net{seed{1}};
  fit(net, data, adam{.rate = 1e-2F}, cosine{}, mean_squared_error{}, {.epochs = 100});

  std::printf("%-34s error    largest  outputs unlike the sums written out in fixed\n", "");
  show("float32", [&](float x) {
    float y = 0;
    net.predict(std::span<float const>(&x, 1), std::span<float>(&y, 1)).value();
    return y;
  });
  std::printf("\n");
  int differing = row<sixteen>("fixed<16, 12>", net, data);
  differing += row<eight>("fixed<8, 5>", net, data);

  auto const trained = quantization_aware<sixteen>(net);
  std::printf("\n    x         sine      on fixed<16, 12>, as it is\n");
  for (float const x : {-0.75F, -0.25F, 0.1F, 0.5F})
    std::printf("%7.3f  %9.6f      %s\n", static_cast<double>(x), static_cast<double>(sine(x)),
                to_text(written_out_curve<sixteen>(trained, x)).c_str());
  return differing == 0 ? 0 : 1;
}
