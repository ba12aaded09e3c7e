// Post-training quantization: a float network becomes integers. Some hundred images, without labels, show how
// large the numbers between the layers are; a range rule makes a grid of that.
#include <dyadic/dyadic.hpp>
#include <dyadic/interop/gzip.hpp>

#include <cstdio>

using namespace dyadic;

using reader = sequential<input<28, 28, 1>,                                              //
                          conv2d<8, window{.size = 5}>, batch_norm, relu, max_pool<2>,   //
                          conv2d<16, window{.size = 5}>, batch_norm, relu, max_pool<2>,  //
                          flatten, dense<64>, relu, dense<10>>;

// A scheme says what the numbers become: here 8 or fewer bits everywhere, with a range rule for activations.
template <int Bits, class Range> struct by : scheme {
  using weights = symmetric<Bits>;
  using activations = affine<Bits, per_tensor, Range>;
};

bool all_equal = true;
double worst_of_8_bits = 1;

template <int Bits, class Range> void row(reader::in<float32> const& net, mnist const& digits) {
  using chosen = by<Bits, Range>;
  // Still a network that could be trained: its forward pass runs on integers, its weights are floats.
  auto const quantized = calibrate<chosen>(net, digits.train.first(512)).value();
  // Integers alone: an aggregate that can be copied, stored and run without heap or float.
  auto const edge = to_integer(quantized).value();

  double const accuracy = evaluate(edge, digits.test).value().accuracy;
  auto const codes = verify(quantized, edge, digits.test.first(500)).value();
  std::printf("%4d  %-26s  %6.2f %%  %6zu  %zu of %zu\n", Bits, Range::name.c_str(), 100 * accuracy,
              sizeof(edge), codes.differing, codes.compared);
  all_equal = all_equal && codes.differing == 0;
  if (Bits == 8 && accuracy < worst_of_8_bits) worst_of_8_bits = accuracy;
}

template <int Bits> void rows(reader::in<float32> const& net, mnist const& digits) {
  row<Bits, range::min_max>(net, digits);           // all that was seen
  row<Bits, range::moving_average<>>(net, digits);  // an average of what batches showed
  row<Bits, range::percentile<range::percent{.value = 99.9}>>(net, digits);  // without the rarest
  row<Bits, range::mean_squared_error>(net, digits);  // where rounding and cutting together cost least
}

int main(int count, char** words) {
  auto const digits = load_mnist(count > 1 ? words[1] : DYADIC_EXAMPLE_DATA "/mnist");
  if (!digits) return std::puts(digits.error().what()), 1;

  reader::in<float32> net{seed{1}};
  fit(net, digits->train, adam{.rate = 3e-3F}, cosine{}, {.epochs = 4});
  double const accuracy = evaluate(net, digits->test).value().accuracy;

  std::printf("bits  range rule                  accuracy  bytes   codes that differ when deployed\n");
  std::printf("  32  float                   %6.2f %%  %6zu\n", 100 * accuracy, 4 * net.float_count);
  rows<8>(net, *digits);
  rows<4>(net, *digits);
  rows<3>(net, *digits);
  std::printf(
      "\nWith 8 bits any rule will do. With fewer they part, and training helps: see the next example.\n");
  return all_equal && worst_of_8_bits > accuracy - 0.005 ? 0 : 1;
}
