// Quantization-aware training: the network learns with the integers that it will be deployed with. The
// forward pass of a training step runs the same kernels on the same codes as deployment; the gradient passes
// straight through the rounding to float weights that remember small steps.
#include <dyadic/dyadic.hpp>
#include <dyadic/interop/gzip.hpp>

#include <cstdio>

using namespace dyadic;

using reader = sequential<input<28, 28, 1>,                                              //
                          conv2d<8, window{.size = 5}>, batch_norm, relu, max_pool<2>,   //
                          conv2d<16, window{.size = 5}>, batch_norm, relu, max_pool<2>,  //
                          flatten, dense<64>, relu, dense<10>>;

// With so few bits it matters where each grid's steps are: lsq learns the step with the weights.
template <int WeightBits, int ActivationBits> struct learned : scheme {
  using weights = symmetric<WeightBits, per_channel, range::lsq>;
  using activations = affine<ActivationBits, per_tensor, range::lsq>;
};
template <int WeightBits, int ActivationBits> struct observed : scheme {
  using weights = symmetric<WeightBits>;
  using activations = affine<ActivationBits>;
};

bool all_equal = true, training_helps = true;

template <int WeightBits, int ActivationBits> void row(reader::in<float32> const& net, mnist const& digits) {
  using after = observed<WeightBits, ActivationBits>;
  auto const ptq = calibrate<after>(net, digits.train.first(512)).value();

  // From the float network's weights; `in<trainable<...>>{seed{1}}` would begin from none.
  auto qat = quantization_aware<learned<WeightBits, ActivationBits>>(net);
  fit(qat, digits.train, adam{.rate = 1e-3F}, cosine{}, {.epochs = 1});
  auto const edge = to_integer(qat).value();

  double const before = evaluate(ptq, digits.test).value().accuracy;
  double const accuracy = evaluate(edge, digits.test).value().accuracy;
  auto const codes = verify(qat, edge, digits.test.first(1000)).value();
  std::printf("%7d  %11d  %8.2f %%  %7.2f %%  %6zu  %zu of %zu\n", WeightBits, ActivationBits, 100 * before,
              100 * accuracy, sizeof(edge), codes.differing, codes.compared);
  all_equal = all_equal && codes.differing == 0;
  training_helps = training_helps && accuracy > before - 0.005;
}

int main(int count, char** words) {
  auto const digits = load_mnist(count > 1 ? words[1] : DYADIC_EXAMPLE_DATA "/mnist");
  if (!digits) return std::puts(digits.error().what()), 1;

  reader::in<float32> net{seed{1}};
  fit(net, digits->train, adam{.rate = 3e-3F}, cosine{}, {.epochs = 3});

  std::printf("weights  activations  calibrated    trained   bytes  codes that differ when deployed\n");
  std::printf("  float        float              %9.2f %%  %6zu\n",
              100 * evaluate(net, digits->test).value().accuracy, 4 * net.float_count);
  row<8, 8>(net, *digits);
  row<4, 4>(net, *digits);
  row<2, 4>(net, *digits);
  return all_equal && training_helps ? 0 : 1;
}
