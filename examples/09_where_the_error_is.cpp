// Where the error is: every stage of a quantized network beside the float network that it came from. The
// ratio of signal to quantization noise is in decibels, about 6 for each bit that still says something.
#include <dyadic/dyadic.hpp>
#include <dyadic/interop/gzip.hpp>
#include <dyadic/train/compare.hpp>

#include <cstdio>

using namespace dyadic;

using reader = sequential<input<28, 28, 1>,                                                             //
                          named<"stem", conv2d<8, window{.size = 5}>>, batch_norm, relu, max_pool<2>,   //
                          named<"body", conv2d<16, window{.size = 5}>>, batch_norm, relu, max_pool<2>,  //
                          flatten, named<"wide", dense<64>>, relu, named<"head", dense<10>>>;

struct int8 : scheme {};
struct w4a4 : scheme {
  using weights = symmetric<4>;
  using activations = affine<4>;
};
// The same with one spot made worse on purpose: the body's weights get two bits.
using weak_spot = with<int8, at<"body", weights<symmetric<2>>>>;

template <class Scheme>
std::vector<stage_error> show(char const* title, reader::in<float32> const& net, mnist const& digits) {
  auto const quantized = calibrate<Scheme>(net, digits.train.first(512)).value();
  auto const errors = compare(net, quantized, digits.test.first(1000)).value();
  std::printf("%s, accuracy %.2f %%\n", title, 100 * evaluate(quantized, digits.test).value().accuracy);
  print(errors);
  std::printf("\n");
  return errors;
}

double ratio_at(std::vector<stage_error> const& errors, std::string_view stage) {
  for (stage_error const& e : errors)
    if (e.stage == stage) return e.ratio();
  return 0;
}

int main(int count, char** words) {
  auto const digits = load_mnist(count > 1 ? words[1] : DYADIC_EXAMPLE_DATA "/mnist");
  if (!digits) return std::puts(digits.error().what()), 1;

  reader::in<float32> net{seed{1}};
  fit(net, digits->train, adam{.rate = 3e-3F}, cosine{}, {.epochs = 3});
  std::printf("float32, accuracy %.2f %%\n\n", 100 * evaluate(net, digits->test).value().accuracy);

  auto const eight = show<int8>("8 bits", net, *digits);
  auto const four = show<w4a4>("4 bits", net, *digits);
  auto const weak = show<weak_spot>("8 bits, but 2 for the body's weights", net, *digits);

  // Up to the body nothing changed; behind it everything suffers.
  bool const found = ratio_at(weak, "stem") == ratio_at(eight, "stem") &&
                     ratio_at(weak, "body") < ratio_at(eight, "body") - 10;
  bool const fewer_bits_cost = ratio_at(four, "head") < ratio_at(eight, "head") - 10;
  return found && fewer_bits_cost ? 0 : 1;
}
