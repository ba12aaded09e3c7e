#include "parity.hpp"
#include "sequences.hpp"

using namespace dyadic;

namespace {

struct int8 : scheme {};
struct four_bits : scheme {
  using weights = symmetric<4, per_channel, range::lsq>;
  using activations = affine<4, per_tensor, range::lsq>;
};
struct shifts : scheme {
  using rescale = power_of_two<>;
};
struct three_values : scheme {
  using weights = ternary<>;
};

/// `parity::images` at a time, each time other ones.
template <class Network, class Scheme> void check_thousand(std::uint64_t seed) {
  INFO("seed ", seed);
  auto const net = parity::trained<Network, Scheme>(seed);
  auto const engine = std::make_unique<integer_engine<Network, Scheme>>(to_integer(net).value());
  std::size_t inputs = 0;
  for (std::uint64_t group = 1; inputs < 1000; ++group, inputs += parity::images) {
    auto const bytes = parity::images_of(parity::images * net.input_size, seed + group);
    parity::trace const expected = parity::trained_trace(net, bytes);
    if (group == 1) CHECK(parity::every_stage_says_something(expected));
    REQUIRE(parity::difference(expected, parity::deployed_trace(*engine, bytes, kernel::native{})) == "");
    REQUIRE(parity::difference(expected, parity::deployed_trace(*engine, bytes, kernel::reference{})) == "");
  }
}

}  // namespace

TEST_CASE_TEMPLATE("codes of convolutions in time are the deployed ones", Scheme, int8, four_bits, shifts,
                   three_values) {
  check_thousand<networks::keyword, Scheme>(31);
  check_thousand<networks::in_time, Scheme>(32);
}

TEST_CASE_TEMPLATE("codes of windows whose taps are apart are the deployed ones", Scheme, int8, four_bits,
                   shifts, three_values) {
  check_thousand<networks::apart, Scheme>(33);
}
