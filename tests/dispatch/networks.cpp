#include <dyadic/kernel/dispatched.hpp>

#include "../kernel/built_kernels.hpp"
#include "../network/networks.hpp"
#include "../network/parity.hpp"
#include "../network/schemes.hpp"

namespace {

struct as_xnnpack : dyadic::scheme {
  using rescale = dyadic::xnnpack_fp32;
};

/// One word in the line that runs the engine, and the same codes of every stage with every table.
template <class Network, class Scheme> void check(std::uint64_t seed) {
  INFO("seed ", seed);
  auto const net = parity::trained<Network, Scheme>(seed);
  auto const engine =
      std::make_unique<dyadic::integer_engine<Network, Scheme>>(dyadic::to_integer(net).value());
  auto const bytes = parity::images_of(parity::images * net.input_size, seed + 1);
  auto const expected = parity::deployed_trace(*engine, bytes, dyadic::kernel::reference{});
  CHECK(parity::every_stage_says_something(expected));
  sweep::for_each_table([&] {
    CHECK(parity::difference(expected,
                             parity::deployed_trace(*engine, bytes, dyadic::kernel::dispatched{})) == "");
  });
}

}  // namespace

TEST_CASE_TEMPLATE("the integer engine gives the same codes with every instruction set's kernels", Scheme,
                   schemes::int8, schemes::four_bits, schemes::three_valued, schemes::as_tflite, as_xnnpack) {
  check<networks::lenet, Scheme>(11);
  check<networks::mixture, Scheme>(12);
}
