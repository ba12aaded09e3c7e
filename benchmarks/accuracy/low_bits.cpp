// Ternary and binary weights with 4-bit activations, and binary ones of both, on MNIST, against a float
// network that trains as long.
//   accuracy_low_bits [--data DIR] [--seeds 3] [--epochs 4]
#include "arguments.hpp"

#include <dyadic/dyadic.hpp>

using namespace dyadic;

using lenet = sequential<input<28, 28, 1>,                                              //
                         conv2d<16, window{.size = 5}>, batch_norm, relu, max_pool<2>,  //
                         conv2d<32, window{.size = 5}>, batch_norm, relu, max_pool<2>,  //
                         flatten, dense<128>, relu, named<"head", dense<10>>>;

struct four_bit_activations : scheme {
  using activations = affine<4, per_tensor, range::lsq>;
  using overrides = list<at<"input", dyadic::activations<affine<8, per_tensor, range::min_max>>>>;
};
struct ternary_weights : four_bit_activations {
  using weights = ternary<per_channel, range::lsq>;
};
struct binary_weights : four_bit_activations {
  using weights = binary<>;
};

struct binary_throughout : scheme {
  using weights = binary<>;
  using activations = affine<1, per_tensor, range::mean_squared_error>;
  using overrides =
      list<at<"input", dyadic::activations<affine<8>>>, at<"head", dyadic::weights<symmetric<8>>>>;
};

template <class Scheme>
double quantized(lenet::in<float32> const& net, mnist const& digits, arguments const& told, std::uint64_t s) {
  auto trained = quantization_aware<Scheme>(net);
  return learn(trained, digits, 1e-3F, told.epochs, s);
}

int main(int count, char** words) {
  arguments const told{count, words, 3, 4};
  auto const digits = told.load();
  std::printf("\nseed  float32   ternary    binary  binary throughout\n");
  double sums[4]{};
  for (std::uint64_t s = 1; s <= told.seeds; ++s) {
    lenet::in<float32> net{seed{s}};
    learn(net, digits, 2e-3F, told.epochs, s);
    double const three = quantized<ternary_weights>(net, digits, told, s);
    double const two = quantized<binary_weights>(net, digits, told, s);
    double const bits = quantized<binary_throughout>(net, digits, told, s);
    double const row[]{learn(net, digits, 1e-3F, told.epochs, s), three, two, bits};
    std::printf("%4u  %6.2f %%  %6.2f %%  %6.2f %%  %6.2f %%\n", static_cast<unsigned>(s), row[0], row[1],
                row[2], row[3]);
    std::fflush(stdout);
    for (int i = 0; i < 4; ++i) sums[i] += row[i] / static_cast<double>(told.seeds);
  }
  std::printf("mean  %6.2f %%  %6.2f %%  %6.2f %%  %6.2f %%\n", sums[0], sums[1], sums[2], sums[3]);
  std::printf("less float32    %+6.2f    %+6.2f    %+6.2f points\n", sums[1] - sums[0], sums[2] - sums[0],
              sums[3] - sums[0]);
}
