// Mixed precision by name: the description stays as it is, and `with` gives layers other words from outside.
#include <dyadic/dyadic.hpp>
#include <dyadic/interop/gzip.hpp>
#include <dyadic/network/by_name.hpp>
#include <dyadic/network/summary.hpp>

#include <cstdio>

using namespace dyadic;

using reader = sequential<input<28, 28, 1>,                                                             //
                          named<"stem", conv2d<8, window{.size = 5}>>, batch_norm, relu, max_pool<2>,   //
                          named<"body", conv2d<16, window{.size = 5}>>, batch_norm, relu, max_pool<2>,  //
                          flatten, named<"wide", dense<64>>, relu, named<"head", dense<10>>>;

struct int8 : scheme {};
// The wide layer holds most weights: 4 bits there save most bytes.
using small = with<int8, at<"wide", weights<symmetric<4>>>>;
// 2-bit weights, and 3-bit activations between body and wide.
using smaller =
    with<int8, at<"wide", weights<symmetric<2>>>, at<"body", weights<symmetric<4>>, activations<affine<3>>>>;
// A layer can stay in float32. What is then no longer integers alone is called so: in<mixed<...>>.
using careful = with<int8, at<"head", kept_float>>;

template <class Scheme> bool row(char const* name, reader::in<float32> const& net, mnist const& digits) {
  auto quantized = quantization_aware<Scheme>(net);
  fit(quantized, digits.train, adam{.rate = 1e-3F}, cosine{}, {.epochs = 1});
  auto const edge = to_integer(quantized).value();
  auto const codes = verify(quantized, edge, digits.test.first(1000)).value();
  std::printf("%-8s  %6.2f %%  %6zu  %zu of %zu\n", name, 100 * evaluate(edge, digits.test).value().accuracy,
              sizeof(edge), codes.differing, codes.compared);
  return codes.differing == 0;
}

int main(int count, char** words) {
  auto const digits = load_mnist(count > 1 ? words[1] : DYADIC_EXAMPLE_DATA "/mnist");
  if (!digits) return std::puts(digits.error().what()), 1;

  summary<reader::in<integer<smaller>>>();
  std::printf("\n");
  summary<reader::in<mixed<careful>>>();
  std::printf("\n");

  reader::in<float32> net{seed{1}};
  fit(net, digits->train, adam{.rate = 3e-3F}, cosine{}, {.epochs = 2});

  // Names also lead to the numbers.
  auto const wide = layer<"wide">(net).weight;
  float largest = 0;
  for (float const w : wide) largest = w > largest ? w : -w > largest ? -w : largest;
  std::printf("wide has %zu weights, the largest %.3f\n\n", wide.size(), static_cast<double>(largest));

  std::printf("scheme    accuracy  bytes   codes that differ when deployed\n");
  bool equal = row<int8>("int8", net, *digits);
  equal = row<small>("small", net, *digits) && equal;
  equal = row<smaller>("smaller", net, *digits) && equal;
  equal = row<careful>("careful", net, *digits) && equal;
  return equal ? 0 : 1;
}
