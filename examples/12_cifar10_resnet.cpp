// CIFAR-10 with the residual network of MLPerf Tiny, from a seed: float32, then int8 and 4-bit weights with
// 4-bit activations, trained as long as the float network beside them.
//   example_12_cifar10_resnet DIR [--epochs N] [--seed N]
// DIR holds CIFAR-10's binary version (data_batch_1.bin ... test_batch.bin, plain or .gz). N epochs (16) are
// float; half as many more go to each row of the table. benchmarks/peers/cifar10_resnet8.py trains the same
// in PyTorch. Without DIR there is a small task that the program draws itself.
#include <dyadic/dyadic.hpp>
#include <dyadic/interop/gzip.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace dyadic;

constexpr window three{.size = 3, .padding = padding::same};
constexpr window halving{.size = 3, .stride = 2, .padding = padding::same};
constexpr window skipping{.size = 1, .stride = 2};

template <int Filters>
using smaller = residual<conv2d<Filters, halving>, batch_norm, relu, conv2d<Filters, three>, batch_norm,
                         shortcut<conv2d<Filters, skipping>>>;

using resnet8 = sequential<input_with<shape<32, 32, 3>, bytes<sensor{.offset = 127.5, .scale = 1.0 / 64}>>,
                           conv2d<16, three>, batch_norm, relu,
                           residual<conv2d<16, three>, batch_norm, relu, conv2d<16, three>, batch_norm>, relu,
                           smaller<32>, relu, smaller<64>, relu, global_average_pool, dense<10>>;
static_assert(resnet8::mac_count == 12'501'632);  // as in the benchmark's own file

struct int8 : scheme {};
struct w4a4 : scheme {
  using weights = symmetric<4, per_channel, range::lsq>;
  using activations = affine<4, per_tensor, range::lsq>;
  using overrides = list<at<"input", dyadic::activations<affine<8>>>>;  // pixels keep their eight
};

result<void> append(data_set& to, std::string const& path) {
  auto const plain = read_gzip(path.c_str());
  if (plain) return append_cifar10(to, *plain, path.c_str());
  auto const packed = read_gzip((path + ".gz").c_str());
  if (packed) return append_cifar10(to, *packed, path.c_str());
  return plain.error();
}

result<cifar10> load(std::string const& folder) {
  cifar10 all;
  for (char const* const part : {"1", "2", "3", "4", "5"})
    if (auto added = append(all.train, folder + "/data_batch_" + part + ".bin"); !added) return added.error();
  if (auto added = append(all.test, folder + "/test_batch.bin"); !added) return added.error();
  return all;
}

/// Five figures in two colours, somewhere on a ground of any colour, under noise.
data_set drawn(std::size_t count, generator random) {
  data_set all{.sample_size = cifar10_sample};
  for (std::size_t i = 0; i < count; ++i) {
    auto const label = static_cast<int>(random.below(10));
    float const ground[] = {random.uniform(40, 215), random.uniform(40, 215), random.uniform(40, 215)};
    float const radius = random.uniform(6, 10), x0 = random.uniform(11, 21), y0 = random.uniform(11, 21);
    for (int pixel = 0; pixel < 1024; ++pixel) {
      float const dx = (static_cast<float>(pixel % 32) - x0) / radius;
      float const dy = (static_cast<float>(pixel / 32) - y0) / radius;
      float const square = dx * dx + dy * dy, x = dx < 0 ? -dx : dx, y = dy < 0 ? -dy : dy;
      bool const box = x < 1 && y < 1;
      bool const inside[] = {square < 1, square < 1 && square > 0.4F, box && (x > 0.6F || y > 0.6F),
                             box && (x < 0.3F || y < 0.3F), box && x + y < 1 && y > 0.2F};
      for (int channel = 0; channel < 3; ++channel) {
        bool const lit = inside[label % 5] && channel == (label < 5 ? 0 : 2);
        float const level = (inside[label % 5] ? (lit ? 230.0F : 60.0F) : ground[channel]);
        float const noisy = level + 10 * random.normal();
        all.bytes.push_back(static_cast<std::uint8_t>(noisy < 0 ? 0 : noisy > 255 ? 255 : noisy));
      }
    }
    all.labels.push_back(label);
  }
  return all;
}

