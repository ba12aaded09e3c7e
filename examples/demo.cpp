// The whole way on real digits: two networks, trained in float, quantized after training and in training at
// 8, 4 and 2 bits, turned into integers, and compared code by code with what was trained.
#include <dyadic/deploy/model_file.hpp>
#include <dyadic/dyadic.hpp>
#include <dyadic/interop/gzip.hpp>
#include <dyadic/train/verify.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

using namespace dyadic;

using lenet = sequential<input<28, 28, 1>,  //
                         conv2d<16, window{.size = 5}>, batch_norm, relu, max_pool<2>,
                         conv2d<32, window{.size = 5}>, batch_norm, relu, max_pool<2>,  //
                         flatten, dense<128>, relu, dense<10>>;

constexpr window three{.size = 3, .padding = padding::same};
constexpr window halving{.size = 3, .stride = 2, .padding = padding::same};

using resnet = sequential<input<28, 28, 1>,  //
                          conv2d<16, halving>, batch_norm, relu,
                          residual<conv2d<16, three>, batch_norm, relu, conv2d<16, three>, batch_norm>, relu,
                          residual<conv2d<32, halving>, batch_norm, relu, conv2d<32, three>, batch_norm,
                                   shortcut<conv2d<32, window{.size = 1, .stride = 2}>, batch_norm>>,
                          relu, global_average_pool, dense<10>>;

struct int8 : scheme {};
// The range of pixels is known: nothing to learn.
using pixels_seen = at<"input", activations<affine<4, per_tensor, range::min_max>>>;
struct w4a4 : scheme {
  using weights = symmetric<4, per_channel, range::lsq>;
  using activations = affine<4, per_tensor, range::lsq>;
  using overrides = list<pixels_seen>;
};
struct w2a4 : scheme {
  using weights = symmetric<2, per_channel, range::lsq>;
  using activations = affine<4, per_tensor, range::lsq>;
  using overrides = list<pixels_seen>;
};

struct row {
  char const* network;
  char const* scheme;
  double accuracy;
  std::size_t model_bytes, file_bytes, scratch_bytes;
  double microseconds;
  std::size_t mismatches, compared, images;
};

struct settings {
  std::string data = DYADIC_EXAMPLE_DATA "/mnist";
  std::string json;
  std::string network;  // empty: all
  std::uint64_t seed = 1;
  std::size_t epochs = 6;
  std::size_t tuning() const { return (epochs + 1) / 2; }
};

/// The median time of one call over the first test images, of several rounds. The clock is this process's
/// own: what other programs take of the core does not count.
template <class Call> double microseconds_per_image(data_view images, Call call) {
  std::vector<double> times;
  std::size_t const count = std::min<std::size_t>(images.count(), 200);
  for (int round = 0; round < 15; ++round) {
    std::clock_t const begin = std::clock();
    for (std::size_t i = 0; i < count; ++i)
      call(images.bytes.subspan(i * images.sample_size, images.sample_size));
    times.push_back(1e6 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC /
                    static_cast<double>(count));
  }
  std::nth_element(times.begin(), times.begin() + 7, times.end());
  return times[7];
}

template <class Net>
row float_row(char const* network, trainable_engine<Net, all_float> const& net, mnist const& digits) {
  using engine = trainable_engine<Net, all_float>;
  float logits[engine::output_size];
  double const time = microseconds_per_image(digits.test, [&](std::span<std::uint8_t const> image) {
    net.predict(image, std::span<float>(logits)).value();
  });
  return {network,
          "float32",
          100 * evaluate(net, digits.test).value().accuracy,
          engine::float_count * sizeof(float),
          to_bytes(net).size(),
          engine::work_bytes(1),
          time,
          0,
          0,
          digits.test.count()};
}

template <class Net, class Scheme>
row integer_row(char const* network, char const* scheme, trainable_engine<Net, Scheme> const& trained,
                mnist const& digits) {
  auto const deployed = to_integer(trained).value();
  using engine = integer_engine<Net, Scheme>;
  auto const compared = verify(trained, deployed, digits.test).value();
  int volatile answers = 0;  // so that no call can be left out
  double const time = microseconds_per_image(digits.test, [&](std::span<std::uint8_t const> image) {
    answers = answers + deployed.classify(image.template first<engine::input_size>());
  });
  return {network,
          scheme,
          100 * evaluate(deployed, digits.test).value().accuracy,
          sizeof(deployed),
          to_bytes(deployed).size(),
          engine::scratch_bytes,
          time,
          compared.differing,
          compared.compared,
          digits.test.count()};
}

template <class Net, class Scheme>
void tune(trainable_engine<Net, Scheme>& net, mnist const& digits, settings const& options) {
  fit(net, digits.train, adam{.rate = 1e-3F}, cosine{},
      {.epochs = options.tuning(), .seed = seed{options.seed}});
}

