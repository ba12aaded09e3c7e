#include <cstdint>
#include <cstdio>
#include <vector>

#include <dyadic/dyadic.hpp>

using namespace dyadic;
using digits = sequential<input<8, 8, 1>, conv2d<4, window{.size = 3}>, relu,
                          depthwise_conv2d<window{.size = 3}>, relu, flatten, dense<10>>;

int main() {
  digits::in<trainable<scheme>> net{seed{1}};
  std::vector<std::uint8_t> images(32 * 64);
  for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<std::uint8_t>(i * i % 251);
  net.forward({.images = 32, .batch_statistics = true, .observe = true}, {images.data(), nullptr, 32});
  net.refresh();
  auto const engine = to_integer(net);
  if (!engine.has_value()) return 2;
  int differing = 0;
  for (std::size_t i = 0; i < images.size(); i += 64) {
    std::array<std::int8_t, 64> codes{};
    engine->encode(std::span<std::uint8_t const>(images.data() + i, 64), codes);
    differing += engine->infer(codes, kernel::dispatched{}) != engine->infer(codes, kernel::reference{});
  }
  std::printf("%s: %d of 32 differ\n", kernel::chosen_kernels().instruction_set, differing);
  return differing;
}
