#pragma once

#include "parity.hpp"

namespace parity {

/// As `check`, on `count` random images of one trained network.
template <class Network, class Scheme> void check_many(std::uint64_t seed, std::size_t count = 1000) {
  INFO("seed ", seed);
  auto const net = trained<Network, Scheme>(seed);
  auto const engine =
      std::make_unique<dyadic::integer_engine<Network, Scheme>>(dyadic::to_integer(net).value());
  for (std::size_t done = 0; done < count; done += images) {
    auto const bytes = images_of(images * net.input_size, seed + 1 + done);
    trace const expected = trained_trace(net, bytes);
    if (done == 0) CHECK(every_stage_says_something(expected));
    std::string const here = difference(expected, deployed_trace(*engine, bytes, dyadic::kernel::native{}));
    std::string const there =
        difference(expected, deployed_trace(*engine, bytes, dyadic::kernel::reference{}));
    INFO("image ", done);
    REQUIRE(here == "");
    REQUIRE(there == "");
  }
}

}  // namespace parity
