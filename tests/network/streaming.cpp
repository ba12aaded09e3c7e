#include <dyadic/network/streaming.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include <dyadic/layer/layers.hpp>

#include "parity.hpp"

using namespace dyadic;

namespace {

struct int8 : scheme {};
struct w4a4 : scheme {
  using weights = symmetric<4>;
  using activations = affine<4>;
};
struct sixteen_bits : scheme {
  using weights = fixed_point<16, 14>;
  using activations = fixed_point<16, 10>;
  using rescale = power_of_two<>;
};
struct two_roundings : scheme {
  using rescale = tflite_reference;
};

constexpr window causal{.size = 3, .padding = padding::causal, .dilation = 2};

using short_net = sequential<input<9, 3>, conv1d<8, causal>, batch_norm, relu, gru<10, return_sequences>,
                             dropout<>, dense<4>>;
template <int Steps>
using long_net = sequential<input<Steps, 5>, conv1d<8, window{.size = 4, .stride = 2}>, relu, max_pool<2>,
                            lstm<9, return_sequences>, hard_swish, dense<6>, relu, dense<3>>;
template <int Steps>
using pools =
    sequential<input<Steps, 4>, batch_norm, max_pool<3, pooling{.stride = 1, .padding = padding::causal}>,
               depthwise_conv1d<window{.size = 5, .padding = padding::causal}>,
               average_pool<3, pooling{.stride = 2, .padding = padding::causal}>, relu, dense<5>>;
template <int Steps>
using each_step = sequential<input<Steps, 4>, dense<7>, prelu, dense<9, activations<symmetric<16>>>, swish,
                             layer_norm, relu, dense<5>, softmax>;
template <int Steps>
using last_state = sequential<input<Steps, 4>, conv1d<6, window{.size = 2}>, gru<12>, dense<5>>;

template <int Steps>
using joined_net =
    sequential<input<Steps, 4>, residual<conv1d<4, causal>, relu, conv1d<4, causal>>, relu,
               concat<branch<conv1d<3, window{.size = 3, .stride = 2, .padding = padding::causal}>, relu>,
                      branch<gru<5, return_sequences>, max_pool<2, pooling{.padding = padding::causal}>>>,
               dense<3>>;

template <class Network, class Scheme> struct deployed {
  using engine = integer_engine<Network, Scheme>;
  std::unique_ptr<engine> edge;
  std::vector<typename engine::code> inputs;
  std::vector<typename engine::output_code> outputs;

  explicit deployed(std::uint64_t seed) : inputs(engine::input_size), outputs(engine::output_size) {
    edge = std::make_unique<engine>(to_integer(parity::trained<Network, Scheme>(seed)).value());
    edge->encode(std::span<std::uint8_t const>(parity::images_of(inputs.size(), seed + 1)), inputs);
    auto const room = std::make_unique<typename engine::template scratch<1>>();
    CHECK(edge->infer(inputs, outputs, *room) == 1);
  }

  /// The stream's codes, `length(done)` being the next block's steps.
  template <class Length> std::vector<typename engine::output_code> streamed(Length length) const {
    using live = stream<engine>;
    live s{*edge};
    typename live::scratch room;
    std::vector<typename engine::output_code> all(inputs.size() * 16);
    std::size_t given = 0;
    for (std::size_t at = 0; at < inputs.size();) {
      std::size_t const block = std::min(length(at / live::step_size) * live::step_size, inputs.size() - at);
      auto const done = s.push(std::span(inputs).subspan(at, block),
                               std::span(all).subspan(given * live::output_step_size), room);
      CHECK(done.taken * live::step_size == block);
      at += block;
      given += done.given;
    }
    all.resize(given * live::output_step_size);
    return all;
  }
};

template <class Network, class Scheme> void compare_random_splits(std::uint64_t seed) {
  INFO("seed ", seed);
  deployed<Network, Scheme> const net(seed);
  generator random = generator::from({seed + 2});
  CHECK(net.streamed([](std::size_t) { return std::size_t{1}; }) == net.outputs);
  for (int split = 0; split < 20; ++split)
    CHECK(net.streamed([&](std::size_t) { return std::size_t{1} + random.below(30); }) == net.outputs);
  CHECK(net.streamed([&](std::size_t) { return std::size_t{100000}; }) == net.outputs);
}

}  // namespace

TEST_CASE("a stream gives the codes of the whole sequence for every split into blocks") {
  deployed<short_net, int8> const net(1);
  for (unsigned cuts = 0; cuts < 256; ++cuts) {
    auto const length = [cuts](std::size_t at) {
      std::size_t steps = 1;
      while (at + steps < 9 && (cuts >> (at + steps - 1) & 1U) == 0) ++steps;
      return steps;
    };
    if (net.streamed(length) != net.outputs) FAIL("cuts ", cuts);
  }
  CHECK(net.outputs.size() == 36);
}

TEST_CASE("a stream gives the codes of a long sequence for random splits, strides and pools in it") {
  compare_random_splits<long_net<150>, int8>(2);
  compare_random_splits<long_net<93>, w4a4>(3);
  compare_random_splits<pools<150>, int8>(4);
  compare_random_splits<pools<61>, w4a4>(5);
  compare_random_splits<pools<62>, two_roundings>(6);
  compare_random_splits<joined_net<81>, int8>(7);
  compare_random_splits<each_step<40>, int8>(9);
  compare_random_splits<long_net<37>, sixteen_bits>(10);
}

TEST_CASE("a layer that gives its last state gives in a stream the last so far at every step") {
  deployed<last_state<20>, int8> const net(7);
  auto const all = net.streamed([](std::size_t) { return std::size_t{3}; });
  REQUIRE(all.size() == 19 * 5);
  CHECK(std::vector(all.end() - 5, all.end()) == net.outputs);
}

TEST_CASE("streams share an engine, stop where the outputs end and start again") {
  deployed<short_net, int8> const net(8);
  using live = stream<integer_engine<short_net, int8>>;
  live a{*net.edge}, b{*net.edge};
  live::scratch room;
  std::vector<std::int16_t> of_a(36), of_b(36);
  for (std::size_t t = 0; t < 9; ++t) {
    std::span const step = std::span(net.inputs).subspan(3 * t, 3);
    CHECK(a.push(step, std::span(of_a).subspan(4 * t, 4), room).given == 1);
    if (t < 5) b.push(step, std::span(of_b).subspan(4 * t, 4), room);
  }
  CHECK(of_a == net.outputs);
  CHECK(std::equal(of_b.begin(), of_b.begin() + 20, of_a.begin()));
  b.restart();
  auto const some = b.push(net.inputs, std::span(of_b).first(11), room);
  CHECK(some.taken == 2);
  CHECK(some.given == 2);
  auto const rest = b.push(std::span(net.inputs).subspan(6), std::span(of_b).subspan(8), room);
  CHECK(rest.taken == 7);
  CHECK(of_b == net.outputs);
  CHECK(noexcept(a.push(net.inputs, of_a, room)));
}

TEST_CASE("a stream is a constant expression") {
  using net_type = sequential<input<4, 2>, conv1d<2, window{.size = 2, .padding = padding::causal}>,
                              gru<3, return_sequences>, dense<2>>;
  using engine = integer_engine<net_type, int8>;
  constexpr auto given = [] {
    constexpr engine edge{};
    stream<engine> s{edge};
    stream<engine>::scratch room;
    std::int8_t const codes[8]{1, 2, 3, 4, 5, 6, 7, 8};
    std::int16_t outputs[8]{};
    return s.push(codes, outputs, room, kernel::reference{}).given;
  }();
  static_assert(given == 4);
  CHECK(given == 4);
}
