// Whose arithmetic? Real runtimes round differently, and a network's codes follow. One trained network,
// calibrated under each requantization policy: what was calibrated is what runs, under each of them, on every
// code of every layer.
#include <dyadic/dyadic.hpp>
#include <dyadic/interop/gzip.hpp>

#include <cstdio>
#include <vector>

using namespace dyadic;

constexpr window three{.size = 3, .padding = padding::same};

using net = sequential<input<28, 28, 1>, conv2d<8, window{.size = 5, .stride = 2}>, batch_norm, relu,
                       residual<conv2d<8, three>, batch_norm, relu, conv2d<8, three>, batch_norm>, relu,
                       max_pool<2>, conv2d<16, three>, batch_norm, relu, average_pool<2>, flatten, dense<10>>;

struct by_default : scheme {};  // one rounding, half up, of a 31-bit multiplication
struct by_shifts : scheme {     // no multiplication: scales are powers of two
  using rescale = power_of_two<rounding::half_up>;
};
struct as_tflite_micro : scheme {  // two roundings
  using rescale = tflite_reference;
};
struct as_xnnpack : scheme {  // a float32 scale, half to even, computed in integers where there is no float
  using rescale = xnnpack_fp32;
};

/// The class that an engine gives each image.
template <class Engine> std::vector<int> answers(Engine const& engine, data_view images) {
  std::vector<int> all;
  for (std::size_t i = 0; i < images.count(); ++i)
    all.push_back(engine.classify(images.slice(i, 1).bytes.template first<Engine::input_size>()));
  return all;
}

int main(int count, char** words) {
  auto const digits = load_mnist(count > 1 ? words[1] : DYADIC_EXAMPLE_DATA "/mnist").value();
  net::in<float32> trained{seed{1}};
  fit(trained, digits.train, adam{.rate = 2e-3F}, cosine{}, {.epochs = 2});
  std::printf("float %.2f %%, %zu test digits\n\n%-26s %9s %26s %s\n",
              100 * evaluate(trained, digits.test)->accuracy, digits.test.count(), "policy", "accuracy",
              "answers unlike the default", "codes that differ from calibrated");

  std::size_t differing = 0;
  std::vector<int> usual;
  auto const show = [&]<class Scheme>(Scheme) {
    auto const calibrated = calibrate<Scheme>(trained, digits.train.first(512)).value();
    auto const edge = to_integer(calibrated).value();
    auto const codes = verify(calibrated, edge, digits.test).value();
    auto const given = answers(edge, digits.test);
    if (usual.empty()) usual = given;
    std::size_t unlike = 0;
    for (std::size_t i = 0; i < given.size(); ++i) unlike += given[i] != usual[i] ? 1 : 0;
    std::printf("%-26s %7.2f %% %26zu %zu of %zu\n", Scheme::rescale::name.c_str(),
                100 * evaluate(edge, digits.test)->accuracy, unlike, codes.differing, codes.compared);
    differing += codes.differing;
  };
  show(by_default{});
  show(by_shifts{});
  show(as_tflite_micro{});
  show(as_xnnpack{});
  return differing == 0 ? 0 : 1;
}
