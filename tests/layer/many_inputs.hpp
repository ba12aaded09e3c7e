#pragma once

#include <doctest/doctest.h>

#include "../network/parity.hpp"

/// A trained network against its integer engine, on this machine's kernels and on the reference: every code
/// of every stage for a thousand random inputs.
namespace many_inputs {

template <class Network, class Scheme> void check(std::uint64_t seed) {
  INFO("seed ", seed);
  auto const net = parity::trained<Network, Scheme>(seed);
  auto const engine =
      std::make_unique<dyadic::integer_engine<Network, Scheme>>(dyadic::to_integer(net).value());
  dyadic::generator random = dyadic::generator::from({seed + 1});
  std::vector<std::uint8_t> bytes(parity::images * net.input_size);
  for (int group = 0; group < 125; ++group) {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.below(256));
    auto const expected = parity::trained_trace(net, bytes);
    if (group == 0)
      for (auto const& s : expected)
        REQUIRE_MESSAGE(parity::every_stage_says_something({s}), s.stage, " gives one code");
    auto const differing =
        parity::difference(expected, parity::deployed_trace(*engine, bytes, dyadic::kernel::native{})) +
        parity::difference(expected, parity::deployed_trace(*engine, bytes, dyadic::kernel::reference{}));
    REQUIRE_MESSAGE(differing == "", "group ", group, ": ", differing);
  }
}

struct int8 : dyadic::scheme {};
struct four_bits : dyadic::scheme {
  using weights = dyadic::symmetric<4, dyadic::per_channel, dyadic::range::lsq>;
  using activations = dyadic::affine<4, dyadic::per_tensor, dyadic::range::lsq>;
};
struct shifts : dyadic::scheme {
  using weights = dyadic::power_of_two_scale<8>;
  using activations = dyadic::power_of_two_scale<8>;
  using rescale = dyadic::power_of_two<dyadic::rounding::half_even>;
};
struct three_values : dyadic::scheme {
  using weights = dyadic::ternary<>;
};
struct as_tflite : dyadic::scheme {
  using rescale = dyadic::tflite_reference;
};
struct as_xnnpack : dyadic::scheme {
  using rescale = dyadic::xnnpack_fp32;
  using outputs = dyadic::affine<8>;
};

}  // namespace many_inputs