struct settings {
  std::size_t epochs = 16, batch_size = 128;
  float rate = 0.1F;
  std::uint64_t seed = 1;
  std::size_t more() const noexcept { return epochs < 2 ? 1 : epochs / 2; }
};

/// The recipe: images shifted by up to 4 pixels and mirrored, SGD with momentum, a short rise of the rate and
/// a cosine down. Gives the seconds that it took.
template <class Net>
double learn(Net& net, cifar10 const& images, settings const& p, float rate, std::size_t epochs) {
  auto const begin = std::chrono::steady_clock::now();
  fit(net, images.train, sgd{.rate = rate, .momentum = 0.9F, .weight_decay = 5e-4F},
      warm_up<cosine>{.fraction = 0.05},
      {.epochs = epochs,
       .batch_size = p.batch_size,
       .seed = seed{p.seed},
       .freeze_observers_after = epochs - 1,
       .augment = {.mirrored = flip::horizontal, .shift = 4, .padding = 128}});
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

template <class Net> double show(char const* what, Net const& net, cifar10 const& images, double seconds) {
  double const accuracy = evaluate(net, images.test).value().accuracy;
  std::printf("%-10s %6.2f %%  %6.0f s", what, 100 * accuracy, seconds);
  return accuracy;
}

/// A scheme's row: trained from the float network, deployed, compared.
template <class Scheme>
double row(char const* what, resnet8::in<float32> const& from, cifar10 const& images, settings const& p,
           std::size_t& differing) {
  auto quantized = quantization_aware<Scheme>(from);
  double const seconds = learn(quantized, images, p, p.rate / 5, p.more());
  auto const edge = to_integer(quantized).value();
  double const accuracy = show(what, edge, images, seconds);
  auto const codes = verify(quantized, edge, images.test.first(500)).value();
  std::printf("  %7zu  %zu of %zu\n", sizeof(edge), codes.differing, codes.compared);
  std::fflush(stdout);
  differing += codes.differing;
  return accuracy;
}

int main(int count, char** words) {
  settings p;
  char const* folder = nullptr;
  for (int i = 1; i < count; ++i) {
    std::string const word = words[i];
    if (word == "--epochs" && i + 1 < count)
      p.epochs = std::strtoull(words[++i], nullptr, 10);
    else if (word == "--seed" && i + 1 < count)
      p.seed = std::strtoull(words[++i], nullptr, 10);
    else
      folder = words[i];
  }
  if (p.epochs == 0) p.epochs = 1;
  cifar10 images;
  if (folder != nullptr) {
    auto read = load(folder);
    if (!read) return std::puts(read.error().what()), 1;
    images = std::move(*read);
  } else {
    generator const random = generator::from(seed{p.seed});
    images = {drawn(1000, random), drawn(250, generator::from(seed{p.seed + 1}))};
    p.epochs = 4;
    p.batch_size = 25;
    p.rate = 0.03F;
  }
  std::printf("%zu training and %zu test images%s, seed %llu, %zu + %zu epochs\n\n", images.train.count(),
              images.test.count(), folder != nullptr ? "" : " (drawn here)",
              static_cast<unsigned long long>(p.seed), p.epochs, p.more());

  resnet8::in<float32> net{seed{p.seed}};
  double const first = learn(net, images, p, p.rate, p.epochs);
  auto longer = net;
  std::printf("numbers    accuracy  training    bytes  codes that differ when deployed\n");
  show("at first", net, images, first);
  std::printf("\n");
  std::fflush(stdout);
  double const control = show("float32", longer, images, learn(longer, images, p, p.rate / 5, p.more()));
  std::printf("  %7zu\n", 4 * longer.float_count);
  std::fflush(stdout);
  std::size_t differing = 0;
  double const eight = row<int8>("int8", net, images, p, differing);
  double const four = row<w4a4>("W4A4", net, images, p, differing);
  return differing == 0 && control > 0.3 && eight > control - 0.1 && four > control - 0.2 ? 0 : 1;
}
