// gru and lstm that read MNIST's digits row by row: float32, and int8 trained as long.
//   accuracy_recurrent [--data DIR] [--seeds 1] [--epochs 5]
#include "arguments.hpp"

#include <dyadic/dyadic.hpp>

using namespace dyadic;

struct int8 : scheme {};

template <class Memory> void show(char const* name, mnist const& digits, arguments const& told) {
  using net = sequential<input<28, 28>, Memory, dense<10>>;
  for (std::uint64_t s = 1; s <= told.seeds; ++s) {
    typename net::template in<float32> trained{seed{s}};
    learn(trained, digits, 3e-3F, told.epochs, s);
    auto quantized = quantization_aware<int8>(trained);
    double const control = learn(trained, digits, 5e-4F, 2, s);
    double const coded = learn(quantized, digits, 5e-4F, 2, s);
    auto const edge = to_integer(quantized).value();
    auto const codes = verify(quantized, edge, digits.test.first(2000)).value();
    std::printf("%-7s %4u  %6.2f %%  %6.2f %%  %6zu  %zu of %zu\n", name, static_cast<unsigned>(s), control,
                coded, sizeof(edge), codes.differing, codes.compared);
    std::fflush(stdout);
  }
}

int main(int count, char** words) {
  arguments const told{count, words, 1, 5};
  auto const digits = told.load();
  std::printf("\nlayer   seed  float32      int8   bytes  codes that differ when deployed\n");
  show<gru<96>>("gru", digits, told);
  show<lstm<96>>("lstm", digits, told);
}
