#include "networks.hpp"
#include "parity.hpp"

using namespace dyadic;

namespace {

struct int8 : scheme {};
struct four_bits : scheme {
  using weights = symmetric<4, per_channel, range::lsq>;
  using activations = affine<4, per_tensor, range::lsq>;
};
using head_kept_float = with<int8, at<"head", kept_float>>;
using head_in_eight_bits = with<four_bits, at<"head", weights<symmetric<8>>, outputs<affine<8>>>>;

// A byte map for each channel, and coarse input codes.
using sensors = sequential<
    input_with<shape<5, 4, 2>, bytes<sensor{}, sensor{.offset = 128, .scale = 0.02}>, activations<affine<5>>>,
    conv2d<3, window{.size = 2}>, relu, flatten, dense<3>>;

}  // namespace

TEST_CASE_TEMPLATE("codes are the deployed ones in every network", Network, networks::lenet,
                   networks::branches, networks::mixture, sensors) {
  parity::check<Network, int8>(1);
}

TEST_CASE("codes are the deployed ones with learned steps of four bits") {
  parity::check<networks::branches, four_bits>(2);
  parity::check<networks::lenet, head_in_eight_bits>(3);
}

TEST_CASE("codes and floats are the deployed ones where a layer is kept float") {
  parity::check<networks::mixture, head_kept_float>(4);
}

TEST_CASE("codes do not depend on the group of images that the scratch holds") {
  auto const engine = to_integer(parity::trained<networks::branches, int8>(5)).value();
  auto const bytes = parity::images_of(parity::images * engine.input_size, 6);
  auto const alone = parity::grouped<1>(engine, bytes);
  CHECK(alone == parity::grouped<3>(engine, bytes));
  CHECK(alone == parity::grouped<8>(engine, bytes));
  CHECK(alone == parity::deployed_trace(engine, bytes, kernel::native{}).back().codes);
}

TEST_CASE("the short form and the classes of bytes are the same network") {
  auto const engine = to_integer(parity::trained<networks::branches, int8>(5)).value();
  using engine_type = std::remove_const_t<decltype(engine)>;
  auto const bytes = parity::images_of(parity::images * engine.input_size, 6);
  auto const all = parity::grouped<1>(engine, bytes);
  for (std::size_t i = 0; i < parity::images; ++i) {
    std::span<std::uint8_t const, engine_type::input_size> const image{bytes.data() + i * engine.input_size,
                                                                       engine_type::input_size};
    std::array<engine_type::code, engine_type::input_size> codes;
    engine.encode(image, codes);
    auto const outputs = engine.infer(codes);
    int best = 0;
    for (std::size_t o = 0; o < engine.output_size; ++o) {
      CHECK(outputs[o] == all[i * engine.output_size + o]);
      if (outputs[o] > outputs[static_cast<std::size_t>(best)]) best = static_cast<int>(o);
    }
    CHECK(engine.classify(image) == best);
    CHECK(engine.classify(image, kernel::reference{}) == best);
  }
}
