// Binary weights, and a gradient rule of one's own. Each weight is +s or -s, s being one number for each
// output. The sign has no slope to learn by, so a rule says what passes in its place: `arctangent` below is
// the whole of a new one. Beside it the rules that the library has.
#include <dyadic/dyadic.hpp>
#include <dyadic/interop/gzip.hpp>

#include <cstdio>

using namespace dyadic;

// The slope of (2 / pi) arctan((pi / 2) x) (Fang et al. 2021): largest where the sign is about to change,
// never quite 0, so that a weight far out can still come back. The code is the weight in units of its s.
struct arctangent {
  static constexpr auto name = fixed_string("arctangent");
  static constexpr float pass(float code, float, float) noexcept {
    float const x = 1.5707963F * code;
    return 1 / (1 + x * x);
  }
};
static_assert(gradient_rule<arctangent>);

template <class Gradient> struct binary_by : scheme {
  using weights = binary<per_channel, range::mean_magnitude<>, Gradient>;
  using activations = affine<4, per_tensor, range::lsq>;
  using overrides =
      list<at<"input", dyadic::activations<affine<8>>>, at<"head", dyadic::weights<symmetric<8>>>>;
};

using reader = sequential<input<28, 28, 1>,                                              //
                          conv2d<8, window{.size = 5}>, batch_norm, relu, max_pool<2>,   //
                          conv2d<16, window{.size = 5}>, batch_norm, relu, max_pool<2>,  //
                          flatten, named<"wide", dense<64>>, batch_norm, relu, named<"head", dense<10>>>;

bool all_equal = true;

template <class Gradient> double row(reader::in<float32> const& net, mnist const& digits) {
  auto trained = quantization_aware<binary_by<Gradient>>(net);
  std::vector<float> const before(layer<"wide">(trained).weight.begin(), layer<"wide">(trained).weight.end());
  fit(trained, digits.train, adam{.rate = 2e-3F}, cosine{}, {.epochs = 2});
  auto const wide = layer<"wide">(trained);
  std::size_t flipped = 0, out = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    float const units = wide.weight[i] / wide.weight_scale[i / (before.size() / wide.weight_scale.size())];
    flipped += (before[i] < 0) != (units < 0) ? 1 : 0;
    out += units < -1 || units > 1 ? 1 : 0;
  }
  auto const edge = to_integer(trained).value();
  auto const codes = verify(trained, edge, digits.test.first(1000)).value();
  double const accuracy = evaluate(edge, digits.test).value().accuracy;
  auto const share = [&](std::size_t of) {
    return 100 * static_cast<double>(of) / static_cast<double>(before.size());
  };
  std::printf("%-12s ", Gradient::name.c_str());
  for (float const x : {0.0F, 0.5F, 1.0F, 2.0F}) std::printf("%6.2f", Gradient::pass(x, -1, 1));
  std::printf("  %7.2f %%  %5.1f %%  %5.1f %%  %6zu  %zu of %zu\n", 100 * accuracy, share(flipped),
              share(out), sizeof(edge), codes.differing, codes.compared);
  all_equal = all_equal && codes.differing == 0;
  return accuracy;
}

int main(int count, char** words) {
  auto const digits = load_mnist(count > 1 ? words[1] : DYADIC_EXAMPLE_DATA "/mnist");
  if (!digits) return std::puts(digits.error().what()), 1;

  reader::in<float32> net{seed{1}};
  fit(net, digits->train, adam{.rate = 3e-3F}, cosine{}, {.epochs = 2});
  std::printf("             slope at x = w / s                 of the wide layer's\n");
  std::printf(
      "rule           0     0.5     1     2   accuracy  flipped  |x| > 1   bytes  codes that differ\n");
  std::printf("%-12s %24s  %7.2f %%  %16s  %6zu\n", "float32", "",
              100 * evaluate(net, digits->test).value().accuracy, "", 4 * net.float_count);
  row<ste::sign>(net, *digits);
  row<ste::approx_sign>(net, *digits);
  double const own = row<arctangent>(net, *digits);
  return all_equal && own > 0.96 ? 0 : 1;
}
