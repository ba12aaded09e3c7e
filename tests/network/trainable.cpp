#include <dyadic/network/trainable.hpp>

#include "networks.hpp"
#include "parity.hpp"

using namespace dyadic;

namespace {

struct int8 : scheme {};
struct learned : scheme {
  using weights = symmetric<4, per_channel, range::lsq>;
  using activations = affine<4, per_tensor, range::lsq>;
};

template <class Net> std::vector<float> numbers_of(Net const& net) {
  return {net.floats().begin(), net.floats().end()};
}

}  // namespace

TEST_CASE_TEMPLATE("a training forward with batch norm and observers frozen gives the evaluation codes",
                   Scheme, int8, learned, all_float) {
  auto const check = [](auto net) {
    auto const bytes = parity::images_of(parity::images * net.input_size, 3);
    parity::trace const evaluated = parity::trained_trace(net, bytes);
    auto const before = numbers_of(net);
    net.forward({.keep = true}, {bytes.data(), nullptr, parity::images});
    parity::trace frozen;
    net.watch_stages(parity::record_into(frozen));
    CHECK(parity::difference(evaluated, frozen) == "");
    CHECK(numbers_of(net) == before);
    std::vector<float> dy(parity::images * net.output_size, 1.0F);
    net.backward({.keep = true}, parity::images, dy.data());
    CHECK(numbers_of(net) == before);
    // And the other way round: what is not frozen moves.
    net.forward({.batch_statistics = true, .keep = true}, {bytes.data(), nullptr, parity::images});
    CHECK(numbers_of(net) != before);
  };
  check(parity::trained<networks::mixture, Scheme>(1));
  check(parity::trained<networks::branches, Scheme>(2));
}

TEST_CASE("an uncalibrated network says which stage has no range yet") {
  networks::branches::in<trainable<int8>> net{seed{1}};
  auto const first_error = [&] { return std::string(net.calibrated().error().what()); };
  CHECK(!net.calibrated());
  CHECK(first_error().find("\"input\"") != std::string::npos);
  CHECK(!to_integer(net));
  std::vector<float> image(net.input_size), outputs(net.output_size);
  CHECK(!net.predict(std::span<float const>(image), outputs));
  // Of a network that has all ranges but one, the one.
  auto const bytes = parity::images_of(4 * net.input_size, 1);
  net.forward({.observe = true}, {bytes.data(), nullptr, 4});
  CHECK(net.calibrated());
  CHECK(net.predict(std::span<float const>(image), outputs));
  auto const calibrated = net;
  std::size_t at = 0, ranges = 0;
  for (segment const& s : net.segments) {
    if (std::string(s.name) == "output_range") {
      net = calibrated;
      for (std::size_t i = at; i < at + s.count; ++i) net.floats()[i] = 0;
      CHECK(!net.calibrated());
      CHECK(first_error().find("\"" + std::string(s.stage) + "\"") != std::string::npos);
      ++ranges;
    }
    at += s.count;
  }
  CHECK(ranges == 9);
}

TEST_CASE("an engine is a value") {
  auto net = parity::trained<networks::operations, int8>(4);
  auto const bytes = parity::images_of(parity::images * net.input_size, 5);
  parity::trace const expected = parity::trained_trace(net, bytes);
  auto copy = net;
  CHECK(parity::difference(expected, parity::trained_trace(copy, bytes)) == "");
  parity::train(net, bytes, 2);
  CHECK(parity::difference(expected, parity::trained_trace(net, bytes)) != "");
  CHECK(parity::difference(expected, parity::trained_trace(copy, bytes)) == "");
  auto moved = std::move(copy);
  CHECK(parity::difference(expected, parity::trained_trace(moved, bytes)) == "");
  net = moved;
  CHECK(parity::difference(expected, parity::trained_trace(net, bytes)) == "");
}

TEST_CASE("before the first forward call there is nothing to watch") {
  networks::operations::in<trainable<int8>> const net{seed{1}};
  parity::trace seen;
  net.watch_stages(parity::record_into(seen));
  CHECK(seen.empty());
}

TEST_CASE("a seed gives the same network, another seed another one") {
  using engine = networks::branches::in<float32>;
  CHECK(numbers_of(engine{seed{7}}) == numbers_of(engine{seed{7}}));
  CHECK(numbers_of(engine{seed{7}}) != numbers_of(engine{seed{8}}));
}

TEST_CASE("bytes and the reals they stand for are the same input") {
  auto net = parity::trained<networks::operations, int8>(4);
  auto const bytes = parity::images_of(parity::images * net.input_size, 5);
  std::vector<float> reals;
  for (std::uint8_t const byte : bytes) reals.push_back(static_cast<float>(byte / 255.0));
  parity::trace const expected = parity::trained_trace(net, bytes);
  net.forward({}, {nullptr, reals.data(), parity::images});
  parity::trace seen;
  net.watch_stages(parity::record_into(seen));
  CHECK(parity::difference(expected, seen) == "");
}

TEST_CASE("predict checks sizes and gives one image's outputs") {
  auto net = parity::trained<networks::operations, int8>(4);
  auto const bytes = parity::images_of(net.input_size, 5);
  std::vector<float> outputs(net.output_size);
  CHECK(net.predict(std::span<std::uint8_t const>(bytes), outputs));
  float const* const expected = net.forward({}, {bytes.data(), nullptr, 1});
  for (std::size_t i = 0; i < outputs.size(); ++i) CHECK(outputs[i] == expected[i]);
  CHECK(!net.predict(std::span<std::uint8_t const>(bytes).first(3), outputs));
  CHECK(!net.predict(std::span<std::uint8_t const>(bytes), std::span<float>(outputs).first(1)));
}

TEST_CASE("a quantized pass keeps codes, a bit for each, and sums of 16 bits where the backward pass asks") {
  using plain = sequential<input<64>, dense<256>, relu, dense<128>, relu>;
  using normed = sequential<input<16, 16, 8>, conv2d<32, window{3}>, batch_norm, relu, conv2d<16, window{3}>,
                            batch_norm, relu>;
  constexpr std::size_t images = 64, places = 2048;  // of one pass: a hundred bytes here and there
  auto const kept = []<class Net, class Scheme>(Net, Scheme) {
    return Net::template in<trainable<Scheme>>::kept_bytes(images);
  };
  CHECK(kept(plain{}, int8{}) <= (64 + 256 + 2 * 128 + 384 / 8) * images + places);
  CHECK(kept(plain{}, learned{}) <= (64 * 5 + 384 * 3) * images + places);  // the input's range is learned
  CHECK(kept(plain{}, all_float{}) >= (64 + 384) * 4 * images);
  constexpr std::size_t last = 12 * 12 * 16, outputs = 14 * 14 * 32 + last;
  CHECK(kept(normed{}, int8{}) <= (16 * 16 * 8 + outputs * 3 + last + outputs / 8) * images + places);
  CHECK(kept(normed{}, all_float{}) >= (16 * 16 * 8 + outputs * 2) * 4 * images);
}
