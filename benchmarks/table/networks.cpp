// Whole networks from input codes to output codes, and the same networks in float32.
#include <memory>

#include "../networks.hpp"
#include "contest.hpp"

namespace benched {
namespace {

/// 8-bit codes everywhere, as TensorFlow Lite's files have them.
template <class Policy> struct codes_of_8_bits : scheme {
  using activations = affine<8>;
  using outputs = affine<8>;
  using rescale = Policy;
};

template <class Net, class Policy, std::size_t Images> struct integer_runner {
  using scheme = codes_of_8_bits<Policy>;
  using engine = typename Net::template in<integer<scheme>>;
  using code = typename engine::output_code;

  integer_runner() : codes(Images * engine::output_size) {
    typename Net::template in<trainable<scheme>> net{seed{1}};
    auto const seen = images<Net>(32);
    net.forward({.observe = true}, source_of(seen));
    deployed = std::make_unique<engine>(to_integer(net).value());
    auto const data = images<Net>(Images);
    room = std::make_unique<typename engine::template scratch<Images>>();
    deployed->encode(std::span<std::uint8_t const>(data.bytes),
                     std::span<typename engine::code>(room->input, Images * engine::input_size));
  }
  template <class Arch> void run(Arch arch, std::vector<code>& to) {
    deployed->infer_encoded(*room, std::span<code>(to), Images, arch);
  }
  bool correct() {
    std::vector<code> expected(codes.size());
    run(kernel::reference{}, expected);
    return codes == expected;
  }

  std::unique_ptr<engine> deployed;
  std::unique_ptr<typename engine::template scratch<Images>> room;
  std::vector<code> codes;
};

template <class Net, class Policy, std::size_t Images = 1> contender integers() {
  auto const runner = std::make_shared<integer_runner<Net, Policy, Images>>();
  return {.implementation = "dyadic",
          .rescale = Policy::name.c_str(),
          .variant = "int8",
          .run = [runner] { runner->run(kernel::native{}, runner->codes); },
          .correct = [runner] { return runner->correct(); }};
}

/// The float network; it is correct if the quantized one gives nearly the same.
template <class Net> contender floats() {
  using quantized = typename Net::template in<trainable<codes_of_8_bits<multiplier<31>>>>;
  struct state {
    typename Net::template in<float32> net{seed{1}};
    data_set data = images<Net>(32);
    std::array<float, quantized::output_size> outputs{};
  };
  auto const held = std::make_shared<state>();
  auto const predict = [](auto const& net, state const& from, std::span<float> to) {
    auto const image = std::span<std::uint8_t const>(from.data.bytes).first(quantized::input_size);
    net.predict(image, to).value();
  };
  return {.implementation = "dyadic",
          .rescale = {},
          .variant = "float32",
          .run = [held, predict] { predict(held->net, *held, held->outputs); },
          .correct =
              [held, predict] {
                quantized coded = quantization_aware<codes_of_8_bits<multiplier<31>>>(held->net);
                coded.forward({.observe = true}, source_of(held->data));
                std::array<float, quantized::output_size> expected{};
                predict(coded, *held, expected);
                float largest = 0, error = 0;
                for (std::size_t i = 0; i < expected.size(); ++i) {
                  largest = std::max(largest, std::abs(expected[i]));
                  error = std::max(error, std::abs(expected[i] - held->outputs[i]));
                }
                return error <= 0.1F * largest;
              }};
}

template <class Net> contest network_contest() {
  contest made{.multiply_adds = static_cast<double>(Net::mac_count), .contenders = {}};
  made.contenders.push_back(integers<Net, xnnpack_fp32>());
  made.contenders.push_back(integers<Net, multiplier<31>>());
  made.contenders.push_back(floats<Net>());
  return made;
}

template <int Width, std::size_t Depth, std::size_t Images> entry tower_entry() {
  using net = tower<Width, Depth>;
  std::string name = "tower width ";
  name.append(std::to_string(Width)).append(" depth ").append(std::to_string(Depth));
  name.append(" batch ").append(std::to_string(Images));
  return {"network", name, [] {
            contest made{.multiply_adds = static_cast<double>(net::mac_count * Images), .contenders = {}};
            made.contenders.push_back(integers<net, xnnpack_fp32, Images>());
            return made;
          }};
}

}  // namespace

std::vector<entry> network_entries() {
  return {{"network", "resnet8", network_contest<resnet8_classifier>},
          {"network", "ad01", network_contest<ad01>},
          {"network", "kws", network_contest<kws>},
          {"network", "lenet", network_contest<lenet>},
          {"network", "mlp", network_contest<mlp>},
          tower_entry<128, 2, 1>(),
          tower_entry<128, 4, 1>(),
          tower_entry<128, 8, 1>(),
          tower_entry<64, 8, 1>(),
          tower_entry<256, 8, 1>(),
          tower_entry<128, 8, 4>(),
          tower_entry<128, 8, 16>(),
          tower_entry<128, 8, 64>()};
}

}  // namespace benched
