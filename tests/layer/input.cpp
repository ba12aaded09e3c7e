#include <dyadic/layer/input.hpp>

#include "fake_quantized.hpp"

#include <dyadic/deploy/to_integer.hpp>

using namespace dyadic;

namespace {

struct int8 : scheme {};
struct learned : scheme {
  using weights = symmetric<4, per_channel, range::lsq>;
  using activations = affine<4, per_tensor, range::lsq>;
};
using pictures = input_with<shape<2, 3, 2>, bytes<sensor{}, sensor{.offset = 128, .scale = 0.02}>>;

}  // namespace

TEST_CASE("a byte stands for a real: by default its 255th part, else by the map of its channel") {
  for (int byte = 0; byte < 256; ++byte) {
    auto const b = static_cast<std::uint8_t>(byte);
    CHECK(input<4, 4, 1>::real_of(b, 0) == static_cast<float>(byte * (1.0 / 255)));
    CHECK(pictures::real_of(b, 0) == static_cast<float>(byte * (1.0 / 255)));
    CHECK(pictures::real_of(b, 1) == static_cast<float>((byte - 128) * 0.02));
  }
  static_assert(input<4, 4, 3>::map_count == 1 && pictures::map_count == 2);
  static_assert(input<4, 4, 1>::real_of(255, 0) == 1.0F);
}

TEST_CASE("an integer engine's tables are the codes of the reals that bytes stand for") {
  using net = sequential<pictures, conv2d<2, window{.size = 1}>>;
  net::in<trainable<int8>> trained{seed{1}};
  std::vector<std::uint8_t> bytes(256 * 12);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i / 12);
  trained.forward({.observe = true}, {bytes.data(), nullptr, 256});
  auto const engine = to_integer(trained).value();
  code_grid const where = engine.input.output.where();
  CHECK(where.scale == doctest::Approx((2.54 + 2.56) / 255));
  std::vector<std::int8_t> codes(bytes.size()), from_reals(bytes.size());
  std::vector<float> reals;
  for (std::size_t i = 0; i < bytes.size(); ++i) reals.push_back(pictures::real_of(bytes[i], i % 2));
  engine.encode(std::span<std::uint8_t const>(bytes), std::span(codes));
  engine.encode(std::span<float const>(reals), std::span(from_reals));
  CHECK(codes == from_reals);
  for (std::size_t i = 0; i < 2; ++i) CHECK(codes[i] == encode(reals[i], where, -128, 127));
}

TEST_CASE("where a layer kept float stands before or behind, reals and codes are converted, gradients too") {
  using net = sequential<input<7>, dense<6>, relu, named<"float", dense<5>>, relu, dense<4>>;
  fake_quantized::check<net, with<learned, at<"float", kept_float>>>(
      [](fake_quantized::walker& w, fake_quantized::array const& x) {
        using fake_quantized::finish;
        auto y = w.linear(w.encode(x), {1, 1}, 6, finish::bias, fake_quantized::relu);
        y = w.floating(y, 5, fake_quantized::relu);
        return w.linear(w.encode(y), {1, 1}, 4, finish::bias, {}, true);
      },
      false);
}
