#include <doctest/doctest.h>

#include <dyadic/deploy/to_integer.hpp>
#include <dyadic/layer/layers.hpp>
#include <dyadic/network/sequential.hpp>

#include <array>
#include <cstring>

using namespace dyadic;

namespace {

// Two channels with byte maps of their own.
using net = sequential<input_with<shape<3, 3, 2>, bytes<sensor{.offset = 128, .scale = 1.0 / 128}, sensor{}>>,
                       conv2d<3, window{.size = 2}>, batch_norm, relu, flatten, named<"head", dense<2>>>;
struct int8 : scheme {};
using trained_net = net::in<trainable<int8>>;

trained_net calibrated(float low, float high) {
  trained_net made{seed{4}};
  std::array<float, 18> image{};
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = i % 2 == 0 ? low : high;
  made.forward({.observe = true}, {nullptr, image.data(), 1});
  return made;
}

}  // namespace

TEST_CASE("an uncalibrated network does not convert, and the first stage without a range is named") {
  auto const refused = to_integer(trained_net{seed{1}});
  REQUIRE(!refused);
  CHECK(refused.error().kind == fault::not_calibrated);
  CHECK(std::strstr(refused.error().what(), "\"input\"") != nullptr);
}

TEST_CASE("the input's tables hold the code of every byte, by each channel's map") {
  auto const edge = to_integer(calibrated(-1, 1)).value();
  code_grid const where = edge.input.output.where();
  for (int byte = 0; byte < 256; ++byte) {
    float const first = static_cast<float>((byte - 128.0) * (1.0 / 128));
    float const second = static_cast<float>(byte * (1.0 / 255));
    CHECK(edge.input.tables[0][byte] == encode(first, where, -128, 127));
    CHECK(edge.input.tables[1][byte] == encode(second, where, -128, 127));
  }
}

TEST_CASE("decoded output codes are the trained network's outputs") {
  auto const trained = calibrated(-0.5F, 0.75F);
  auto const edge = to_integer(trained).value();
  std::array<float, 18> image{};
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = 0.07F * static_cast<float>(i) - 0.5F;
  std::array<float, 2> expected{}, found{};
  trained.predict(std::span<float const>(image), std::span<float>(expected)).value();
  std::array<std::int8_t, 18> codes{};
  edge.encode(std::span<float const>(image), codes);
  auto const outputs = edge.infer(codes);
  edge.decode(outputs, found);
  CHECK(found == expected);
}

TEST_CASE("conversion leaves the trained network as it was") {
  auto const trained = calibrated(-1, 1);
  trained_net const before = trained;
  auto const first = to_integer(trained).value();
  auto const second = to_integer(trained).value();
  CHECK(std::memcmp(before.floats().data(), trained.floats().data(), trained.floats().size_bytes()) == 0);
  CHECK(first.output.scale_bits == second.output.scale_bits);
}
