#include <dyadic/kernel/dispatched.hpp>

#include "../kernel/built_kernels.hpp"
#include "../network/networks.hpp"
#include "../network/parity.hpp"
#include "../network/schemes.hpp"

namespace {

struct as_xnnpack : dyadic::scheme {
  using rescale = dyadic::xnnpack_fp32;
};
// Nothing in the tables: the baseline's kernels.
struct sixteen_bits : dyadic::scheme {
  using activations = dyadic::symmetric<16>;
};

/// One word in the line that runs the engine, and the same codes of every stage with every table.
template <class Network, class Scheme> void check(std::uint64_t seed) {
  INFO("seed ", seed);
  auto const net = parity::trained<Network, Scheme>(seed);
  auto const engine =
      std::make_unique<dyadic::integer_engine<Network, Scheme>>(dyadic::to_integer(net).value());
  constexpr std::size_t blocks = 1000 / parity::images;
  auto const block = [&](std::size_t i) {
    return parity::images_of(parity::images * net.input_size, seed + 1 + i);
  };
  std::vector<parity::trace> expected;
  for (std::size_t i = 0; i < blocks; ++i)
    expected.push_back(parity::deployed_trace(*engine, block(i), dyadic::kernel::reference{}));
  CHECK(parity::silent_stages(expected.front()).empty());
  sweep::for_each_table([&] {
    for (std::size_t i = 0; i < blocks; ++i) {
      INFO("block of images ", i);
      std::string const different = parity::difference(
          expected[i], parity::deployed_trace(*engine, block(i), dyadic::kernel::dispatched{}));
      REQUIRE(different == "");
    }
  });
}

}  // namespace

TEST_CASE_TEMPLATE("the integer engine gives the same codes with every instruction set's kernels", Scheme,
                   schemes::int8, schemes::four_bits, schemes::three_valued, schemes::as_tflite, as_xnnpack) {
  check<networks::lenet, Scheme>(11);
  check<networks::mixture, Scheme>(12);
}

TEST_CASE("so it does where the tables have no kernel") { check<networks::lenet, sixteen_bits>(13); }
