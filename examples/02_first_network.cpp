// A first network: said as a type, trained in float32, asked about digits that it has not seen.
#include <dyadic/dyadic.hpp>
#include <dyadic/interop/gzip.hpp>
#include <dyadic/network/summary.hpp>

#include <cstdio>

using namespace dyadic;

// Layers from top to bottom. Shapes follow from the input's (height, width, channels), so every number is
// said once, and a layer that cannot take the shape it is given is a compile error.
using reader = sequential<input<28, 28, 1>,                                              //
                          conv2d<8, window{.size = 5}>, batch_norm, relu, max_pool<2>,   //
                          conv2d<16, window{.size = 5}>, batch_norm, relu, max_pool<2>,  //
                          flatten, dense<64>, relu, named<"head", dense<10>>>;

static_assert(reader::parameter_count < 21'000);  // constants of the type, like mac_count and the shapes

void draw(std::span<std::uint8_t const> image) {
  for (std::size_t y = 4; y < 26; y += 2) {  // two rows of pixels in one of text
    auto const upper = image.subspan(28 * y, 28), lower = image.subspan(28 * y + 28, 28);
    std::printf("    ");
    for (std::size_t x = 2; x < 27; ++x) std::putchar(" .:*#"[(upper[x] + lower[x]) / 103]);
    std::putchar('\n');
  }
}

int main(int count, char** words) {
  auto const digits = load_mnist(count > 1 ? words[1] : DYADIC_EXAMPLE_DATA "/mnist");
  if (!digits) return std::puts(digits.error().what()), 1;

  summary<reader>();

  // The engine holds the numbers. It is a value: a copy is another network.
  reader::in<float32> net{seed{1}};
  auto const log =
      fit(net, digits->train, adam{.rate = 3e-3F}, cosine{}, {.epochs = 4, .validation = digits->test});
  if (!log) return std::puts(log.error.what()), 1;
  std::printf("\nepoch  loss    training  test\n");
  for (std::size_t i = 0; i < log.epochs.size(); ++i)
    std::printf("%5zu  %.4f  %6.2f %%  %5.2f %%\n", i + 1, log.epochs[i].loss, 100 * log.epochs[i].accuracy,
                100 * log.epochs[i].validation_accuracy);

  for (std::size_t i = 0; i < 2; ++i) {
    auto const image = digits->test.view().slice(i, 1).bytes;
    float logits[10];  // one real number for each class; the largest names the answer
    net.predict(image, std::span<float>(logits)).value();
    std::printf("\n");
    draw(image);
    std::printf("    read as %d, labelled %d\n", static_cast<int>(index_of_largest(logits, 10)),
                digits->test.labels[i]);
  }
  return log.epochs.back().validation_accuracy > 0.96 ? 0 : 1;
}
