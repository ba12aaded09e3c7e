#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <dyadic/interop/gzip.hpp>
#include <dyadic/train/fit.hpp>

/// What the accuracy programs are told: `--data DIR` (MNIST's four files, plain or .gz), `--seeds N`,
/// `--epochs N` before the quantized ones. The digits that ship with the project are the data unless said.
struct arguments {
  char const* data = "examples/data/mnist";
  std::uint64_t seeds;
  std::size_t epochs;

  arguments(int count, char** words, std::uint64_t usual_seeds, std::size_t usual_epochs)
      : seeds{usual_seeds}, epochs{usual_epochs} {
    for (int i = 1; i + 1 < count; i += 2) {
      std::string_view const word = words[i];
      if (word == "--data") data = words[i + 1];
      if (word == "--seeds") seeds = std::strtoull(words[i + 1], nullptr, 10);
      if (word == "--epochs") epochs = std::strtoull(words[i + 1], nullptr, 10);
    }
  }

  dyadic::mnist load() const {
    auto digits = dyadic::load_mnist(data);
    if (!digits) {
      std::fprintf(stderr, "%s\n", digits.error().what());
      std::exit(1);
    }
    std::printf("%zu training and %zu test digits, %zu epochs of float32 first\n", digits->train.count(),
                digits->test.count(), epochs);
    return std::move(*digits);
  }
};

/// Trains on; the accuracy in per cent.
template <class Net>
double learn(Net& net, dyadic::mnist const& digits, float rate, std::size_t epochs, std::uint64_t seed) {
  auto const log = dyadic::fit(net, digits.train, dyadic::adam{.rate = rate}, dyadic::cosine{},
                               {.epochs = epochs, .seed = dyadic::seed{seed}});
  if (!log) std::fprintf(stderr, "%s\n", log.error.what());
  return 100 * dyadic::evaluate(net, digits.test).value().accuracy;
}
