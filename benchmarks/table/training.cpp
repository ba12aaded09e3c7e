// One training step on one batch: forward, cross entropy, backward, stochastic gradient descent with
// momentum; in float32, and with the integer forward pass.
#include <memory>

#include "../networks.hpp"
#include "contest.hpp"

namespace benched {
namespace {

template <class Net, class Scheme> struct step_runner {
  using engine = typename Net::template in<trainable<Scheme>>;

  explicit step_runner(std::size_t batch_size) : data(images<Net>(batch_size)) {}
  float step() { return static_cast<float>(run.step(data, cross_entropy{}).mean()); }
  /// Steps on one batch lessen its loss, and what was trained is, deployed, what the reference computes.
  bool correct() {
    float const first = step();
    float last = first;
    for (int i = 0; i < 20; ++i) last = step();
    bool right = last < first;
    if constexpr (!engine::is_real) {
      auto const deployed = to_integer(net).value();
      auto const image = std::span<std::uint8_t const>(data.bytes).first(engine::input_size);
      using deployed_engine = typename Net::template in<integer<Scheme>>;
      auto const room = std::make_unique<typename deployed_engine::template scratch<1>>();
      std::vector<typename deployed_engine::output_code> codes(engine::output_size), expected(codes);
      deployed.infer_bytes(image, codes, *room);
      deployed.infer_bytes(image, expected, *room, kernel::reference{});
      std::vector<float> reals(codes.size()), trained(codes.size());
      deployed.decode(expected, reals);
      net.predict(image, std::span<float>(trained)).value();
      right = right && codes == expected && reals == trained;
    }
    return right;
  }

  data_set data;
  engine net{seed{1}};
  training<engine, sgd> run{net, sgd{.rate = 0.01F, .momentum = 0.9F}, seed{1}};
};

template <class Net, class Scheme> contender stepping(std::size_t batch_size, std::string variant) {
  auto const runner = std::make_shared<step_runner<Net, Scheme>>(batch_size);
  std::string rescale;
  if constexpr (!step_runner<Net, Scheme>::engine::is_real) rescale = Scheme::rescale::name.c_str();
  return {.implementation = "dyadic",
          .rescale = std::move(rescale),
          .variant = std::move(variant),
          .run = [runner] { runner->step(); },
          .correct = [runner] { return runner->correct(); }};
}

/// Multiply-adds are those of the forward pass, the weights' gradients and the inputs' gradients, which the
/// first layer, of `first` multiply-adds an image, does not need.
template <class Net> contest training_contest(std::size_t batch_size, std::size_t first) {
  contest made{.multiply_adds = static_cast<double>((3 * Net::mac_count - first) * batch_size),
               .contenders = {},
               .float_peak = true};
  made.contenders.push_back(stepping<Net, all_float>(batch_size, "float32"));
  made.contenders.push_back(stepping<Net, int8>(batch_size, "int8"));
  if constexpr (std::same_as<Net, lenet>)
    made.contenders.push_back(stepping<Net, w4a4>(batch_size, "4 bits, lsq"));
  return made;
}

}  // namespace

std::vector<entry> training_entries() {
  return {{"training", "mlp batch 64", [] { return training_contest<mlp>(64, 784 * 256); }},
          {"training", "lenet batch 64", [] { return training_contest<lenet>(64, 24 * 24 * 25 * 16); }},
          {"training", "resnet8 batch 32", [] { return training_contest<resnet8>(32, 32 * 32 * 27 * 16); }}};
}

}  // namespace benched
