// A layer of one's own. Whatever maps one number to one number needs its formula and its derivative; the
// library makes of it a float layer, a trainable one, and for integers a table of every code: each entry is
// the formula's value, rounded once. Nothing of the formula is left in deployment, so it may be as expensive
// as it likes.
#include <dyadic/dyadic.hpp>
#include <dyadic/interop/gzip.hpp>
#include <dyadic/layer/elementwise.hpp>
#include <dyadic/network/by_name.hpp>
#include <dyadic/network/summary.hpp>

#include <cmath>
#include <cstdio>

using namespace dyadic;

// x * sigmoid(x) (Elfwing et al. 2018)
struct silu_function {
  static constexpr auto name = fixed_string("silu");
  static float forward(float x) noexcept { return x / (1 + std::exp(-x)); }
  static float derivative(float x) noexcept {
    float const share = 1 / (1 + std::exp(-x));
    return share * (1 + x * (1 - share));
  }
};
using silu = elementwise<silu_function>;

using reader = sequential<input<28, 28, 1>,                                              //
                          conv2d<8, window{.size = 5}>, batch_norm, silu, max_pool<2>,   //
                          conv2d<16, window{.size = 5}>, batch_norm, silu, max_pool<2>,  //
                          flatten, named<"wide", dense<64>>, named<"last", silu>, named<"head", dense<10>>>;

struct int8 : scheme {};

int main(int count, char** words) {
  auto const digits = load_mnist(count > 1 ? words[1] : DYADIC_EXAMPLE_DATA "/mnist");
  if (!digits) return std::puts(digits.error().what()), 1;

  reader::in<float32> net{seed{1}};
  fit(net, digits->train, adam{.rate = 3e-3F}, cosine{}, {.epochs = 3});
  auto quantized = quantization_aware<int8>(net);
  fit(quantized, digits->train, adam{.rate = 1e-3F}, cosine{}, {.epochs = 1});
  auto const edge = to_integer(quantized).value();

  summary(edge);

  // One layer's table, and the grids before and behind it: what goes into the integers and what comes out.
  auto const& table = layer<"last">(edge).table;
  code_grid const in = layer<"wide">(edge).output.where(), out = layer<"last">(edge).output.where();
  std::printf("\n  code      x  table  silu(x) on the grid  exactly\n");
  bool nearest = true;
  for (int code = -128; code < 128; ++code) {
    double const x = static_cast<double>(in.scale) * (code - in.zero);
    double const exact = x / (1 + std::exp(-x));
    double const rounded = static_cast<double>(decode(table[code + 128], out));
    if (code % 32 == 0)
      std::printf("  %4d %6.2f   %4d  %19.3f  %7.3f\n", code, x, table[code + 128], rounded, exact);
    bool const at_an_end = table[code + 128] == -128 || table[code + 128] == 127;
    nearest = nearest && (at_an_end || std::fabs(rounded - exact) < 0.501 * static_cast<double>(out.scale));
  }

  auto const codes = verify(quantized, edge, digits->test).value();
  std::printf("\nfloat %.2f %%, 8 bits %.2f %%, codes that differ when deployed: %zu of %zu\n",
              100 * evaluate(net, digits->test).value().accuracy,
              100 * evaluate(edge, digits->test).value().accuracy, codes.differing, codes.compared);
  return nearest && codes.differing == 0 ? 0 : 1;
}
