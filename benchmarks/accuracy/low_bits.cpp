// Ternary and binary weights with 4-bit activations on MNIST, against a float network that trains as long.
//   accuracy_low_bits [--data DIR] [--seeds 3] [--epochs 4]
#include "arguments.hpp"

#include <dyadic/dyadic.hpp>

using namespace dyadic;

using lenet = sequential<input<28, 28, 1>,                                              //
                         conv2d<16, window{.size = 5}>, batch_norm, relu, max_pool<2>,  //
                         conv2d<32, window{.size = 5}>, batch_norm, relu, max_pool<2>,  //
                         flatten, dense<128>, relu, dense<10>>;

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

int main(int count, char** words) {
  arguments const told{count, words, 3, 4};
  auto const digits = told.load();
  std::printf("\nseed  float32   ternary    binary\n");
  double float_sum = 0, ternary_sum = 0, binary_sum = 0;
  for (std::uint64_t s = 1; s <= told.seeds; ++s) {
    lenet::in<float32> net{seed{s}};
    learn(net, digits, 2e-3F, told.epochs, s);
    auto ternary_net = quantization_aware<ternary_weights>(net);
    auto binary_net = quantization_aware<binary_weights>(net);
    double const control = learn(net, digits, 1e-3F, told.epochs, s);
    double const three = learn(ternary_net, digits, 1e-3F, told.epochs, s);
    double const two = learn(binary_net, digits, 1e-3F, told.epochs, s);
    std::printf("%4u  %6.2f %%  %6.2f %%  %6.2f %%\n", static_cast<unsigned>(s), control, three, two);
    std::fflush(stdout);
    float_sum += control;
    ternary_sum += three;
    binary_sum += two;
  }
  auto const seeds = static_cast<double>(told.seeds);
  std::printf("mean  %6.2f %%  %6.2f %%  %6.2f %%\n", float_sum / seeds, ternary_sum / seeds,
              binary_sum / seeds);
  std::printf("less float32    %+6.2f    %+6.2f points\n", (ternary_sum - float_sum) / seeds,
              (binary_sum - float_sum) / seeds);
}