template <class Net>
void run(char const* network, mnist const& digits, settings const& options, std::vector<row>& table) {
  auto const say = [&](char const* what) { std::fprintf(stderr, "%s: %s\n", network, what); };
  using float_net = typename Net::template in<float32>;

  say("float, from a seed");
  float_net start{seed{options.seed}};
  fit(start, digits.train, adam{.rate = 1e-3F}, {.epochs = options.epochs, .seed = seed{options.seed}});

  say("float, the further epochs that the quantized networks get too");
  float_net control = start;
  tune(control, digits, options);
  table.push_back(float_row(network, control, digits));

  say("int8 after training: 512 images set the ranges");
  auto const after = calibrate<int8>(control, digits.train.first(512)).value();
  table.push_back(integer_row(network, "int8 PTQ", after, digits));

  auto const in_training = [&]<class Scheme>(Scheme, char const* name) {
    say(name);
    auto quantized = quantization_aware<Scheme>(start);
    tune(quantized, digits, options);
    table.push_back(integer_row(network, name, quantized, digits));
  };
  in_training(int8{}, "int8 QAT");
  in_training(w4a4{}, "W4A4 QAT");
  in_training(w2a4{}, "W2A4 QAT");
}

void print(std::vector<row> const& table) {
  std::printf("\n%-8s %-9s %9s %12s %11s %14s %12s %s\n", "network", "scheme", "accuracy", "model bytes",
              "file bytes", "scratch bytes", "us per image", "codes that differ");
  for (row const& r : table) {
    std::printf("%-8s %-9s %7.2f %% %12zu %11zu %14zu %12.2f ", r.network, r.scheme, r.accuracy,
                r.model_bytes, r.file_bytes, r.scratch_bytes, r.microseconds);
    if (r.compared == 0)
      std::printf("-\n");
    else
      std::printf("%zu of %zu\n", r.mismatches, r.compared);
  }
}

bool write_json(std::string const& path, std::vector<row> const& table, settings const& options) {
  std::FILE* const file = std::fopen(path.c_str(), "w");
  if (file == nullptr) return false;
  std::fprintf(file, "[\n");
  for (std::size_t i = 0; i < table.size(); ++i) {
    row const& r = table[i];
    std::fprintf(file,
                 "  {\"network\": \"%s\", \"scheme\": \"%s\", \"accuracy\": %.4f, \"model_bytes\": %zu, "
                 "\"file_bytes\": %zu, \"scratch_bytes\": %zu, \"microseconds_per_image\": %.4f, "
                 "\"code_mismatches\": %zu, \"codes_compared\": %zu, \"images\": %zu, \"seed\": %llu, "
                 "\"instruction_set\": \"%s\"}%s\n",
                 r.network, r.scheme, r.accuracy, r.model_bytes, r.file_bytes, r.scratch_bytes,
                 r.microseconds, r.mismatches, r.compared, r.images,
                 static_cast<unsigned long long>(options.seed), kernel::native::name.c_str(),
                 i + 1 < table.size() ? "," : "");
  }
  std::fprintf(file, "]\n");
  return std::fclose(file) == 0;
}

int usage() {
  std::fprintf(
      stderr,
      "demo [--data DIR] [--seed N] [--epochs N] [--json FILE] [--network NAME]\n"
      "  --data DIR   a folder with the four MNIST files, gzip or plain (default: 12,000 + 4,000 digits)\n"
      "  --seed N     of weights, shuffle and dropout (default 1)\n"
      "  --epochs N   float epochs (default 6); every network then gets half as many more\n"
      "  --json FILE  writes the table's rows\n");
  return 2;
}

int main(int count, char** words) {
  settings options;
  for (int i = 1; i < count; ++i) {
    std::string const word = words[i];
    if (i + 1 == count) return usage();
    char const* const value = words[++i];
    if (word == "--data")
      options.data = value;
    else if (word == "--json")
      options.json = value;
    else if (word == "--network")
      options.network = value;
    else if (word == "--seed")
      options.seed = std::strtoull(value, nullptr, 10);
    else if (word == "--epochs")
      options.epochs = std::max<std::size_t>(1, std::strtoull(value, nullptr, 10));
    else
      return usage();
  }
  auto digits = load_mnist(options.data.c_str());
  if (!digits) {
    std::fprintf(stderr, "demo: %s\n", digits.error().what());
    return 1;
  }
  std::printf("%zu training and %zu test digits, seed %llu, %zu + %zu epochs, instruction set %s\n",
              digits->train.count(), digits->test.count(), static_cast<unsigned long long>(options.seed),
              options.epochs, options.tuning(), kernel::native::name.c_str());
  std::vector<row> table;
  if (options.network.empty() || options.network == "lenet") run<lenet>("lenet", *digits, options, table);
  if (options.network.empty() || options.network == "resnet") run<resnet>("resnet", *digits, options, table);
  print(table);
  if (!options.json.empty() && !write_json(options.json, table, options)) {
    std::fprintf(stderr, "demo: cannot write %s\n", options.json.c_str());
    return 1;
  }
  for (row const& r : table)
    if (r.mismatches != 0) return 1;
  return 0;
}
